// Chooses what carries signals: Redis or NATS where one is configured, else Postgres.
import type { Logger } from "pino";
import type { DatabaseServer } from "../database/database.js";
import { natsTransport } from "./nats-transport.js";
import { postgresTransport } from "./postgres-transport.js";
import { redisTransport } from "./redis-transport.js";
import { openSignalsOver, type Signals } from "./signals.js";

export interface SignalSettings {
  /** Not both. */
  readonly redisUrl: string | undefined;
  readonly natsUrl: string | undefined;
}

export interface SignalDeps {
  readonly server: Pick<DatabaseServer, "database" | "listen">;
  readonly log: Logger;
  /** What all processes of the installation share and no other one has: a key made of SECRET_KEY. Its hexadecimal form names the channel. */
  readonly key: Uint8Array;
}

/** Opens the signals of this process. Redis or NATS need not be there yet; rejects as the database does. */
export function openSignals({ redisUrl, natsUrl }: SignalSettings, { server, log, key }: SignalDeps): Promise<Signals> {
  const name = Buffer.from(key.subarray(0, 8)).toString("hex");
  if (redisUrl !== undefined) return openSignalsOver(redisTransport(redisUrl, name, log), log);
  if (natsUrl !== undefined) return openSignalsOver(natsTransport(natsUrl, name, log), log);
  return openSignalsOver(postgresTransport(server), log);
}
