// Reads permissions.txt: what must come of a call, by method and kind of caller.
import { readFileSync } from "node:fs";

/** What must come of a call: `yes`, a status, or `-` where there is no such caller. */
export type Outcome = string;

export interface Permissions {
  /** The kinds of callers, in the order of the columns. */
  readonly kinds: readonly string[];
  /** By the handler's name of the method, such as `sendMessage`; within it by kind. */
  readonly rows: ReadonlyMap<string, ReadonlyMap<string, Outcome>>;
}

const known = /^(?:yes|-|401|403|404|409|scope|mfa)$/;

/** Reads a table. Throws an Error that names a row without a cell for each column, written twice, or with an unknown word. */
export function readPermissions(text: string): Permissions {
  const lines = text.split("\n").filter((line) => line.trim() !== "" && !line.startsWith("#"));
  const [header = "", ...rest] = lines;
  const kinds = header.trim().split(/\s+/);
  const rows = new Map<string, ReadonlyMap<string, Outcome>>();
  for (const line of rest) {
    const [name = "", ...cells] = line.trim().split(/\s+/);
    if (cells.length === 0) continue;
    const handler = name[0]!.toLowerCase() + name.slice(1);
    if (cells.length !== kinds.length || cells.some((cell) => !known.test(cell)))
      throw new Error(`the row of ${name} does not say for each of ${kinds.join(", ")} what must come of it`);
    if (rows.has(handler)) throw new Error(`${name} has two rows`);
    rows.set(handler, new Map(kinds.map((kind, at) => [kind, cells[at]!])));
  }
  return { kinds, rows };
}

/** The table of this contract. */
export const permissions = readPermissions(readFileSync(new URL("permissions.txt", import.meta.url), "utf8"));
