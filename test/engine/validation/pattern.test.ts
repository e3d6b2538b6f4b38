// Regular expressions of the contract: what is read, and what is refused.
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
      expect(readPattern(pattern).test(text)).to.equal(isMatch);
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

  // A text that matches in many ways, but not to its end, takes JavaScript exponentially many steps.
  const ambiguous = [
    "^(?:a+)+$",
    "^(?:a|a)*$",
    "^(?:a?){1000}$",
    "^(?:a*)*$",
    "^(a{2}){2,}$",
    "^((?:a+b)c)*?$",
    "^(?:x(?:a|b)y){3}$",
    "(?:(?:a?)b)+",
  ];
  for (const pattern of ambiguous) {
    it(`${pattern} is refused, as it repeats a group that matches in several ways`, () => {
      expect(() => readPattern(pattern)).to.throw(Error, /repeats a group with a quantifier or a choice in it, at \d+/);
    });
  }

  for (const pattern of ["^(?:ab)*$", "^\\d+(?:\\.\\d+)?$", "^(?:a|b)c$", "^(?:(?:a+)?b){1}$", "^(?:a|bc){0,1}d$"]) {
    it(`${pattern} is read, as it repeats no such group`, () => expect(() => readPattern(pattern)).not.to.throw());
  }
});
