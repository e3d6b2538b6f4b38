// Opens the database of the configuration, a real server or the embedded one, for the server and for the command line.
import type { Logger } from "pino";
import type { Config } from "../config.js";
import { type DatabaseServer, openDatabase } from "./database/database.js";
import { startEmbeddedPostgres } from "./embedded/embedded-postgres.js";

export interface OpenedDatabase {
  readonly server: DatabaseServer;
  /** For connections other than those of `server`, such as those of migrations. */
  readonly url: string;
  readonly isEmbedded: boolean;
  /** Closes the connections, then stops the embedded server if this call has started it. */
  close(): Promise<void>;
}

/**
 * Opens the database; without DATABASE_URL it starts the embedded one, or with `share` uses the one that another process has
 * started, and leaves it running. Fails with an OperatorError.
 */
export async function openConfigured(
  config: Config,
  log: Logger,
  { share = false }: { readonly share?: boolean } = {},
): Promise<OpenedDatabase> {
  const databaseLog = log.child({ logger: "database" });
  const embedded =
    config.databaseUrl === undefined
      ? await startEmbeddedPostgres({ directory: config.dataDir, log: databaseLog, share })
      : undefined;
  const url = embedded?.url ?? config.databaseUrl!;
  try {
    const server = await openDatabase({
      url,
      pool: config.databasePool,
      readers: config.databaseReaders,
      writers: config.databaseWriters,
      log: databaseLog,
      slowMs: config.slowQueryMs,
    });
    return {
      server,
      url,
      isEmbedded: embedded !== undefined,
      close: async () => {
        await server.close();
        await embedded?.stop();
      },
    };
  } catch (error) {
    await embedded?.stop();
    throw error;
  }
}
