// Binding of the path and the query to a request.
import { expect } from "chai";
import { binder, type Bind } from "../../src/contract/bind.js";
import { defaults, type Plain } from "../../src/contract/codecs/codec.js";
import { contract, kind, refusal } from "./codecs/kinds.js";

const Query = kind("Query");

function bindOf(name: string): Bind {
  return binder(contract.methods.find((method) => method.name === name)!);
}

const bindFind = bindOf("FindKinds");
const bindChange = bindOf("ChangeKinds");
const bindToken = bindOf("FindByToken");

/** The fields of a GET with this query that differ from the defaults and from the path. */
function bound(query: string, path: readonly string[] = ["1", ""]): Plain {
  const request = defaults(Query);
  bindFind(request, path, query);
  const blank: Plain = { ...defaults(Query), id: 1 };
  return Object.fromEntries(
    Object.entries(request).filter(([key, value]) => JSON.stringify(value) !== JSON.stringify(blank[key])),
  );
}

describe("a query", () => {
  const accepted: Record<string, [query: string, meaning: Plain]> = {
    "may be empty": ["", {}],
    "may hold empty parts": ["&&is_open=true&", { is_open: true }],
    "names fields in snake_case or lowerCamelCase": ["page_size=5&isOpen=true", { page_size: 5, is_open: true }],
    "ignores alt": ["alt=json&alt=proto&page_size=5", { page_size: 5 }],
    "decodes its keys and values": [
      "page%5Fsize=5&sender_name=%D1%87%D0%B0%D0%B9+%26%2B%3D=",
      { page_size: 5, sender_name: "чай &+==" },
    ],
    "sets a string to the empty text": ["sender_name=", { sender_name: "" }],
    "sets a string to the empty text without an equals sign": ["sender_name", { sender_name: "" }],
    "repeats keys of lists": ["user_ids=3&user_ids=-1&user_ids=3", { user_ids: [3, -1, 3] }],
    "is read to one element more than a list may have": [
      "user_ids=1&user_ids=2&user_ids=3&user_ids=4&user_ids=5",
      { user_ids: [1, 2, 3, 4] },
    ],
    "takes an enum by name": ["color=COLOR_RED", { color: "COLOR_RED" }],
    "takes an enum by number": ["color=2", { color: "COLOR_BLUE" }],
    "leaves an enum's number that is not defined to validation": ["color=77", { color: 77 }],
    "takes moments": ["created_after=2026-11-23T15:00:00%2B03:00", { created_after: "2026-11-23T12:00:00.000Z" }],
    "takes Durations": ["within=90.5s&pauses=-1s&pauses=0s", { within: "90.500s", pauses: ["-1s", "0s"] }],
    "takes bytes in base64, standard or URL-safe": [
      "sender_key=-_8&keys=&keys=AQ%3D%3D&keys=%2B%2F8",
      { sender_key: Buffer.from([0xfb, 0xff]), keys: [Buffer.alloc(0), Buffer.from([1]), Buffer.from([0xfb, 0xff])] },
    ],
    "takes wrappers as their values": ["at_least=0", { at_least: 0 }],
    "takes floats": ["score=-1.5e3", { score: -1500 }],
    "takes one member of a oneof": ["sender_id=0", { sender_id: 0 }],
  };
  for (const [sentence, [query, meaning]] of Object.entries(accepted))
    it(sentence, () => expect(bound(query)).to.deep.equal(meaning));

  const refused: Record<string, [query: string, pointer: string, message: RegExp]> = {
    "an unknown key": ["page_sise=5", "/page_sise", /not a field/],
    "a key that every object has": ["__proto__=5", "/__proto__", /not a field/],
    "an unknown key that is not a name": ["a-b=5", "", /holds a key/],
    "a key twice": ["page_size=5&page_size=5", "/page_size", /twice/],
    "two spellings of one key": ["page_size=5&pageSize=5", "/page_size", /twice/],
    "two spellings of a list's key": ["user_ids=5&userIds=5", "/user_ids", /twice/],
    "two members of a oneof": ["sender_id=1&sender_name=x", "/sender_name", /together with sender_id/],
    "a malformed percent sign in a value": ["sender_name=%", "", /%/],
    "a malformed percent sign in a key": ["%zz=1", "", /%/],
    "percent signs that are not UTF-8": ["sender_name=%ff", "", /UTF-8/],
    "a word for an integer": ["page_size=abc", "/page_size", /whole number/],
    "an empty text for an integer": ["page_size=", "/page_size", /whole number/],
    "a fraction for an integer": ["page_size=1.0", "/page_size", /whole number/],
    "an exponent for an integer": ["page_size=1e2", "/page_size", /whole number/],
    "a leading zero": ["page_size=05", "/page_size", /whole number/],
    "a leading plus": ["page_size=%2B5", "/page_size", /whole number/],
    "an integer beyond 32 bits": ["page_size=2147483648", "/page_size", /whole number/],
    "an integer beyond 2^53 - 1": ["user_ids=1&user_ids=9007199254740992", "/user_ids/1", /9007199254740991/],
    "1 for a bool": ["is_open=1", "/is_open", /true or false/],
    "True for a bool": ["is_open=True", "/is_open", /true or false/],
    "an unknown enum name": ["color=RED", "/color", /one of COLOR_UNSPECIFIED/],
    "an enum's number beyond 32 bits": ["color=2147483648", "/color", /one of/],
    "a moment whose plus was decoded to a space": [
      "created_after=2026-11-23T15:00:00+03:00",
      "/created_after",
      /RFC 3339.*%2B/,
    ],
    "a number for a Duration": ["within=90", "/within", /must be a duration/],
    "text that is not base64": ["sender_key=a", "/sender_key", /must be base64/],
    "base64 whose plus was decoded to a space": ["keys=AQ&keys=+/8=", "/keys/1", /must be base64/],
    "a word for a wrapped integer": ["at_least=abc", "/at_least", /whole number/],
    "a word for a float": ["score=high", "/score", /must be a number/],
  };
  for (const [what, [query, pointer, message]] of Object.entries(refused)) {
    it(`refuses ${what}`, () => {
      const fault = refusal(() => bound(query));
      expect(fault.pointer).to.equal(pointer);
      expect(fault.message).to.match(message);
      expect(fault.detail).not.to.contain("abc");
    });
  }

  it("may have no key but alt on a method with a body", () => {
    const request = { ...defaults(Query), page_size: 7 };
    bindChange(request, ["5"], "alt=json");
    expect(request).to.deep.equal({ ...defaults(Query), id: 5, page_size: 7 });
    expect(refusal(() => bindChange(request, ["5"], "page_size=1")).pointer).to.equal("/page_size");
    expect(refusal(() => bindChange(request, ["5"], "x=1")).pointer).to.equal("/x");
  });
});

