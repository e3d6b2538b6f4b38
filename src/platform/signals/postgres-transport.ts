// Signals by NOTIFY, over the connections that a process has anyway.
import type { Logger } from "pino";
import type { DatabaseServer } from "../database/database.js";
import { statement } from "../database/statement.js";
import type { OpenTransport } from "./signals.js";

const channel = "lyceum_signals";

// One commit for all of them, which waits for no disk: nothing is stored.
const notify = statement<object>(
  "write",
  "notify-signals",
  "select set_config('synchronous_commit', 'off', true), pg_notify($1, message) from unnest($2::text[]) message",
);

/** Opens signals between processes with the same database. Rejects as `listen` of the server does. */
export function postgresTransport(server: Pick<DatabaseServer, "database" | "listen">, log: Logger): OpenTransport {
  const database = server.database.with(log);
  return async (receive) => {
    const listener = await server.listen(channel, receive);
    return {
      // Postgres takes payloads of less than 8,000 bytes.
      longest: 7_900,
      send: async (messages) => void (await database.many(notify, [channel, messages])),
      close: () => listener.close(),
    };
  };
}
