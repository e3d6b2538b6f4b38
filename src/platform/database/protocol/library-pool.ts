// A pool of pg's own connections, for a library that works with nothing else.
import pg from "pg";
import { clientConfig } from "./client-config.js";
import type { ConnectionSettings } from "./connection.js";

export type LibraryPool = pg.Pool;

/** Makes a pool of at most `max` connections, none before its first use. Errors of idle connections go to `onError`. */
export function libraryPool(settings: ConnectionSettings, max: number, onError: (error: Error) => void): LibraryPool {
  const pool = new pg.Pool({ ...clientConfig(settings), max });
  pool.on("error", onError);
  pool.on("connect", (client) => void client.on("error", onError));
  return pool;
}
