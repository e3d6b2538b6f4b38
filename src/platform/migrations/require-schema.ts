// Whether the database has the schema of this version of the server.
import type { Knex } from "knex";
import { type MigrationProgress, migrations, schemaState } from "./migrations.js";
import { OperatorError } from "../operator-error.js";

export interface SchemaOptions {
  readonly url: string;
  readonly knex: Knex;
  /** Whether to bring an older schema up to date. */
  readonly migrate: boolean;
  /** Called when a step begins. */
  readonly progress: (step: string) => void;
}

/** Ensures that the schema is the one of this version. Fails with an OperatorError. */
export async function requireSchema({ url, knex, migrate, progress }: SchemaOptions): Promise<void> {
  const state = await schemaState(knex);
  if (state === "unknown")
    throw new OperatorError(
      "The database's schema is newer than this server: start the version of Lyceum that made it.",
    );
  if (state === "current") return;
  if (!migrate)
    throw new OperatorError(
      "The database's schema is older than this server: run `lyceum migrate latest`, or start with `--migrate`.",
    );
  const begins = (step: MigrationProgress): boolean => step === "waiting" || step.durationMs === undefined;
  await migrations({ url, progress: (step) => begins(step) && progress(describe(step)) }).latest();
}

/** A line for the operator. */
export function describe(step: MigrationProgress): string {
  if (step === "waiting") return "waiting for another process that migrates";
  const { name, direction, durationMs } = step;
  const way = direction === "up" ? "migrating up" : "migrating down";
  return durationMs === undefined ? `${way}: ${name}` : `${way}: ${name} done in ${Math.round(durationMs)} ms`;
}
