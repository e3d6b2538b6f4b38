// Regular expressions of the contract: what is read, what is refused, and what they cost.
import { expect } from "chai";
import { readPattern } from "../../../src/contract/validation/pattern.js";

describe("patterns", () => {
  const matches: readonly [pattern: string, text: string, isMatch: boolean][] = [
    ["^[0-9]{4}-[0-9]{2}$", "2026-09", true],
    ["^[0-9]{4}-[0-9]{2}$", "2026-09\n", false],
    ["^(?:a|bc)?d$", "bcd", true],
    ["^\\d{2,}\\.\\w$", "123.x", true],
    ["^\\d+$", "१", false],
    ["b+", "abc", true],
    ["a|b", "b", true],
    ["^.$", "🦊", true],
    ["^.$", "\u2028", true],
    ["^.$", "\n", false],
    ["^[^\\d.]+$", "я", true],
    ["^\\p{L}+$", "Чай", true],
    ["^[\\p{Lu}-]+$", "Ч-", true],
    ["^a??$", "", true],
  ];
  for (const [pattern, text, isMatch] of matches) {
    it(`${pattern} ${isMatch ? "matches" : "does not match"} ${JSON.stringify(text)}`, () => {
      expect(readPattern(pattern).regexp.test(text)).to.equal(isMatch);
    });
  }

  // What JavaScript reads otherwise than RE2, or cannot read in linear time, or what RE2 does not know.
  const unknown = [
    "(?=a)",
    "(?!a)",
    "(?i)a",
    "(?P<x>a)",
    "(a)\\1",
    "\\bA",
    "\\s",
    "[\\s]",
    "[[:alpha:]]",
    "a**",
    "a{2,1}",
    "a{1001}",
    "a^",
    "a$b",
    "^a|b",
    "(a",
    "a)",
    "[a",
    "a{",
    "\\",
    "*a",
    "\\Qa\\E",
    "a++",
  ];
  for (const pattern of unknown) {
    it(`${pattern} is refused`, () => expect(() => readPattern(pattern)).to.throw(Error));
  }

  const steps: readonly [pattern: string, steps: number][] = [
    ["^abc$", 100],
    ["^[a-z]{3}$", 100],
    ["^[a-z]+$", 100 * 100],
    ["^[a-z]{1,3}$", 3 * 100],
    ["^\\d+\\.?\\d*$", 100 * 2 * 101 * 100],
    ["^(?:a|b)c$", 2 * 100],
    ["[a-z]", 100 * 100],
    ["^(?:ab)*$", 101 * 100],
  ];
  for (const [pattern, most] of steps) {
    it(`${pattern} takes ${most.toPrecision(3)} steps at worst on 100 characters`, () => {
      expect(readPattern(pattern).steps(100)).to.equal(most);
    });
  }

  for (const pattern of ["^(?:a+)+$", "^(?:a|a)*$", "^(?:a?){1000}$", "^(?:a*)*$"]) {
    it(`${pattern} takes more steps than there is time`, () => {
      expect(readPattern(pattern).steps(100)).to.be.above(1e30);
    });
  }
});
