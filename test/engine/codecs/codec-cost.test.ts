// What the largest body costs, whatever is in it: the event loop is blocked for less than 50 ms.
import { expect } from "chai";
import { codecs, type CodecName } from "../../../src/contract/codecs/codec.js";
import { ApiError } from "../../../src/errors.js";
import { contract, kind } from "./kinds.js";

const bound = 50;

// A batch may have 1.25 MiB; every other body has the server's usual limit.
const types = {
  Batch: { type: contract.root.lookupType("lyceum.v1.BatchSendMessagesRequest"), limit: 1.25 * 1024 * 1024 },
  Kinds: { type: kind("Kinds"), limit: 256 * 1024 },
  Bounded: { type: kind("Bounded"), limit: 256 * 1024 },
  Anys: { type: kind("Anys"), limit: 256 * 1024 },
};

type Part = string | readonly number[];

/** A body of a given size: as many of `part` as fit between the ends. */
function fill(begin: Part, part: Part = "", end: Part = ""): (size: number) => Buffer {
  return (size) => {
    const [head, body, tail] = [begin, part, end].map((each) => Buffer.from(each as string)) as [
      Buffer,
      Buffer,
      Buffer,
    ];
    const room = size - head.length - tail.length;
    return Buffer.concat([head, Buffer.alloc(room - (room % body.length), body), tail]);
  };
}

/** The same, of parts that differ. */
function count(begin: string, part: (index: number) => string, end: string): (size: number) => Buffer {
  return (size) => {
    const parts: string[] = [];
    for (let index = 0, room = size - begin.length - end.length; room > 20; index++) {
      parts.push(part(index));
      room -= parts[index]!.length + 1;
    }
    return Buffer.from(begin + parts.join(",") + end);
  };
}

const ofAnys = "/lyceum.test.kinds.v1.Anys";

/** 49 messages in one another, with white space in the innermost. */
function nestedAnys(size: number): Buffer {
  const levels = 49;
  const [begin, end] = ['{"one":'.repeat(levels), `,"@type":"${ofAnys}"}`.repeat(levels - 1)];
  return fill(`${begin}{`, " ", `"@type":"${ofAnys}"}${end}}`)(size);
}

/** A message in an Any, in the bytes of another one: several = 2, type_url = 1, value = 2. */
function inAnother(content: string): string {
  const any = `\n${String.fromCharCode(ofAnys.length)}${ofAnys}\x12${String.fromCharCode(content.length)}${content}`;
  return `\x12${String.fromCharCode(any.length)}${any}`;
}

/** The milliseconds of processor time that reading takes; the least of ten, since other processes share the machine. */
function cost(codec: CodecName, type: keyof typeof types, body: Buffer): number {
  const read = codecs[codec].reader(types[type].type);
  const once = (): number => {
    const start = process.cpuUsage();
    try {
      read(body);
    } catch (error) {
      expect(error).to.be.instanceOf(ApiError);
    }
    const { user, system } = process.cpuUsage(start);
    return (user + system) / 1000;
  };
  let least = once();
  for (let tries = 1; tries < 10 && least >= bound / 2; tries++) least = Math.min(least, once());
  return least;
}

