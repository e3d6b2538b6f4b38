// The first connection to a server: whether it can be had, and whether the server is one that we can live on. Every
// fault is a sentence for the person who runs us.
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import type { Logger } from "pino";
import type { Connections } from "./connections.js";
import { ConnectionLost, isLiving, sqlState } from "./database-errors.js";
import { StrangeAnswer } from "./protocol/message-stream.js";
import { OperatorError } from "../operator-error.js";
import type { PipelinedClient } from "./protocol/pipelined-client.js";

const OLDEST = 150_000;

/**
 * Connects, trying again for `waitMs` while nobody answers (a server that starts beside us). Fails with an OperatorError
 * that names neither user's password nor more of the address than host, port and database.
 */
export async function firstConnection(connections: Connections, waitMs: number, log: Logger): Promise<PipelinedClient> {
  requireReadable(connections.url);
  const end = performance.now() + waitMs;
  for (let attempt = 1; ; attempt += 1) {
    try {
      const client = await connections.connect({ statementTimeoutMs: 1_500 });
      await requireUsable(client);
      return client;
    } catch (error) {
      const cause = error instanceof ConnectionLost ? error.cause : error;
      const mayPass = error instanceof ConnectionLost && !isLiving(cause) && !isStrange(cause);
      if (!mayPass || performance.now() >= end) {
        connections.abandon("it is of no use");
        connections.close();
        throw connectionTrouble(error, connections.url);
      }
      if (attempt === 1) log.info("waiting for the database");
      await sleep(200);
    }
  }
}

/** Whether something answered that is not Postgres: nonsense, or a message that pg knows nothing of. */
function isStrange(cause: unknown): boolean {
  return cause instanceof StrangeAnswer || (cause instanceof pg.DatabaseError && sqlState(cause) === "");
}

function requireReadable(url: string): void {
  try {
    target(url);
  } catch {
    // Its text may hold a password: it is not repeated, and not kept as a cause.
    throw new OperatorError("DATABASE_URL cannot be read: write it as postgres://user:password@host:port/database.");
  }
}

async function requireUsable(client: PipelinedClient): Promise<void> {
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

/** What to tell the person who runs us of an error in connecting. */
export function connectionTrouble(error: unknown, url: string): OperatorError {
  if (error instanceof OperatorError) return error;
  const cause = error instanceof ConnectionLost ? error.cause : error;
  return new OperatorError(sentence(cause, target(url)), { cause });
}

function sentence(cause: unknown, to: Target): string {
  const state = sqlState(cause);
  const known = sentences[state];
  if (known) return known(to);
  if (isLiving(cause)) return `Postgres at ${to.place} refuses the connection (${state}): see the server's log.`;
  if (isStrange(cause)) return `What answers at ${to.place} is not Postgres: correct DATABASE_URL.`;
  if (cause instanceof Error && /SSL|certificate/i.test(cause.message)) {
    return `Postgres at ${to.place} does not encrypt as DATABASE_URL asks (${cause.message}): correct its certificate, or sslmode.`;
  }
  return `No Postgres answers at ${to.place}: start it, or correct DATABASE_URL.`;
}
