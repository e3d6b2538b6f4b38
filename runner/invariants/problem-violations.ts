// What a Problem says of the fields of a request: on 422 every broken rule, on 400 the one place that cannot be read.
import type { Tell } from "./exchange-facts.js";

export interface Violation {
  readonly field: string;
  readonly pointer: string;
  readonly rule: string;
  readonly message: string;
}

/** As many are told at once. */
const mostViolations = 100;

/** Holds the violations of a Problem to its status, and each of them to itself. */
export function violationLaws(status: number, violations: readonly Violation[], tell: Tell): void {
  const { length } = violations;
  if (status === 422 && (length < 1 || length > mostViolations))
    tell(`422 names ${length} violations, and not 1 to ${mostViolations}`);
  if (status === 400 && length > 1) tell(`400 names ${length} places, and not the first one alone`);
  if (status !== 422 && status !== 400 && length > 0) tell(`${status} names ${length} violations, and has none`);
  const known = new Set<string>();
  for (const [at, { field, pointer, rule, message }] of violations.entries()) {
    const place = `violations[${at}]`;
    if (message === "") tell(`${place} has no message`);
    if (status === 422 && (field === "" || pointer === "")) tell(`${place} names no field`);
    if (status === 422 ? !/^[a-z0-9]+(?:_[a-z0-9]+)*(?:\.[a-z0-9_]+)*$/.test(rule) : rule !== "")
      tell(
        `${place} has the rule "${rule}", where ${status} ${status === 422 ? "names the one that is broken" : "has none"}`,
      );
    const due = pointerOf(field);
    if (pointer !== due) tell(`${place} has the pointer ${pointer}, where ${field} is ${due ?? "no path of fields"}`);
    const key = `${pointer} ${rule}`;
    if (known.has(key)) tell(`${place} tells ${field} ${rule} a second time`);
    known.add(key);
  }
}

/** A name, or in brackets an index or a key of a map; texts as JSON has them. */
const step =
  /\.?([A-Za-z_]\w*)|\[(?:(\d+|-\d+|true|false)|("(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"))\]/y;

/** `messages[2].role` as a JSON pointer (RFC 6901), `/messages/2/role`; undefined when the text is no path of fields. */
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