describe("a path", () => {
  it("may repeat what the body and the query have", () => {
    const request = { ...defaults(Query), id: 5 };
    bindFind(request, ["5", "path"], "name=path");
    expect(request).to.deep.include({ id: 5, name: "path" });
  });

  it("is refused beside another value in the body or the query", () => {
    const body = { ...defaults(Query), id: 9 };
    const fault = refusal(() => bindFind(body, ["5", "path"], ""));
    expect(fault).to.deep.include({ field: "id", pointer: "/id", message: "has another value in the path" });
    expect(refusal(() => bound("name=query", ["5", "path"])).pointer).to.equal("/name");
    const first = { ...defaults(Query), created_after: "2026-11-23T12:00:00.000Z" };
    const values = ["-_8", "1.5s", "COLOR_RED", "-7", "2026-11-23T12:00:00.001Z"];
    expect(refusal(() => bindToken(first, values, "")).pointer).to.equal("/created_after");
  });

  it("takes any text for a string", () => {
    expect(bound("", ["1", "чай/+%"])).to.deep.equal({ name: "чай/+%" });
  });

  for (const id of ["abc", "", "1.0", "01", " 1", "9007199254740992", "0x1"]) {
    it(`refuses "${id}" for an id`, () => {
      const fault = refusal(() => bound("", [id, ""]));
      expect(fault).to.deep.include({ field: "id", pointer: "/id" });
      expect(fault.message).to.equal("must be a whole number between -9007199254740991 and 9007199254740991");
    });
  }

  it("takes bytes, Durations, enums, wrappers and Timestamps", () => {
    const request = defaults(Query);
    bindToken(request, ["-_8", "1.5s", "COLOR_RED", "-7", "2026-11-23T15:00:00+03:00"], "");
    expect(request).to.deep.equal({
      ...defaults(Query),
      token: Buffer.from([0xfb, 0xff]),
      within: "1.500s",
      color: "COLOR_RED",
      at_least: -7,
      created_after: "2026-11-23T12:00:00.000Z",
    });
  });

  for (const [index, name] of ["token", "within", "color", "at_least", "created_after"].entries()) {
    it(`refuses text that is not a value of ${name}`, () => {
      const values = ["AQ", "1s", "1", "1", "2026-11-23T12:00:00Z"].with(index, "!");
      expect(refusal(() => bindToken(defaults(Query), values, "")).pointer).to.equal(`/${name}`);
    });
  }

  it("takes a value that only validation refuses", () => {
    expect(bound("", ["0", ""])).to.deep.equal({ id: 0 });
    expect(bound("", ["-1", ""])).to.deep.equal({ id: -1 });
  });
});
