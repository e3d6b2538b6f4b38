// Opens the configured database for one command, and closes it again.
import type { Config } from "../config.js";
import { type OpenedDatabase, openConfigured } from "../opening.js";
import { openLog } from "../platform/log.js";
import { requireSchema } from "../schema.js";

export interface WithDatabaseOptions {
  /** False for the commands that are there to mend the schema. */
  readonly requireCurrentSchema?: boolean;
}

/** Runs `work` on the database. The embedded one is brought up to date first; a real one must be, unless told otherwise. */
export async function withDatabase<T>(
  config: Config,
  work: (opened: OpenedDatabase, config: Config) => Promise<T>,
  { requireCurrentSchema = true }: WithDatabaseOptions = {},
): Promise<T> {
  const log = openLog({ level: "warn", format: "text", file: undefined });
  const opened = await openConfigured(config, log.logger);
  try {
    if (requireCurrentSchema)
      await requireSchema({
        url: opened.url,
        knex: opened.server.knex,
        migrate: opened.isEmbedded,
        progress: () => {},
      });
    return await work(opened, config);
  } finally {
    await opened.close();
    await log.close();
  }
}
