// Compares an answer with the expectation of a case, and describes the differences in lines for people.
import { isDeepStrictEqual } from "node:util";

type Plain = Record<string, unknown>;

/** One line for each difference; none when `actual` is as expected. With `exact`, unexpected fields are differences. */
export function differences(actual: unknown, expected: unknown, exact = false, path = ""): string[] {
  const matcher = matcherOf(expected);
  if (matcher) return matched(actual, matcher, path);
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual)) return [line(path, expected, actual)];
    const length =
      actual.length === expected.length
        ? []
        : [`${path || "answer"}: expected ${expected.length} items, got ${actual.length}: ${show(actual)}`];
    return [
      ...length,
      ...expected.flatMap((item, at) =>
        at < actual.length ? differences(actual[at], item, exact, `${path}[${at}]`) : [],
      ),
    ];
  }
  if (!isObject(expected)) return isDeepStrictEqual(actual, expected) ? [] : [line(path, expected, actual)];
  if (!isObject(actual)) return [line(path, expected, actual)];
  const inside = (key: string): string => (path ? `${path}.${key}` : key);
  const extra = exact ? Object.keys(actual).filter((key) => !(key in expected)) : [];
  return [
    ...Object.keys(expected).flatMap((key) => differences(actual[key], expected[key], exact, inside(key))),
    ...extra.map((key) => `${inside(key)}: not expected, got ${show(actual[key])}`),
  ];
}

/** The value at a path such as "messages[0].id", or "messages[*].id" for a list of values; undefined when there is none. */
export function valueAt(value: unknown, path: string): unknown {
  const at = (here: unknown, keys: readonly string[]): unknown => {
    const [key, ...rest] = keys;
    if (key === undefined) return here;
    if (key === "*") return Array.isArray(here) ? here.map((item) => at(item, rest)) : undefined;
    return at((here as Plain | undefined)?.[key], rest);
  };
  return at(value, path.split(/[.[\]]+/).filter(Boolean));
}

function matched(actual: unknown, [kind, wanted]: [string, unknown], path: string): string[] {
  const fail = (what: string): string[] => [`${path || "answer"}: expected ${what}, got ${show(actual)}`];
  switch (kind) {
    case "$absent":
      return actual === undefined ? [] : fail("nothing");
    case "$matches":
      return typeof actual === "string" && new RegExp(wanted as string, "u").test(actual)
        ? []
        : fail(`a text like /${String(wanted)}/`);
    case "$above":
      return typeof actual === "number" && actual > (wanted as number) ? [] : fail(`a number above ${String(wanted)}`);
    case "$size":
      return (Array.isArray(actual) || typeof actual === "string") && actual.length === wanted
        ? []
        : fail(`length ${String(wanted)}`);
    case "$including":
      return Array.isArray(actual) && actual.some((item) => differences(item, wanted).length === 0)
        ? []
        : fail(`an item like ${show(wanted)}`);
    case "$excluding":
      return Array.isArray(actual) && !actual.some((item) => differences(item, wanted).length === 0)
        ? []
        : fail(`no item like ${show(wanted)}`);
    default:
      throw new Error(`There is no matcher ${kind}`);
  }
}

function matcherOf(expected: unknown): [string, unknown] | undefined {
  if (!isObject(expected)) return undefined;
  const entries = Object.entries(expected);
  return entries.length === 1 && entries[0]![0].startsWith("$") ? entries[0] : undefined;
}

function isObject(value: unknown): value is Plain {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function line(path: string, expected: unknown, actual: unknown): string {
  return `${path || "answer"}: expected ${show(expected)}, got ${show(actual)}`;
}

/** A value in one line, truncated to a readable length. */
export function show(value: unknown): string {
  const text = value === undefined ? "nothing" : JSON.stringify(value);
  return text.length > 300 ? `${text.slice(0, 300)}… (${text.length} characters)` : text;
}
