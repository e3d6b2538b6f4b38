// What the handlers of lists ask of Postgres, and how it would be read.
import { Client } from "pg";
import type { Database, Queries } from "../../src/platform/database/database.js";
import type { Statement } from "../../src/platform/database/statement.js";

/** A statement that a handler ran. */
export interface Asked {
  readonly statement: Statement<unknown>;
  readonly values: readonly unknown[];
}

/** The same database, which adds each statement that it runs to `asked`. */
export function recording(database: Database, asked: Asked[]): Database {
  const queries = (inner: Queries): Queries => ({
    one: (statement, values) => (asked.push({ statement, values }), inner.one(statement, values)),
    many: (statement, values) => (asked.push({ statement, values }), inner.many(statement, values)),
  });
  return {
    ...queries(database),
    transaction: (work, options) => database.transaction((inner) => work(queries(inner)), options),
    afterCommit: (work) => database.afterCommit(work),
    with: (log, caller) => recording(database.with(log, caller), asked),
  };
}

interface Plan {
  readonly "Node Type": string;
  readonly "Relation Name"?: string;
  readonly Plans?: readonly Plan[];
}

/** A table that a plan reads, and whether it does so from the first row to the last. */
export interface TableRead {
  readonly table: string;
  readonly isInSequence: boolean;
}

/** Tells how Postgres would read tables. */
export class Planner {
  private constructor(private readonly client: Client) {}

  static async open(url: string): Promise<Planner> {
    const client = new Client({ connectionString: url });
    await client.connect();
    return new Planner(client);
  }

  close(): Promise<void> {
    return this.client.end();
  }

  /** What the plan for these values reads, and the plan for any: Postgres may choose either. */
  async reads({ statement: { text }, values }: Asked): Promise<TableRead[]> {
    const plain = values.map((value) => (value === undefined ? null : value));
    const own = await this.client.query<{ "QUERY PLAN": [{ Plan: Plan }] }>(`explain (format json) ${text}`, plain);
    const generic = await this.client.query<{ "QUERY PLAN": [{ Plan: Plan }] }>(
      `explain (generic_plan, format json) ${text}`,
    );
    return [own, generic].flatMap(({ rows }) => readsOf(rows[0]!["QUERY PLAN"][0].Plan));
  }
}

function readsOf({ "Node Type": type, "Relation Name": table, Plans: plans = [] }: Plan): TableRead[] {
  const own = table === undefined ? [] : [{ table, isInSequence: type.endsWith("Seq Scan") }];
  return [...own, ...plans.flatMap(readsOf)];
}
