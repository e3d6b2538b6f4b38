// The first connection to a server: whether it can be had, and whether the server is one that we can live on. Every
// fault is a sentence for the person who runs us.
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import type { Logger } from "pino";
import type { Connections } from "./connections.js";
import { ConnectionLost, isLiving, sqlState } from "./database-errors.js";
import { StrangeAnswer } from "./message-stream.js";
import { OperatorError } from "./operator-error.js";
import type { WireClient } from "./wire-client.js";

const OLDEST = 150_000;

/**
 * Connects, trying again for `waitMs` while nobody answers (a server that starts beside us). Fails with an OperatorError
 * that names neither user's password nor more of the address than host, port and database.
 */
export async function firstConnection(connections: Connections, waitMs: number, log: Logger): Promise<WireClient> {
  requireReadable(connections.url);
  const end = performance.now() + waitMs;
  for (let attempt = 1; ; attempt += 1) {
    try {
      const client = await connections.connect({ statementTimeoutMs: 1_500 });
      await requireUsable(client);
      return client;
    } catch (error) {
      connections.abandon("it is of no use");
      const isFinal = error instanceof ConnectionLost && isLiving(error.cause);
      if (isFinal || error instanceof OperatorError || performance.now() >= end) {
        connections.close();
        throw error instanceof OperatorError ? error : connectionTrouble(error, connections.url);
      }
      if (attempt === 1) log.info("waiting for the database");
      await sleep(200);
    }
  }
}

function requireReadable(url: string): void {
  try {
    target(url);
  } catch {
    // Its text may hold a password: it is not repeated, and not kept as a cause.
    throw new OperatorError("DATABASE_URL cannot be read: write it as postgres://user:password@host:port/database.");
  }
}

async function requireUsable(client: WireClient): Promise<void> {
  const asked = `select current_setting('server_version_num')::int as version, current_setting('server_encoding') as encoding`;
  const [server] = await client.run("server", asked, [], performance.now() + 1_500);
  const { version, encoding } = server as { version: number; encoding: string };
  if (version < OLDEST) {
    throw new OperatorError(`This is Postgres ${Math.floor(version / 10_000)}: Lyceum needs Postgres 15 or later.`);
  }
  if (encoding !== "UTF8") {
    throw new OperatorError(`The database is encoded in ${encoding}: create one with encoding UTF8 and use that.`);
  }
}

/** Where we tried to go. */
interface Target {
  readonly place: string;
  readonly user: string;
  readonly database: string;
}

function target(url: string): Target {
  const { host, port, user = "", database = "" } = new pg.Client({ connectionString: url });
  return { place: host.startsWith("/") ? host : `${host}:${port}`, user, database };
}

const sentences: Readonly<Record<string, (target: Target) => string>> = {
  "28P01": ({ place, user }) => `Postgres at ${place} refuses the password of user "${user}": correct DATABASE_URL.`,
  "28000": ({ place, user }) =>
    `Postgres at ${place} does not let user "${user}" in from here: check DATABASE_URL and the server's pg_hba.conf.`,
  "3D000": ({ place, database }) =>
    `Postgres at ${place} has no database "${database}": create it (createdb ${database}) or correct DATABASE_URL.`,
  "53300": ({ place }) =>
    `Postgres at ${place} has no connection left to give: raise its max_connections, or lower DATABASE_POOL.`,
};

/** The sentence for a connection that could not be made. */
export function connectionTrouble(error: unknown, url: string): OperatorError {
  const cause = error instanceof ConnectionLost ? error.cause : error;
  const to = target(url);
  const state = sqlState(cause);
  const known = sentences[state];
  if (known) return new OperatorError(known(to), { cause });
  if (isLiving(cause)) {
    return new OperatorError(`Postgres at ${to.place} refuses the connection (${state}): see the server's log.`, {
      cause,
    });
  }
  if (cause instanceof StrangeAnswer || cause instanceof pg.DatabaseError) {
    return new OperatorError(`What answers at ${to.place} is not Postgres: correct DATABASE_URL.`, { cause });
  }
  if (cause instanceof Error && cause.message.includes("SSL")) {
    return new OperatorError(
      `Postgres at ${to.place} does not encrypt as DATABASE_URL asks: set up TLS on the server, or correct sslmode.`,
      { cause },
    );
  }
  return new OperatorError(`No Postgres answers at ${to.place}: start it, or correct DATABASE_URL.`, { cause });
}
