// Values of google.protobuf.Duration: the rules that they break, values at the edges of rules, and texts that are invalid.
import * as fc from "fast-check";
import type { Rules } from "../client/rules.js";
import type { Candidates } from "./edge-candidates.js";

const second = 1_000_000_000n;
const most = 315_576_000_000n * second + second - 1n;

/** The nanoseconds of a valid text. */
export function nanosOf(text: string): bigint {
  const [, sign, seconds, fraction = ""] = /^(-?)(\d+)(?:\.(\d+))?s$/.exec(text)!;
  return BigInt(`${sign}${BigInt(seconds!) * second + BigInt(fraction.padEnd(9, "0"))}`);
}

/** The canonical text of nanoseconds. */
function textOf(nanos: bigint): string {
  const size = nanos < 0n ? -nanos : nanos;
  const fraction = String(size % second).padStart(9, "0");
  const digits = fraction.replace(/(?:000){1,3}$/, "");
  return `${nanos < 0n ? "-" : ""}${size / second}${digits && `.${digits}`}s`;
}

const order = (text: string, bound: string): number => Number(nanosOf(text) - nanosOf(bound));

/** By rule, whether a text satisfies it. */
export const durationChecks = {
  gt: (text: string, bound: string) => order(text, bound) > 0,
  gte: (text: string, bound: string) => order(text, bound) >= 0,
  lt: (text: string, bound: string) => order(text, bound) < 0,
  lte: (text: string, bound: string) => order(text, bound) <= 0,
  in: (text: string, listed: readonly string[]) => listed.some((each) => order(text, each) === 0),
};

/** Values that may be valid: the examples first, then the simplest, then those near the bounds. */
export function durationCandidates({ of }: Rules): string[] {
  const listed = [of["example"] ?? [], of["in"] ?? []].flat() as string[];
  const bounds = ["gt", "gte", "lt", "lte"].flatMap((rule) => of[rule] ?? []) as string[];
  return [...listed, "0s", "1s", ...bounds.flatMap((bound) => near(bound))];
}

/** The values around a bound, by nanoseconds, as far as there are Durations. */
function near(bound: string): string[] {
  const at = nanosOf(bound);
  return [at, at - 1n, at + 1n].filter((nanos) => nanos >= -most && nanos <= most).map(textOf);
}

/** The edges of one rule. */
export function durationGroups(rule: string, bound: unknown): Candidates {
  const group = (...values: readonly string[]) => values.map((value) => ({ name: value, value }));
  const listed = [bound].flat() as readonly string[];
  if (rule === "in")
    return {
      inside: listed.map((each) => group(each)),
      outside: [group(...listed.flatMap((each) => near(each)), "0s")],
    };
  if (!["gt", "gte", "lt", "lte"].includes(rule)) return { inside: [], outside: [] };
  const [at, before, after] = near(bound as string);
  const [within, beyond] = rule.startsWith("g") ? [after, before] : [before, after];
  const isInclusive = rule.endsWith("e");
  return {
    inside: [group(...[isInclusive ? at : within].flatMap((value) => value ?? []))],
    outside: [group(...[isInclusive ? beyond : at, beyond].flatMap((value) => value ?? []))],
  };
}

/** Durations of every size, in every form of their text. */
export const unusualDurations: fc.Arbitrary<string> = fc
  .tuple(
    fc.constantFrom("", "-"),
    fc.oneof(fc.nat(3), fc.nat({ max: 315_576_000_000 })),
    fc.constantFrom("", ".5", ".12", ".001", ".123456", ".000000001", ".999999999", ".000"),
  )
  .map((parts) => `${parts.join("")}s`);

/** Texts that are invalid. */
export const invalidDurations = [
  "",
  "s",
  "1",
  "1S",
  "1 s",
  " 1s",
  "1m",
  "PT1S",
  "--1s",
  "1.s",
  "1,5s",
  "1e3s",
  "315576000001s",
  "-315576000001s",
];
