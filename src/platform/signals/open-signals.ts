// Chooses what carries signals: Redis or NATS where one is configured, else Postgres.
import type { Logger } from "pino";
import type { SignalServer } from "../../signals-url.js";
import type { DatabaseServer } from "../database/database.js";
import { natsTransport } from "./nats-transport.js";
import { postgresTransport } from "./postgres-transport.js";
import { redisTransport } from "./redis-transport.js";
import { openSignalsOver, type Signals } from "./signals.js";

export interface SignalDeps {
  readonly server: Pick<DatabaseServer, "database" | "listen">;
  readonly log: Logger;
  /** What all processes of the installation share and no other one has: a key made of SECRET_KEY. Its hexadecimal form names the channel. */
  readonly key: Uint8Array;
}

/** Opens the signals of this process, over the database where no server is named. A server need not be there yet; rejects as the database does. */
export function openSignals(given: SignalServer | undefined, { server, log, key }: SignalDeps): Promise<Signals> {
  const name = Buffer.from(key.subarray(0, 8)).toString("hex");
  if (given === undefined) return openSignalsOver(postgresTransport(server, log), log);
  const transport = given.kind === "redis" ? redisTransport : natsTransport;
  return openSignalsOver(transport(given.url, name, log), log);
}
