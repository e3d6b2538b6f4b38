// Values of bytes, which are base64 in the plain form: the rules that they break, and values at the edges of rules.
import type { Rules } from "../client/rules.js";
import type { Candidates } from "./edge-candidates.js";
import { counted } from "./forms.js";

const sizeOf = (base64: string): number => Buffer.from(base64, "base64").length;

/** By rule, whether a value satisfies it. */
export const bytesChecks = {
  min_len: (base64: string, bound: number) => sizeOf(base64) >= bound,
  max_len: (base64: string, bound: number) => sizeOf(base64) <= bound,
};

/** Values that may be valid, the simplest first. */
export function bytesCandidates({ of }: Rules): string[] {
  return ["", "AA==", ...ofSize(Number(of["min_len"] ?? 0)).map(({ value }) => value)];
}

/** The edges of one rule. */
export function bytesGroups(rule: string, bound: unknown): Candidates {
  const at = Number(bound);
  if (rule === "min_len") return { inside: [ofSize(at)], outside: [ofSize(at - 1)] };
  return rule === "max_len" ? { inside: [ofSize(at)], outside: [ofSize(at + 1)] } : { inside: [], outside: [] };
}

/** Bytes that are neither UTF-8 nor zero. */
function ofSize(size: number): { name: string; value: string }[] {
  if (size < 0) return [];
  return [{ name: counted(size, "byte"), value: Buffer.alloc(size, 0xff).toString("base64") }];
}

/** Texts that are not base64. */
export const invalidBase64 = ["!", "A", "AAAAA", "A===", "AA=A!"];
