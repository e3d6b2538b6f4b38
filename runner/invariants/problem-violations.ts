// Invariants of the violations of a Problem: 422 has every broken rule, 400 the first place that cannot be read.
import type { Report } from "./exchange-facts.js";

export interface Violation {
  readonly field: string;
  readonly pointer: string;
  readonly rule: string;
  readonly message: string;
}

/** The largest number of violations in one Problem. */
const mostViolations = 100;

/** Checks the violations of a Problem, against its status and each on its own. */
export function checkViolations(status: number, violations: readonly Violation[], report: Report): void {
  const { length } = violations;
  if (status === 422 && (length < 1 || length > mostViolations))
    report(`422 has ${length} violations, and not 1 to ${mostViolations}`);
  if (status === 400 && length > 1) report(`400 has ${length} violations, and not the first alone`);
  if (status !== 422 && status !== 400 && length > 0) report(`${status} has ${length} violations, and must have none`);
  const known = new Set<string>();
  for (const [at, { field, pointer, rule, message }] of violations.entries()) {
    const place = `violations[${at}]`;
    if (message === "") report(`${place} has no message`);
    if (status === 422 && (field === "" || pointer === "")) report(`${place} has no field`);
    if (status === 422 ? !/^[a-z0-9]+(?:_[a-z0-9]+)*(?:\.[a-z0-9_]+)*$/.test(rule) : rule !== "")
      report(`${place} has the rule "${rule}", where ${status} ${status === 422 ? "has the broken rule" : "has none"}`);
    const expected = pointerOf(field);
    if (pointer !== expected)
      report(`${place} has the pointer ${pointer}, where ${field} is ${expected ?? "not a path of fields"}`);
    const key = `${pointer} ${rule}`;
    if (known.has(key)) report(`${place} repeats ${field} ${rule}`);
    known.add(key);
  }
}

/** A name, or in brackets an index or a key of a map; strings as in JSON. */
const step =
  /\.?([A-Za-z_]\w*)|\[(?:(\d+|-\d+|true|false)|("(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"))\]/y;

/** `messages[2].role` as a JSON pointer (RFC 6901), `/messages/2/role`; undefined when the text is not a path of fields. */
function pointerOf(field: string): string | undefined {
  let pointer = "";
  step.lastIndex = 0;
  while (step.lastIndex < field.length) {
    const [, name, index, key] = step.exec(field) ?? [];
    const part = name ?? index ?? (key === undefined ? undefined : (JSON.parse(key) as string));
    if (part === undefined) return undefined;
    pointer += `/${part.replaceAll("~", "~0").replaceAll("/", "~1")}`;
  }
  return pointer;
}
