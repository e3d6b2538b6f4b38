// Which equivalent and refused encodings there are for a message with every kind of field.
import { expect } from "chai";
import type { CodecName } from "../../../runner/client/encoding.js";
import { sameMeaning } from "../../../runner/encodings/encodings.js";
import { repeats } from "../../support/numbers.js";
import { Examples } from "./examples.js";

describe("the encodings of a message with every kind of field", () => {
  let examples: Examples;
  before(async function () {
    this.timeout(60_000);
    examples = await Examples.open(repeats(5, 1));
  });

  /** The wanted names that no variant has. */
  const missing = (found: readonly string[], wanted: readonly string[]): string[] =>
    wanted.filter((name) => !found.includes(name));
  const names = (sort: "same" | "refused", codec: CodecName): string[] =>
    examples.fullKinds(codec)[sort].map(({ name }) => name);

  it("include all of these in protobuf", () => {
    const same = names("same", "protobuf");
    expect(
      missing(same, [
        "fields in reverse order",
        "every tag in five bytes",
        "every length in five bytes",
        "every varint in ten bytes",
        ...[0, 1, 2, 3, 5].map((type) => `unknown fields of wire type ${type} before, between and after the others`),
        "unknown fields of the highest number",
        "unknown fields of every wire type inside every message",
        "99 unknown groups, nested",
        "every known number once more, as a group",
        "a_string twice, the last counts",
        "a_double twice, the last counts",
        "a_color with bits beyond its type",
        "an_int32 with bits beyond its type",
        "a negative an_int32 in five bytes",
        "a_bool true as the number 2",
        "a_uint64 as a varint of ten bytes",
        "a_fixed32 again, with another wire type",
        "a_kinds in two pieces that are merged",
        "a_kinds in two pieces, the second empty",
        "a_kinds in two pieces that both have its single fields, the last count",
        "a_time in two pieces that are merged",
        "int32s not packed",
        "int32s packed and not packed in turns",
        "loose_int64s packed",
        "doubles not packed",
        "strings with other fields between its values",
        "entries of int64_by_string with the value before the key",
        "entries of int64_by_string without what is a default",
        "entries of kinds_by_bool with unknown fields in them",
        "each entry of time_by_uint32 twice, the last counts",
        "chosen_string after another of its oneof, the last counts",
      ]),
    ).to.deep.equal([]);
    const kinds = examples.kindsType("Kinds");
    expect(sameMeaning(examples.descriptors, kinds, {}, "protobuf").map(({ name }) => name)).to.include(
      "defaults written out",
    );
  });

  it("include all of these in JSON", () => {
    for (const [codec, keys, numbers] of [
      ["json", "keys in lowerCamelCase", "whole numbers in quotes"],
      ["protojson", "keys as in the .proto file", "whole numbers without quotes"],
    ] as const) {
      expect(
        missing(names("same", codec), [
          keys,
          numbers,
          "whole numbers with a fraction of zero",
          "whole numbers with an exponent",
          "other numbers in quotes",
          "enums by number",
          "bytes in the URL-safe alphabet",
          "bytes without padding",
          "every letter escaped, in keys too",
          "slashes escaped",
          "timestamps at the offset +03:00",
          "timestamps at the offset -00:00",
          "timestamps with as few digits as necessary",
          "timestamps with nine digits of a fraction",
          "white space of all four kinds around every token",
          "members in reverse order",
          "a byte order mark at the beginning",
          "null for every absent field",
          "-0 for every number that is 0",
        ]),
      ).to.deep.equal([]);
    }
    const empty = sameMeaning(examples.descriptors, examples.kindsType("Kinds"), {}, "json").map(({ name }) => name);
    expect(empty).to.include("defaults written out");
  });

  it("that must be refused include all of these in protobuf", () => {
    expect(
      missing(names("refused", "protobuf"), [
        "a zero tag",
        "a zero tag inside a message",
        ...[0, 1, 2, 3, 4, 5].map((type) => `field number zero with wire type ${type}`),
        "a field number above 2^29 - 1",
        "a tag of six bytes",
        "wire type 6",
        "wire type 7 of a known field",
        "the end of a group that did not begin",
        "a group that does not end",
        "a group that ends as another",
        "100 unknown groups, nested",
        "messages nested 101 deep",
        "an_int32 as a varint of eleven bytes",
        "a_string with one byte less than its length",
        "a_string with a negative length",
        "a_double cut short by its last byte",
        "a_string with a truncated letter",
        "strings with half a surrogate pair",
        "int64_by_string.key with an overlong letter",
        "an_int64 of 2^53",
        "sint64s of -(2^63)",
        "a_uint64 of 2^64 - 1",
        "int64_by_string.value of -(2^53)",
        "fixed32s packed, cut in the middle of a value",
        "int32s packed, with a varint of eleven bytes",
        "a_time before the year 1",
        "times with negative nanoseconds",
      ]),
    ).to.deep.equal([]);
  });

  it("that must be refused include all of these in JSON", () => {
    for (const codec of ["json", "protojson"] as const)
      expect(
        missing(names("refused", codec), [
          "a list as the whole body",
          "null as the whole body",
          "a trailing comma",
          "text after the body",
          "a comment",
          "a key in single quotes",
          "a key without quotes",
          "an unknown key",
          "a key with half a surrogate pair",
          "UTF-16",
          "messages nested 101 deep",
          "two members of the oneof choice",
          "a_string twice",
          "a_string twice, once with an escape",
          "a_string twice, in both spellings",
          "strings twice, first as null",
          "kinds_by_bool twice, then as null",
          "int64_by_string is a map with one key twice",
          "string_by_int64 is a map with one key twice, once with an escape",
          'a_bool is "true" in quotes',
          "an_int32 is 1.5",
          "an_int64 is an empty text",
          "an_int64 is 9007199254740992 in quotes",
          "a_uint32 is -1",
          "a_color is an unknown name",
          "a_double is NaN",
          "a_string is half of a surrogate pair, escaped",
          "a_string is a text with a bare control character",
          "a_string is a text that is not UTF-8",
          "strings is null, inside",
          "strings is one value where a list belongs",
          "a_string is a list",
          "int64_by_string is a list where a map belongs",
          "string_by_int64 is a map with a key of another type",
          "a_time is a timestamp without a zone",
          "a_time is a timestamp in the year 10000",
          "a_kinds is an object with an unknown key",
        ]),
      ).to.deep.equal([]);
  });
});
