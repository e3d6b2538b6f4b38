// The life of a server: what is opened, in which order, and how it is closed again.
import type { Logger } from "pino";
import { openAccounts } from "./accounts/open.js";
import { createApp } from "./app.js";
import { type Config, descriptorFile, protoDirectory } from "./config.js";
import { loadContract } from "./contract/model/load.js";
import { seedDemo } from "./demo.js";
import { openConfigured } from "./platform/configured-database.js";
import { drain, httpServer, listen, requireFreePort } from "./platform/http/http-server.js";
import { type Log, openLog } from "./platform/log.js";
import { keptSecret } from "./platform/secret-key.js";
import { requireSchema } from "./platform/migrations/require-schema.js";

/** In-flight requests get this long; with the rest of the shutdown it stays under ten seconds. */
const drainMs = 7_000;

export interface RunningServer {
  /** Where it listens: `http://localhost:8080`. */
  readonly url: string;
  readonly port: number;
  readonly isEmbedded: boolean;
  readonly log: Logger;
  /** Says "not ready", answers what is in flight, closes everything. A second call waits for the first. */
  close(): Promise<void>;
}

export interface StartOptions {
  /** Brings a real server's schema up to date first; the embedded one's always is. */
  readonly migrate?: boolean;
  /** Told what is being done, for a person who waits. */
  readonly progress?: (step: string) => void;
}

/** Starts a server. Whatever was opened is closed again when a later step fails. */
export async function startServer(config: Config, options: StartOptions = {}): Promise<RunningServer> {
  const undo: (() => Promise<void>)[] = [];
  const closeAll = async () => {
    for (const close of undo.reverse()) await close();
  };
  try {
    return await open(config, options, undo, closeAll);
  } catch (error) {
    await closeAll();
    throw error;
  }
}

async function open(
  config: Config,
  { migrate = false, progress = () => {} }: StartOptions,
  undo: (() => Promise<void>)[],
  closeAll: () => Promise<void>,
): Promise<RunningServer> {
  const { logger, close: closeLog }: Log = openLog({
    level: config.logLevel,
    format: config.logFormat,
    file: config.logFile,
  });
  undo.push(closeLog);
  const log = logger.child({ logger: "server" });
  const contract = loadContract(protoDirectory);
  // Said now, and not after a person has waited for a database.
  await requireFreePort(config.port, config.host);

  progress(config.databaseUrl === undefined ? "starting the embedded database" : "connecting to the database");
  const opened = await openConfigured(config, logger);
  undo.push(opened.close);
  const { url, server: databaseServer, isEmbedded } = opened;
  await requireSchema({ url, knex: databaseServer.knex, migrate: isEmbedded || migrate, progress });

  const secretKey = config.secretKey ?? keptSecret(config.dataDir);
  const accounts = await openAccounts(databaseServer, { ...config, secretKey }, logger.child({ logger: "accounts" }));
  undo.push(accounts.close);
  if (isEmbedded && config.environment === "development") {
    await seedDemo(databaseServer.database, accounts.passwords, progress);
  }

  let isReady = true;
  const app = createApp({
    config,
    contract,
    descriptor: descriptorFile,
    server: databaseServer,
    accounts,
    log: logger,
    isReady: () => isReady,
  });
  const server = httpServer(app.callback());
  const port = await listen(server, config.port, config.host);
  undo.push(async () => {
    log.info("stopping");
    isReady = false;
    await new Promise((resolve) => setTimeout(resolve, config.shutdownPauseMs));
    await drain(server, drainMs);
    log.info("every request is answered");
  });

  let closing: Promise<void> | undefined;
  const name = config.host === "127.0.0.1" || config.host === "0.0.0.0" ? "localhost" : config.host;
  log.info({ port, embedded: isEmbedded }, "listening");
  return {
    url: `http://${name}:${port}`,
    port,
    isEmbedded,
    log: logger,
    close: () => (closing ??= closeAll()),
  };
}
