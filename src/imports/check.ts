// Checks the rows of a file: by their rules, against each other, and against the accounts and groups that there are.
import { setImmediate as nextTurn } from "node:timers/promises";
import type { ImportError } from "../gen/lyceum/v1/import.js";
import type { Role } from "../gen/lyceum/v1/user.js";
import type { Queries } from "../platform/database/database.js";
import { findTakenEmails } from "../users/people.js";
import type { ImportFile } from "./file.js";
import type { ReadRow, RowReader } from "./row.js";
import { findGroups } from "./work-store.js";

/** The rows whose rules are checked in one turn of the event loop. */
const turnRows = 10;
/** The rows for which the database is asked at once. */
const sliceRows = 50;

/** What is wrong with a row whose address an account has. */
export const emailTaken = (line: number): ImportError => ({
  line,
  column: "email",
  rule: "email.taken",
  message: "is the address of an account",
});

/** What is wrong with a row whose group there is not. */
export const unknownGroup = (line: number): ImportError => ({
  line,
  column: "group",
  rule: "csv.group",
  message: "is the name of no group",
});

/** Whether Postgres takes a text as a value. Of one that it does not take there is nothing. */
function isStorable(text: string): boolean {
  return !text.includes("\0");
}

/** Reads the rows from the index `from` on, without the database. */
export async function readRows(read: RowReader, file: ImportFile, by: Role, from = 0): Promise<ReadRow[]> {
  const rows: ReadRow[] = [];
  for (const row of file.rows.slice(from)) {
    // The awaits of `read` alone give nobody else a turn.
    if (rows.length % turnRows === 0) await nextTurn();
    rows.push(await read(row, file, by));
  }
  return rows;
}

/** All that is wrong with a file, in the order of its lines. `rest` is awaited after each part, with when that began. */
export async function checkFile(
  queries: Queries,
  rows: readonly ReadRow[],
  { fault }: Pick<ImportFile, "fault">,
  rest: (begunAt: number) => Promise<void>,
): Promise<ImportError[]> {
  const errors: ImportError[] = [];
  const lines = new Map<string, number>();
  for (let at = 0; at < rows.length; at += sliceRows) {
    const begunAt = performance.now();
    const slice = rows.slice(at, at + sliceRows);
    const taken = new Set(await findTakenEmails(queries, slice.map(({ draft }) => draft.email).filter(isStorable)));
    const names = slice.flatMap(({ draft: { group } }) => (group !== undefined && isStorable(group) ? [group] : []));
    const groups = await findGroups(queries, [...new Set(names)]);
    for (const { line, draft, errors: own } of slice) {
      errors.push(...own);
      const { email, group } = draft;
      if (taken.has(email)) errors.push(emailTaken(line));
      const earlier = email === "" ? undefined : lines.get(email);
      if (earlier === undefined) lines.set(email, line);
      else
        errors.push({
          line,
          column: "email",
          rule: "email.duplicate",
          message: `is the address of line ${earlier} too`,
        });
      if (group !== undefined && !groups.has(group)) errors.push(unknownGroup(line));
    }
    if (at + sliceRows < rows.length) await rest(begunAt);
  }
  const told = "cannot be read, and nothing behind it was read: look for a quote that is not closed, or stands alone";
  if (fault) errors.push({ line: fault.line, column: "", rule: fault.rule, message: told });
  return errors;
}
