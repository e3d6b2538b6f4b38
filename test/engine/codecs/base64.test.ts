// Bytes as text: what is read as base64, and what is not.
import { expect } from "chai";
import fc from "fast-check";
import { parseBase64 } from "../../../src/contract/codecs/base64.js";

describe("base64", () => {
  it("is read in both alphabets, with and without padding", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (array) => {
        const bytes = Buffer.from(array);
        const unpadded = bytes.toString("base64url");
        const padded = unpadded.padEnd(Math.ceil(unpadded.length / 4) * 4, "=");
        const standard = bytes.toString("base64");
        for (const text of [standard, standard.replaceAll("=", ""), unpadded, padded])
          expect(parseBase64(text)).to.deep.equal(bytes);
      }),
      { seed: 20261123, numRuns: 500 },
    );
  });

  it("may have bits behind the last byte", () => expect(parseBase64("-_")).to.deep.equal(Buffer.from([0xfb])));

  it("of no characters is no bytes", () => expect(parseBase64("")).to.deep.equal(Buffer.alloc(0)));

  const none = [
    "A",
    "AAAAA",
    "A=",
    "AA=",
    "AAA==",
    "A===",
    "=",
    "==",
    "====",
    "AAAA=",
    "AAAA==",
    "AAAA====",
    "AA=A",
    "=AAA",
    "+_8=",
    "-/8=",
    " AAAA",
    "AAAA ",
    "AA AA",
    "AAAA\n",
    "AA\nAA",
    "AAA.",
    "AAAé",
    "AAA\0",
    "AAA\uff21",
    "{}==",
  ];
  for (const text of none) it(`is not ${JSON.stringify(text)}`, () => expect(parseBase64(text)).to.equal(undefined));
});
