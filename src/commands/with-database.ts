// Opens the configured database for one command, and closes it afterwards.
import type { Config } from "../config.js";
import type { OpenedDatabase } from "../platform/configured-database.js";

export interface WithDatabaseOptions {
  /** False for the commands that change the schema. */
  readonly requireCurrentSchema?: boolean;
}

/** How long a command waits before it prints what it is doing. */
const patienceMs = 700;

/**
 * Runs `work` on the database, which a running server may use at the same time. The schema of the embedded database is
 * migrated first; that of a real one must be current, unless `requireCurrentSchema` is false. Progress goes to standard
 * error. Throws an OperatorError when the database cannot be opened.
 */
export async function withDatabase<T>(
  config: Config,
  work: (opened: OpenedDatabase, config: Config) => Promise<T>,
  { requireCurrentSchema = true }: WithDatabaseOptions = {},
): Promise<T> {
  const say = (step: string): void => void process.stderr.write(`${step} ...\n`);
  const [{ openConfigured }, { openLog }, { requireSchema }] = await Promise.all([
    import("../platform/configured-database.js"),
    import("../platform/log.js"),
    import("../platform/migrations/require-schema.js"),
  ]);
  const log = openLog({ level: "warn", format: "text", file: undefined, isForPeople: true });
  const slow = setTimeout(() => say("opening the database"), patienceMs);
  const opened = await openConfigured(config, log.logger, { share: true }).finally(() => clearTimeout(slow));
  try {
    if (requireCurrentSchema)
      await requireSchema({
        url: opened.url,
        knex: opened.server.knex,
        migrate: opened.isEmbedded,
        progress: say,
      });
    return await work(opened, config);
  } finally {
    await opened.close();
    await log.close();
  }
}
