// What the durability of a database rests on: the settings with which Postgres acknowledges changes that it may lose.
import type { Knex } from "knex";
import type { Logger } from "pino";
import { OperatorError } from "../../operator-error.js";

const risks = {
  fsync: "fsync is off: a power failure can destroy the whole database",
  full_page_writes:
    "full_page_writes is off: a power failure can damage pages, unless the file system writes each of them whole",
  synchronous_commit: "synchronous_commit is off: a crash of Postgres can lose changes that were acknowledged",
} as const;

/**
 * A sentence for each setting that is off on new connections, those of the database and of the account included. Fails when the
 * database cannot be reached.
 */
export async function durabilityRisks(knex: Knex): Promise<string[]> {
  const names = Object.keys(risks) as (keyof typeof risks)[];
  const { rows } = await knex.raw<{ rows: { name: keyof typeof risks }[] }>(
    "select name from unnest(?::text[]) with ordinality as each (name, place) where current_setting(name) = 'off' order by place",
    [names],
  );
  return rows.map(({ name }) => risks[name]);
}

/** Logs a warning for each risk. Fails with an OperatorError when there is one and `isRequired`. */
export async function requireDurable(knex: Knex, isRequired: boolean, log: Logger): Promise<void> {
  const found = await durabilityRisks(knex);
  if (found.length > 0 && isRequired) {
    throw new OperatorError(
      `The database may lose what it has acknowledged: ${found.join("; ")}. Turn it on, or set ALLOW_UNSAFE_DATABASE=true.`,
    );
  }
  for (const risk of found) log.warn(risk);
}
