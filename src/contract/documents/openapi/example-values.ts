// Example values of bytes and Durations that obey the rules of their field.
import { formatDuration, parseDuration } from "../../codecs/duration.js";
import type { Schema } from "../../validation/rules.js";

/** Six bytes, or as many as the rules allow, in base64. */
export function exampleBytes({ "x-min-bytes": least, "x-max-bytes": most }: Schema): string {
  const size = Math.min(Number(most ?? Infinity), Math.max(Number(least ?? 0), 6));
  return Buffer.alloc(size, "lyceum").toString("base64");
}

const second = 1_000_000_000n;

/** A second and a half, or a Duration within the bounds of the rules. */
export function exampleDuration(rules: Schema): string {
  const bound = (rule: string): string | undefined => rules[`x-duration-${rule}`] as string | undefined;
  const inclusive = bound("gte") ?? bound("lte");
  if (inclusive !== undefined) return inclusive;
  const [least, most] = [nanosOf(bound("gt")), nanosOf(bound("lt"))];
  if (least !== undefined) return textOf(most === undefined ? least + second : (least + most) / 2n);
  return most === undefined ? "1.500s" : textOf(most - second);
}

function nanosOf(text: string | undefined): bigint | undefined {
  const duration = text === undefined ? undefined : parseDuration(text);
  return duration && BigInt(duration.seconds) * second + BigInt(duration.nanos);
}

function textOf(nanos: bigint): string {
  return formatDuration({ seconds: Number(nanos / second), nanos: Number(nanos % second) });
}
