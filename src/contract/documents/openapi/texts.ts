// The texts of requests as schemas: what the rules of the engine say beside those of the contract (no character NUL, white
// space cut off before a length is counted), in the regular expressions that JSON Schema has for it.
import { readPattern } from "../../validation/pattern.js";
import { textPatternOf, withoutTextRules } from "../../validation/texts.js";
import type { Json } from "./json-forms.js";

/** What String.trim cuts off, by code point: the dialects of regular expressions differ over `\s`. */
const white = String.raw`\t-\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff`;
const space = `[${white}]`;
const visible = String.raw`[^\x00${white}]`;
const any = String.raw`[^\x00]`;

/**
 * The schema of a text in a request, from that in the plain object. Where white space is cut off, the lengths are those of the
 * text without it, so that they stand in a pattern.
 */
export function textSchema(schema: Json, isTrimmed: boolean): Json {
  const { "x-no-nul": _, minLength, maxLength, pattern: source, ...others } = withoutTextRules(schema);
  const seen = textPatternOf(schema, isTrimmed);
  const pattern = source === undefined ? undefined : readPattern(source as string).source;
  // Each character has a byte or more.
  const most = Math.min(Number(maxLength ?? Infinity), Number(others["x-max-bytes"] ?? Infinity));
  // These have neither NUL nor white space at their ends.
  if ("enum" in schema) return { ...others, ...lengths(minLength, most), ...together([pattern]) };
  if (!isTrimmed) return { ...others, ...lengths(minLength, most), ...together([seen ?? `^${any}*$`, pattern]) };
  // `not` is the rule `required`: not empty.
  const least = Number(minLength ?? ("not" in schema ? 1 : 0));
  const inside = pattern === undefined ? [] : [withoutEnds(pattern)];
  return { ...others, ...lengths(minLength), ...together([trimmed(least, most), ...inside, seen]) };
}

function lengths(least: unknown, most = Infinity): Json {
  return {
    ...(least === undefined ? {} : { minLength: least }),
    ...(most === Infinity ? {} : { maxLength: most }),
  };
}

/** The texts that have so many characters when white space at their ends is cut off. */
function trimmed(least: number, most: number): string {
  const between = `${any}{${Math.max(0, least - 2)},${most === Infinity ? "" : Math.max(0, most - 2)}}`;
  const longer = `${between}${visible}`;
  const text = most < 2 ? visible : `${visible}${least < 2 ? `(?:${longer})?` : longer}`;
  return least === 0 ? `^${space}*(?:${text}${space}*)?$` : `^${space}*${text}${space}*$`;
}

/** The texts that match a pattern when white space at their ends is cut off. */
function withoutEnds(pattern: string): string {
  const [, start, middle, end] = /^(\^?)(.*?)((?<!\\)\$)?$/s.exec(pattern)!;
  return `^${space}*(?!${space})${start ? "" : `${any}*`}(?:${middle})${end ? "" : `${any}*`}(?<!${space})${space}*$`;
}

/** One pattern is the keyword `pattern`; several must all hold. */
function together(patterns: readonly unknown[]): Json {
  const [first, ...rest] = patterns.filter((pattern) => pattern !== undefined);
  if (first === undefined) return {};
  return { pattern: first, ...(rest.length > 0 ? { allOf: rest.map((pattern) => ({ pattern })) } : {}) };
}