describe("reading the largest body", () => {
  const bodies: Record<string, [codec: CodecName, type: keyof typeof types, body: (size: number) => Buffer]> = {
    "nested lists": ["json", "Batch", fill('{"messages":', "[")],
    "nested objects": ["json", "Kinds", fill("", '{"a_kinds":')],
    "nested lists behind the bound of a list": ["json", "Bounded", fill('{"numbers":[1,2,3,4,', "[")],
    "numbers behind the bound of a list": ["json", "Bounded", fill('{"numbers":[1', ",1", "]}")],
    "objects behind the bound of a list": ["json", "Batch", fill('{"messages":[{}', ",{}", "]}")],
    "texts behind the bound of a list": ["json", "Bounded", fill('{"texts":[""', ',""', "]}")],
    "keys behind the bound of a map": ["json", "Bounded", count('{"counts":{', (index) => `"${index}":1`, "}}")],
    "keys of a map": ["json", "Kinds", count('{"int64_by_string":{', (index) => `"k${index}":1`, "}}")],
    "numbers as keys of a map": ["json", "Kinds", count('{"string_by_int64":{', (index) => `"${index}":""`, "}}")],
    // In a hash table that goes by the low bits of a number, all of them would have one place.
    "keys of a map that are multiples of 2^16": [
      "json",
      "Kinds",
      count('{"int64_by_string":{', (index) => `"${index * 2 ** 16}":1`, "}}"),
    ],
    "one key of a map again and again": ["json", "Kinds", fill('{"int64_by_string":{"x":1', ',"x":1', "}}")],
    "unknown keys": ["json", "Batch", count("{", (index) => `"${index}":1`, "}")],
    "one key again and again": ["json", "Batch", fill('{"chat_id":1', ',"chat_id":1', "}")],
    "one list again and again": ["json", "Batch", fill('{"messages":[]', ',"messages":[]', "}")],
    "one long text": ["json", "Kinds", fill('{"a_string":"', "ы", '"}')],
    "one long text of escapes": ["json", "Kinds", fill('{"a_string":"', String.raw`\u0041\"\\`, '"}')],
    "one long text that does not end": ["json", "Kinds", fill('{"a_string":"', String.raw`\"`)],
    "one long key": ["json", "Kinds", fill('{"', "k", '":1}')],
    "one long number": ["json", "Kinds", fill('{"a_double":', "1", "}")],
    "one long fraction": ["json", "Kinds", fill('{"a_double":0.', "1", "}")],
    "one long number in a string": ["json", "Kinds", fill('{"an_int64":"', "1", '"}')],
    "one long timestamp": ["json", "Kinds", fill('{"a_time":"2026-11-23T12:00:00.', "1", 'Z"}')],
    "one long text of base64": ["json", "Kinds", fill('{"a_bytes":"', "AP_-", '"}')],
    "one long text of base64 that ends in the other alphabet": ["json", "Kinds", fill('{"a_bytes":"', "AP_-", '+"}')],
    "texts of base64": ["json", "Kinds", fill('{"several_bytes":[""', ',"AP-_"', "]}")],
    "one long fraction of a duration": ["json", "Kinds", fill('{"a_duration":"1.', "1", 's"}')],
    durations: ["json", "Kinds", fill('{"durations":["0s"', ',"1.000000001s"', "]}")],
    "one duration again and again": ["json", "Kinds", fill('{"a_duration":"0s"', ',"a_duration":"1.000000001s"', "}")],
    "wrapped integers": ["json", "Kinds", fill('{"wrapped_int64s":[0', ",1", "]}")],
    "objects that could each be an Any": ["json", "Anys", fill('{"one":', '{"one":', "")],
    "an Any in another, each with its type at its end": ["json", "Anys", nestedAnys],
    "types that are none": ["json", "Anys", fill('{"one":{"several":[{}', ',{"@type":"/x"}', "]}}")],
    "Anys with their type at their end": [
      "json",
      "Anys",
      fill('{"several":[{}', `,{"text":"","@type":"${ofAnys}"}`, "]}"),
    ],
    "Anys with their type first": ["json", "Anys", fill('{"several":[{}', `,{"@type":"${ofAnys}"}`, "]}")],
    "white space": ["json", "Kinds", fill("{", " ", "}")],
    "a packed list": [
      "protobuf",
      "Bounded",
      (size) => Buffer.concat([Buffer.from([10, 0xf0, 0xff, 0x0f]), Buffer.alloc(0x3fff0, 1)]).subarray(0, size),
    ],
    "a list that is not packed": ["protobuf", "Bounded", fill("", [8, 1])],
    "empty messages": ["protobuf", "Batch", fill("", [18, 0])],
    "empty texts": ["protobuf", "Bounded", fill("", [18, 0])],
    "empty entries of a map": ["protobuf", "Bounded", fill("", [34, 0])],
    "one field again and again": ["protobuf", "Batch", fill("", [8, 1])],
    "one timestamp again and again": ["protobuf", "Kinds", fill("", [0x82, 1, 0])],
    "one duration in pieces again and again": ["protobuf", "Kinds", fill("", [0xa2, 1, 2, 16, 1])],
    "one wrapper in pieces again and again": ["protobuf", "Kinds", fill("", [0xda, 4, 2, 8, 1])],
    "empty durations": ["protobuf", "Kinds", fill("", [0xd2, 2, 0])],
    "fields of one byte": ["protobuf", "Kinds", fill("", [0xca, 2, 1, 0xff])],
    "unknown fields": ["protobuf", "Kinds", fill("", [0xf8, 0x3f, 1])],
    "unknown groups one behind the other": ["protobuf", "Kinds", fill("", [0xfb, 0x3f, 0xfc, 0x3f])],
    "unknown groups one in the other": ["protobuf", "Kinds", fill("", [0xfb, 0x3f])],
    "empty Anys": ["protobuf", "Anys", fill("", [18, 0])],
    "Anys in others": ["protobuf", "Anys", fill("", [...Buffer.from(inAnother(inAnother(inAnother(""))))])],
    "one Any in pieces again and again": ["protobuf", "Anys", fill("", [10, 2, 18, 0])],
    "the types of one Any": ["protobuf", "Anys", fill("", [10, 4, 10, 2, 0x2f, 0x78])],
    zeros: ["protobuf", "Kinds", fill("", [0])],
    "bytes that are all set": ["protobuf", "Kinds", fill("", [0xff])],
  };
  for (const [what, [codec, type, body]] of Object.entries(bodies)) {
    it(`takes less than ${bound} ms: ${codec}, ${what}`, () => {
      const { limit } = types[type];
      const filled = body(limit);
      expect(filled.length).to.be.within(limit * 0.9, limit);
      expect(cost(codec, type, filled)).to.be.below(bound);
    });
  }
});
