// What the JSON codecs read and what they refuse, line by line.
import { expect } from "chai";
import fc from "fast-check";
import { codecs, defaults, type Plain } from "../../../src/contract/codecs/codec.js";
import { kind, refusal } from "./kinds.js";
import { jsonOf } from "./kinds-arbitrary.js";

const Kinds = kind("Kinds");
const read = codecs.json.reader(Kinds);

/** The fields that differ from their defaults. */
function setFields(body: string | Buffer): Plain {
  const message = read(Buffer.from(body));
  const blank = defaults(Kinds);
  return Object.fromEntries(
    Object.entries(message).filter(
      ([key, value]) => JSON.stringify(value) !== JSON.stringify(blank[key]) || Object.is(value, -0),
    ),
  );
}

function countMembers(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  const inside = Object.values(value).reduce<number>((sum, each) => sum + countMembers(each), 0);
  return Array.isArray(value) ? inside : inside + Object.keys(value).length;
}

/** JSON in which one member of all, chosen by its number, comes twice. */
function withTwice(json: unknown, chosen: number, isEscaped: boolean): string {
  let members = 0;
  const key = (text: string): string =>
    isEscaped && text !== ""
      ? `"\\u${text.charCodeAt(0).toString(16).padStart(4, "0")}${JSON.stringify(text.slice(1)).slice(1)}`
      : JSON.stringify(text);
  const write = (value: unknown): string => {
    if (typeof value !== "object" || value === null) return JSON.stringify(value);
    if (Array.isArray(value)) return `[${value.map(write).join()}]`;
    const written = Object.entries(value).flatMap(([name, each]) => {
      const isChosen = members++ === chosen;
      const member = `:${write(each)}`;
      return isChosen ? [JSON.stringify(name) + member, key(name) + member] : [JSON.stringify(name) + member];
    });
    return `{${written.join()}}`;
  };
  return write(json);
}

