// Patterns of buf.validate (RE2) as JavaScript regular expressions, and texts that match them.
import * as fc from "fast-check";

const read = new Map<string, RegExp>();

/** Compiles a pattern. Throws a SyntaxError for syntax that JavaScript does not support. */
export function regexpOf(pattern: string): RegExp {
  let regexp = read.get(pattern);
  if (!regexp) {
    // In RE2 a dot matches everything but \n; in JavaScript it does not match \r, \u2028 and \u2029 either.
    const translated = pattern.replace(/\\.|\[(?:\\.|[^\]])*\]|\./g, (part) => (part === "." ? "[^\\n]" : part));
    read.set(pattern, (regexp = new RegExp(translated, "u")));
  }
  return regexp;
}

const sampled = new Map<string, readonly string[]>();

/** Texts that match, the shortest first; always the same. None for a pattern with an unsupported part. */
export function samplesOf(pattern: string, maxLength: number): readonly string[] {
  const key = `${maxLength} ${pattern}`;
  let texts = sampled.get(key);
  // Cached: generating them takes a hundred times as long as everything else for a field.
  if (!texts) sampled.set(key, (texts = sample(pattern, maxLength)));
  return texts;
}

function sample(pattern: string, maxLength: number): string[] {
  try {
    const texts = fc.sample(fc.stringMatching(regexpOf(pattern), { maxLength }), { seed: 1, numRuns: 60 });
    return [...new Set(texts)].sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
  } catch {
    return [];
  }
}
