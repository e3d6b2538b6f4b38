// Knex for what concerns the schema and not the data: whether the migrations are done, and whether the server meets the
// requirements. It has connections of its own, none before the first query, and they are closed when they are idle.
import knexLibrary, { type Knex } from "knex";
import type { Logger } from "pino";

/** Builds it; nothing is connected yet. A statement may take `statementTimeoutMs`, a connection 1,500 ms. */
export function schemaKnex(url: string, statementTimeoutMs: number, log: Logger): Knex {
  const write = (message: unknown): void => log.debug({ text: String(message) }, "knex");
  return knexLibrary({
    client: "pg",
    connection: {
      connectionString: url,
      application_name: "lyceum schema",
      connectionTimeoutMillis: 1_500,
      statement_timeout: statementTimeoutMs,
    },
    acquireConnectionTimeout: 1_800,
    pool: { min: 0, max: 1 },
    log: { debug: write, warn: write, error: write, deprecate: write },
  });
}
