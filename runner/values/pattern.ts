// Patterns of buf.validate (RE2) as regular expressions of JavaScript, and texts that match them.
import * as fc from "fast-check";

const read = new Map<string, RegExp>();

/** A pattern. Throws a SyntaxError on what JavaScript does not know. */
export function regexpOf(pattern: string): RegExp {
  let regexp = read.get(pattern);
  if (!regexp) {
    // To RE2 a dot is anything but a line feed; to JavaScript it is neither \r nor \u2028 either.
    const translated = pattern.replace(/\\.|\[(?:\\.|[^\]])*\]|\./g, (part) => (part === "." ? "[^\\n]" : part));
    read.set(pattern, (regexp = new RegExp(translated, "u")));
  }
  return regexp;
}

const sampled = new Map<string, readonly string[]>();

/** Texts that match, the shortest first; always the same. None when the pattern has a part that cannot be made. */
export function samplesOf(pattern: string, maxLength: number): readonly string[] {
  const key = `${maxLength} ${pattern}`;
  let texts = sampled.get(key);
  // To make them takes a hundred times as long as all else that is asked of a field.
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
