// The first connection to a server: whether it can be opened, and whether the server meets the requirements. Every fault is a
// sentence for the operator.
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import { OperatorError } from "../operator-error.js";
import type { Connections } from "./connections.js";
import { isRefusal } from "./database-errors.js";
import { type Address, type Connection, ConnectionLost, NotPostgres, sqlState } from "./protocol/connection.js";
import { addressOf } from "./protocol/open-connection.js";

const OLDEST_VERSION = 150_000;

/**
 * Connects, with retries for `waitMs` while nothing responds, as when the server is being started. Fails with an OperatorError,
 * whose sentence has host, port, user and database at most, and never the password.
 */
export async function firstConnection(connections: Connections, waitMs: number, log: Logger): Promise<Connection> {
  requireReadable(connections.url);
  const end = performance.now() + waitMs;
  for (let attempt = 1; ; attempt += 1) {
    try {
      const connection = await connections.connect({ statementTimeoutMs: 1_500 });
      await requireSupported(connection);
      return connection;
    } catch (error) {
      const cause = error instanceof ConnectionLost ? error.cause : error;
      const isTemporary = error instanceof ConnectionLost && !isRefusal(cause) && !(cause instanceof NotPostgres);
      if (!isTemporary || performance.now() >= end) {
        connections.destroyAll("the database cannot be used");
        connections.close();
        throw connectionTrouble(error, connections.url);
      }
      if (attempt === 1) log.info("waiting for the database");
      await sleep(200);
    }
  }
}

function requireReadable(url: string): void {
  try {
    addressOf(url);
  } catch {
    // The error may quote the password: it is neither repeated nor kept as the cause.
    throw new OperatorError("DATABASE_URL cannot be read: write it as postgres://user:password@host:port/database.");
  }
}

async function requireSupported(connection: Connection): Promise<void> {
  const sql = `select current_setting('server_version_num')::int as version, current_setting('server_encoding') as encoding`;
  const [server] = await connection.run("server", sql, [], performance.now() + 1_500);
  const { version, encoding } = server as { version: number; encoding: string };
  if (version < OLDEST_VERSION) {
    throw new OperatorError(`This is Postgres ${Math.floor(version / 10_000)}: Lyceum needs Postgres 15 or later.`);
  }
  if (encoding !== "UTF8") {
    throw new OperatorError(`The database is encoded in ${encoding}: create one with encoding UTF8 and use that.`);
  }
}

const sentences: Readonly<Record<string, (address: Address) => string>> = {
  "28P01": (address) =>
    `Postgres at ${placeOf(address)} refuses the password of user "${address.user}": correct DATABASE_URL.`,
  "28000": (address) =>
    `Postgres at ${placeOf(address)} refuses user "${address.user}" from this machine: check DATABASE_URL and the server's pg_hba.conf.`,
  "3D000": (address) =>
    `Postgres at ${placeOf(address)} has no database "${address.database}": create it (createdb ${address.database}) or correct DATABASE_URL.`,
  "53300": (address) =>
    `Postgres at ${placeOf(address)} has no connection left: raise its max_connections, or lower DATABASE_POOL, DATABASE_READERS or DATABASE_WRITERS.`,
};

/** The sentence for the operator about an error in connecting. */
export function connectionTrouble(error: unknown, url: string): OperatorError {
  if (error instanceof OperatorError) return error;
  const cause = error instanceof ConnectionLost ? error.cause : error;
  return new OperatorError(sentence(cause, addressOf(url)), { cause });
}

function sentence(cause: unknown, address: Address): string {
  const state = sqlState(cause);
  const known = sentences[state];
  if (known) return known(address);
  const place = placeOf(address);
  if (isRefusal(cause)) return `Postgres at ${place} refuses the connection (${state}): see the server's log.`;
  if (cause instanceof NotPostgres) return `The server at ${place} is not Postgres: correct DATABASE_URL.`;
  if (cause instanceof Error && /SSL|certificate/i.test(cause.message)) {
    return `Postgres at ${place} does not encrypt as DATABASE_URL requires (${cause.message}): correct its certificate, or sslmode.`;
  }
  return `No Postgres answers at ${place}: start it, or correct DATABASE_URL.`;
}

function placeOf({ host, port }: Address): string {
  return host.startsWith("/") ? host : `${host}:${port}`;
}
