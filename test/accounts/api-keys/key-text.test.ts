import { expect } from "chai";
import { hashOfKey, isKey, newKey, shownPart } from "../../../src/accounts/api-keys/key-text.js";

describe("the text of an API key", () => {
  it("has a mark that scanners find, and letters and digits alone, which a double click selects", () => {
    for (let count = 0; count < 200; count++) expect(newKey()).to.match(/^lyc_[0-9A-Za-z]{57}$/);
  });

  it("is new each time, in the part that is shown and in the rest", () => {
    const keys = Array.from({ length: 500 }, newKey);
    expect(new Set(keys.map(shownPart))).to.have.property("size", 500);
    expect(new Set(keys.map((key) => key.slice(12, -6)))).to.have.property("size", 500);
    expect(new Set(keys.map((key) => hashOfKey(key).toString("hex")))).to.have.property("size", 500);
  });

  it("is told from a misspelt one by its checksum, wherever the mistake is", () => {
    const key = newKey();
    expect(isKey(key)).to.equal(true);
    for (let at = 0; at < key.length; at++) {
      expect(isKey(key.slice(0, at) + key.slice(at + 1)), `without ${at}`).to.equal(false);
      const other = key[at] === "a" ? "b" : "a";
      expect(isKey(key.slice(0, at) + other + key.slice(at + 1)), `with another at ${at}`).to.equal(false);
    }
    for (const text of ["", "lyc_", `${key} `, ` ${key}`, `${key}\n`, key + key, key.toUpperCase(), key.toLowerCase()])
      expect(isKey(text), JSON.stringify(text)).to.equal(false);
  });

  it("shows so little that 256 random bits are left", () => {
    const key = newKey();
    expect(key.slice(shownPart(key).length, -6)).to.have.length(43);
    expect(43 * Math.log2(62)).to.be.above(256);
  });
});
