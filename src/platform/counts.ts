// Whether what is stored as a count equals what is counted anew. Knows no table: each domain says what of its own is to be compared.
import type { Database } from "./database/database.js";
import { statement } from "./database/statement.js";

/** A stored count, and how to find where it is wrong. */
export interface CountCheck {
  /** What is compared, such as `users.rating`. */
  readonly name: string;
  /** SQL for the rows that differ, as `id`, `stored` and `actual`: one statement, and so of one moment. */
  readonly sql: string;
}

/** A row whose count is wrong. */
export interface Difference {
  readonly id: number | string;
  readonly stored: number | undefined;
  readonly actual: number | undefined;
}

/** For one check, in milliseconds: it may read whole tables. */
const timeoutMs = 10 * 60_000;

/** The rows in which a count is wrong. A server may run beside it. */
export async function findDifferences(database: Database, { name, sql }: CountCheck): Promise<Difference[]> {
  const check = statement<Difference>("pool", `count ${name}`, sql);
  return database.transaction((queries) => queries.many(check, []), { timeoutMs });
}
