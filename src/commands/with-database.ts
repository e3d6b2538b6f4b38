// Opens the configured database for one command, and closes it again.
import type { Config } from "../config.js";
import { type OpenedDatabase, openConfigured } from "../platform/configured-database.js";
import { openLog } from "../platform/log.js";
import { requireSchema } from "../platform/migrations/require-schema.js";

export interface WithDatabaseOptions {
  /** False for the commands that are there to mend the schema. */
  readonly requireCurrentSchema?: boolean;
}

/** Nobody likes to wait longer without a word. */
const patienceMs = 700;

/**
 * Runs `work` on the database, beside a server that runs on it if there is one. The embedded database is brought up to
 * date first; a real one must be, unless told otherwise. What it has to say meanwhile goes to standard error.
 */
export async function withDatabase<T>(
  config: Config,
  work: (opened: OpenedDatabase, config: Config) => Promise<T>,
  { requireCurrentSchema = true }: WithDatabaseOptions = {},
): Promise<T> {
  const say = (step: string): void => void process.stderr.write(`${step} ...\n`);
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