describe("reading JSON", () => {
  const accepted: Record<string, [body: string, meaning: Plain]> = {
    "an empty object is a message in which nothing is set": ["{}", {}],
    "white space is skipped": [' \t\r\n{ "a_string" : "x" , "a_bool":true }\n', { a_string: "x", a_bool: true }],
    "a byte order mark is skipped": ['\uFEFF{"a_bool":true}', { a_bool: true }],
    "keys may be in lowerCamelCase": ['{"aString":"x","maybeInt32":1}', { a_string: "x", maybe_int32: 1 }],
    "null is the absent field": [
      '{"a_string":null,"maybe_string":null,"strings":null,"a_kinds":null,"int64_by_string":null,"a_time":null}',
      {},
    ],
    "an optional field keeps its default when it is given": [
      '{"maybe_string":"","maybe_int32":0}',
      { maybe_string: "", maybe_int32: 0 },
    ],
    "escapes are resolved": [
      String.raw`{"a_string":"\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00\u0000"}`,
      { a_string: '"\\/\b\f\n\r\té😀\0' },
    ],
    "text may be in any script": ['{"a_string":"Привет, 世界 😀 \u2028"}', { a_string: "Привет, 世界 😀 \u2028" }],
    "keys may be escaped": [String.raw`{"a\u005fstring":"x"}`, { a_string: "x" }],
    "integers may be strings": [
      '{"an_int32":"-7","an_int64":"9007199254740991"}',
      { an_int32: -7, an_int64: 9007199254740991 },
    ],
    "integers may have a fraction of nothing, or an exponent": [
      '{"an_int32":1.0,"a_uint32":1e2,"an_int64":"1.5E1","a_uint64":-0,"a_sint32":120e-1}',
      { an_int32: 1, a_uint32: 100, an_int64: 15, a_sint32: 12 },
    ],
    "integers reach to both ends": [
      '{"an_int32":-2147483648,"a_sint32":2147483647,"a_uint32":4294967295,"a_sfixed64":-9007199254740991}',
      { an_int32: -2147483648, a_sint32: 2147483647, a_uint32: 4294967295, a_sfixed64: -9007199254740991 },
    ],
    "floats may be numbers, strings, NaN and infinities": [
      '{"a_double":"NaN","maybe_double":"-Infinity","doubles":[1,-0.5e-3,"Infinity","2.5",-0]}',
      { a_double: NaN, maybe_double: -Infinity, doubles: [1, -0.0005, Infinity, 2.5, -0] },
    ],
    "a float is what 32 bits can hold": ['{"a_float":0.1}', { a_float: Math.fround(0.1) }],
    "an enum may be a name or a number": [
      '{"a_color":"COLOR_RED","maybe_color":2}',
      { a_color: "COLOR_RED", maybe_color: "COLOR_BLUE" },
    ],
    "an enum's number that is not defined is left for validation to refuse": [
      '{"a_color":77,"colors":[-1]}',
      { a_color: 77, colors: [-1] },
    ],
    "a Timestamp is converted to UTC, and keeps digits that are finer than milliseconds": [
      '{"a_time":"2026-11-23T15:00:00.123999999+03:00","times":["1969-12-31T23:59:59.9999Z","0001-01-01T00:00:00Z","9999-12-31T23:59:59.999999999Z","2024-02-29T00:00:00-00:30"]}',
      {
        a_time: "2026-11-23T12:00:00.123999999Z",
        times: [
          "1969-12-31T23:59:59.999900Z",
          "0001-01-01T00:00:00.000Z",
          "9999-12-31T23:59:59.999999999Z",
          "2024-02-29T00:30:00.000Z",
        ],
      },
    ],
    "one member of a oneof is set, also to its default": [
      '{"chosen_string":"","chosen_int64":null}',
      { chosen_string: "" },
    ],
    "an empty message is an object": ['{"an_empty":{}}', { an_empty: {} }],
  };
  for (const [sentence, [body, meaning]] of Object.entries(accepted))
    it(sentence, () => expect(setFields(body)).to.deep.equal(meaning));

  const refused: Record<string, [body: string | Buffer, pointer: string, message: RegExp]> = {
    "no bytes": ["", "", /breaks off/],
    "white space alone": ["  \n", "", /breaks off/],
    "a list as the whole body": ["[]", "", /must be an object/],
    "null as the whole body": ["null", "", /must be an object/],
    "a string as the whole body": ['"{}"', "", /must be an object/],
    "something behind the body": ["{} {}", "", /byte 3/],
    "a body that breaks off": ['{"a_string":"x"', "", /breaks off/],
    "a string that breaks off": ['{"a_string":"x', "", /breaks off/],
    "a trailing comma": ['{"a_bool":true,}', "", /byte 15/],
    "a trailing comma in a list": ['{"bools":[true,]}', "", /byte 15/],
    "a missing comma": ['{"bools":[true false]}', "", /byte 15/],
    "a missing colon": ['{"a_bool" true}', "", /byte 10/],
    "a key without quotes": ["{a_bool:true}", "", /byte 1/],
    "single quotes": ["{'a_bool':true}", "", /byte 1/],
    "a comment": ["{/**/}", "", /byte 1/],
    "a misspelled literal": ['{"a_bool":trae}', "", /byte 12/],
    "a bare word": ['{"a_string":hello}', "", /byte 12/],
    "NaN without quotes": ['{"a_double":NaN}', "", /byte 12/],
    "a leading zero": ['{"an_int32":01}', "", /byte 12/],
    "a leading point": ['{"a_double":.5}', "", /byte 12/],
    "a point without digits": ['{"an_int32":1.}', "", /byte 12/],
    "a leading plus": ['{"an_int32":+1}', "", /byte 12/],
    "a control character in a string": ['{"a_string":"a\nb"}', "", /byte 14/],
    "an unknown escape": [String.raw`{"a_string":"\x41"}`, "", /byte 12/],
    "half an escape": [String.raw`{"a_string":"\u12"}`, "", /byte 12/],
    "bytes that are not UTF-8": [Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), "", /not UTF-8/],
    "UTF-16": [Buffer.from('{"a_bool":true}', "utf16le"), "", /byte 1/],
    "half a surrogate pair": [String.raw`{"a_string":"\ud83d"}`, "/a_string", /surrogate/],
    "the halves of a pair in the wrong order": [String.raw`{"strings":["\ude00\ud83d"]}`, "/strings/0", /surrogate/],
    "an unknown key": ['{"a_strin":"x"}', "/a_strin", /not a field of lyceum.test.kinds.v1.Kinds/],
    "an unknown key that is null": ['{"a_strin":null}', "/a_strin", /not a field/],
    "an unknown key in a list": ['{"kinds":[{},{"x":1}]}', "/kinds/1/x", /not a field/],
    "an unknown key without the form of a name": ['{"a-b":1}', "", /holds a key that is not a field/],
    "an unknown key without the form of a name, further in": [
      '{"a_kinds":{"":1}}',
      "/a_kinds",
      /holds a key that is not a field/,
    ],
    "a key that every object inherits": ['{"__proto__":{}}', "/__proto__", /not a field/],
    "another key that every object inherits": ['{"constructor":{}}', "/constructor", /not a field/],
    "one key twice": ['{"a_string":"x","a_string":"x"}', "/a_string", /^is given twice$/],
    "one key twice, first as null": ['{"a_bool":null,"a_bool":true}', "/a_bool", /twice/],
    "one key twice, then as null": ['{"strings":["x"],"strings":null}', "/strings", /twice/],
    "one key twice, the second time with an escape": [
      String.raw`{"a_string":"x","a_\u0073tring":"x"}`,
      "/a_string",
      /twice/,
    ],
    "two spellings of one key": ['{"a_string":"x","aString":"x"}', "/a_string", /twice/],
    "two spellings of one key, one null": ['{"aString":null,"a_string":"x"}', "/a_string", /twice/],
    "one key of a map twice": ['{"int64_by_string":{"x":1,"y":2,"x":1}}', "/int64_by_string/x", /^is given twice$/],
    "one key of a map twice, the second time with an escape": [
      String.raw`{"int64_by_string":{"/":1,"\/":1}}`,
      "/int64_by_string/~1",
      /twice/,
    ],
    "a key __proto__ of a map twice": [
      '{"int64_by_string":{"__proto__":1,"__proto__":1}}',
      "/int64_by_string/__proto__",
      /twice/,
    ],
    "two notations of one number as keys of a map": [
      '{"string_by_int64":{"0":"a","-0":"b"}}',
      "/string_by_int64/0",
      /twice/,
    ],
    "a map with a key that is given twice, as null": [
      '{"int64_by_string":{"x":1,"x":null}}',
      "/int64_by_string/x",
      /twice/,
    ],
    "a number for a string": ['{"a_string":1}', "/a_string", /must be a string/],
    "an object for a string": ['{"a_string":{}}', "/a_string", /must be a string/],
    'the string "true" for a bool': ['{"a_bool":"true"}', "/a_bool", /true or false/],
    "a number for a bool": ['{"a_bool":1}', "/a_bool", /true or false/],
    "a fraction for an integer": ['{"an_int32":1.5}', "/an_int32", /between -2147483648 and 2147483647/],
    "a huge number for an integer": ['{"an_int32":1e40}', "/an_int32", /whole number/],
    "an integer beyond 32 bits": ['{"an_int32":2147483648}', "/an_int32", /whole number/],
    "a negative unsigned integer": ['{"a_uint32":-1}', "/a_uint32", /between 0 and 4294967295/],
    "an integer beyond 2^53 - 1": ['{"an_int64":9007199254740992}', "/an_int64", /9007199254740991/],
    "an integer below -(2^53 - 1), as a string": ['{"an_int64":"-9007199254740992"}', "/an_int64", /9007199254740991/],
    "an empty string for an integer": ['{"an_int32":""}', "/an_int32", /whole number/],
    "a string with blanks for an integer": ['{"an_int32":" 1"}', "/an_int32", /whole number/],
    "a string in another base for an integer": ['{"an_int32":"0x10"}', "/an_int32", /whole number/],
    "a bool for an integer": ['{"an_int32":true}', "/an_int32", /whole number/],
    "an empty string for a double": ['{"a_double":""}', "/a_double", /must be a number/],
    "another word for a double": ['{"a_double":"infinity"}', "/a_double", /must be a number/],
    "a double beyond all doubles": ['{"a_double":1e400}', "/a_double", /must be a number/],
    "a float beyond all floats": ['{"a_float":3.5e38}', "/a_float", /must be a number/],
    "an unknown enum name": [
      '{"a_color":"COLOR_GREEN"}',
      "/a_color",
      /one of COLOR_UNSPECIFIED, COLOR_RED, COLOR_BLUE/,
    ],
    "an enum name in lower case": ['{"a_color":"color_red"}', "/a_color", /one of/],
    "an enum number beyond 32 bits": ['{"a_color":2147483648}', "/a_color", /one of/],
    "a fraction for an enum": ['{"a_color":0.5}', "/a_color", /one of/],
    "a list where a value belongs": ['{"a_string":["x"]}', "/a_string", /must be a string/],
    "a value where a list belongs": ['{"strings":"x"}', "/strings", /must be a list/],
    "an object where a list belongs": ['{"strings":{}}', "/strings", /must be a list/],
    "null in a list": ['{"strings":["x",null]}', "/strings/1", /must be a string/],
    "null in a list of messages": ['{"kinds":[null]}', "/kinds/0", /must be an object/],
    "null in a map": ['{"int64_by_string":{"x":null}}', "/int64_by_string/x", /whole number/],
    "a list where a map belongs": ['{"int64_by_string":[]}', "/int64_by_string", /must be an object/],
    "a map's key of the wrong type": ['{"string_by_int64":{"x":""}}', "/string_by_int64", /whole number/],
    "a string where a message belongs": ['{"a_kinds":"{}"}', "/a_kinds", /must be an object/],
    "two members of a oneof": [
      '{"chosen_string":"","chosen_bool":false}',
      "/chosen_bool",
      /together with chosen_string/,
    ],
    "a Timestamp without zone": ['{"a_time":"2026-11-23T12:00:00"}', "/a_time", /RFC 3339/],
    "a Timestamp in seconds": ['{"a_time":1700000000}', "/a_time", /RFC 3339/],
    "a Timestamp as an object": ['{"a_time":{"seconds":1}}', "/a_time", /RFC 3339/],
    "a day that no calendar has": ['{"a_time":"2026-02-29T00:00:00Z"}', "/a_time", /RFC 3339/],
    "hour 24": ['{"a_time":"2026-02-28T24:00:00Z"}', "/a_time", /RFC 3339/],
    "a small t in a Timestamp": ['{"a_time":"2026-02-28t00:00:00Z"}', "/a_time", /RFC 3339/],
    "ten digits of a fraction": ['{"a_time":"2026-02-28T00:00:00.0123456789Z"}', "/a_time", /RFC 3339/],
    "a Timestamp before the year 1": ['{"a_time":"0001-01-01T00:00:00+00:01"}', "/a_time", /0001 and 9999/],
    "a Timestamp after the year 9999": ['{"times":["9999-12-31T23:59:59.999-00:01"]}', "/times/0", /0001 and 9999/],
  };
  for (const [what, [body, pointer, message]] of Object.entries(refused)) {
    it(`refuses ${what}`, () => {
      const fault = refusal(() => read(Buffer.from(body)));
      expect(fault.pointer).to.equal(pointer);
      expect(fault.message).to.match(message);
      expect(fault.detail).to.equal(fault.field === "" ? fault.message : `${fault.field} ${fault.message}`);
    });
  }

  it("reports the place of a fault, as a path and as a JSON pointer", () => {
    const fault = refusal(() =>
      read(Buffer.from('{"kinds":[{},{},{"kinds_by_bool":{"true":{"int64_by_string":{"a/b~\\"c":"?"}}}}]}')),
    );
    expect(fault.field).to.equal(String.raw`kinds[2].kinds_by_bool["true"].int64_by_string["a/b~\"c"]`);
    expect(fault.pointer).to.equal('/kinds/2/kinds_by_bool/true/int64_by_string/a~1b~0"c');
  });

  it("does not send a long key back", () => {
    const long = "k".repeat(100_000);
    expect(JSON.stringify(refusal(() => read(Buffer.from(`{"${long}":1}`)))).length).to.be.below(1000);
    expect(refusal(() => read(Buffer.from(`{"int64_by_string":{"${long}":"?"}}`))).pointer).to.equal(
      "/int64_by_string",
    );
  });

  it("never quotes the client's values", () => {
    for (const field of Kinds.fieldsArray) {
      const fault = refusal(() => read(Buffer.from(`{"${field.name}":["SECRET",{"SECRET" }]}`)));
      expect(JSON.stringify(fault)).not.to.contain("SECRET");
    }
  });

  it("keeps map keys that every object inherits", () => {
    const { int64_by_string: map } = read(Buffer.from('{"int64_by_string":{"__proto__":1,"constructor":2}}')) as {
      int64_by_string: Plain;
    };
    expect(Object.entries(map)).to.deep.equal([
      ["__proto__", 1],
      ["constructor", 2],
    ]);
    expect(({} as Plain)["constructor"]).to.equal(Object);
  });

  it("writes the keys of a map in one form", () => {
    const { string_by_int64: map } = read(Buffer.from('{"string_by_int64":{"-0":"b","7":"c"}}'));
    expect({ ...(map as Plain) }).to.deep.equal({ 0: "b", 7: "c" });
  });

  it("refuses a member that is given twice, at any depth, and names it", () => {
    let duplicated = 0;
    fc.assert(
      fc.property(jsonOf(Kinds), fc.nat(), fc.boolean(), (json, chosen, isEscaped) => {
        const members = countMembers(json);
        if (members === 0) return;
        duplicated++;
        const text = withTwice(json, chosen % members, isEscaped);
        expect(JSON.parse(text)).to.deep.equal(json);
        const { field, message } = refusal(() => read(Buffer.from(text)));
        expect(message, text).to.equal("is given twice");
        expect(field).not.to.equal("");
      }),
      { seed: 20261123, numRuns: 500 },
    );
    expect(duplicated).to.be.greaterThan(300);
  });

  it("is the same for both JSON codecs", () => {
    expect(codecs.protojson.reader(Kinds)).to.equal(codecs.json.reader(Kinds));
  });

  it("fills every field that has no presence, and no other", () => {
    expect(read(Buffer.from("{}"))).to.deep.equal(defaults(Kinds));
    expect(Object.keys(defaults(Kinds))).to.deep.equal(
      Kinds.fieldsArray
        .filter(
          ({ name }) =>
            !/^(maybe|chosen)_|^(a_time|a_duration|a_kinds|an_empty|wrapped_(double|float|u?int(32|64)|bool|string|one_bytes))$/.test(
              name,
            ),
        )
        .map(({ name }) => name),
    );
  });

  it("gives each message lists and maps of its own", () => {
    (read(Buffer.from("{}"))["strings"] as string[]).push("x");
    (read(Buffer.from("{}"))["int64_by_string"] as Plain)["x"] = 1;
    expect(read(Buffer.from("{}"))).to.deep.equal(defaults(Kinds));
  });
});
