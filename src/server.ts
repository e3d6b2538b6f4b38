// The start and the shutdown of a server: what is opened and closed, and in which order.
import type { Logger } from "pino";
import { demoLogin, seedDemo } from "./accounts/demo.js";
import { openAccounts } from "./accounts/open.js";
import { isSecureOrigin } from "./accounts/sessions/session-cookie.js";
import { createApp } from "./app.js";
import { type Config, descriptorFiles, protoDirectory } from "./config.js";
import { loadContract } from "./contract/model/load.js";
import { parserRefusals } from "./doors/parser-refusals.js";
import { rowReader } from "./imports/row.js";
import { chainKey } from "./platform/audit/chain.js";
import { startChaining } from "./platform/audit/chaining.js";
import { openBlobStore } from "./platform/blobs/open-blob-store.js";
import { openConfigured } from "./platform/configured-database.js";
import { requireDurable } from "./platform/database/requirements/durability.js";
import { closeAfterAnswers, drain, httpServer, listen, requireFreePort } from "./platform/http/http-server.js";
import { type Log, openLog } from "./platform/log.js";
import { deriveKey } from "./platform/secrets/derived-key.js";
import { openMailer } from "./platform/mail/open-mailer.js";
import { startWorking } from "./platform/jobs/working.js";
import { keptSecret } from "./platform/secrets/secret-key.js";
import { requireSchema } from "./platform/migrations/require-schema.js";
import { openSignals } from "./platform/signals/open-signals.js";
import { startSweep } from "./platform/sweep/sweep.js";
import { openFeed } from "./platform/updates/feed/feed.js";
import { startConsuming } from "./platform/updates/consuming.js";
import { openRealtime } from "./realtime/open-realtime.js";
import { consumers, demoSteps, promptSteps, tasks } from "./services.js";
import { openSender } from "./webhooks/open-sender.js";

/** How long requests in flight may take at shutdown, in milliseconds. The whole shutdown takes less than ten seconds. */
const drainMs = 7_000;
const promptMs = 2_000;

export interface RunningServer {
  /** The address, such as `http://localhost:8080`. */
  readonly url: string;
  readonly port: number;
  readonly isEmbedded: boolean;
  readonly log: Logger;
  /** Becomes not ready, answers the requests in flight, then closes everything. A second call waits for the first. */
  close(): Promise<void>;
}

export interface StartOptions {
  /** Migrates the schema of an external database first. The schema of the embedded one is always migrated. */
  readonly migrate?: boolean;
  /** Called with the name of each step of the start, for an operator who waits. */
  readonly progress?: (step: string) => void;
}

/**
 * Starts a server. When a step fails, everything that was opened is closed, and the error of the step is thrown: an
 * OperatorError when the operator can correct it.
 */
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
  // Checked first, so that a taken port is reported before the wait for the database.
  await requireFreePort(config.port, config.host);

  progress(config.databaseUrl === undefined ? "starting the embedded database" : "connecting to the database");
  const opened = await openConfigured(config, logger);
  undo.push(opened.close);
  const { url, server: databaseServer, isEmbedded } = opened;
  await requireDurable(databaseServer.knex, !config.isUnsafeDatabaseAllowed, log);
  await requireSchema({ url, knex: databaseServer.knex, migrate: isEmbedded || migrate, progress });

  const secretKey = config.secretKey ?? keptSecret(config.dataDir);
  const mailer = openMailer(config, deriveKey(secretKey, "mail"), logger.child({ logger: "mail" }));
  undo.push(async () => mailer.close());
  const blobs = await openBlobStore(config, logger.child({ logger: "files" }));
  undo.push(blobs.close);
  const accounts = await openAccounts(
    { server: databaseServer, mailer, log: logger.child({ logger: "audit" }) },
    { ...config, secretKey },
  );
  undo.push(accounts.close);
  if (!isSecureOrigin(config.publicUrl))
    log[config.environment === "production" ? "warn" : "info"](
      { public_url: config.publicUrl },
      "PUBLIC_URL is not https: the cookie of a session has neither Secure nor the prefix __Host-",
    );
  const isDemo = isEmbedded && config.environment === "development";
  if (isDemo) await seedDemo(databaseServer.database, accounts.passwords, demoSteps({ blobs }), progress);
  const importKey = deriveKey(secretKey, "files of imports");
  const imports = {
    readRow: rowReader(contract, accounts.appName),
    key: importKey,
    passwords: accounts.passwords,
    publicUrl: accounts.publicUrl,
    appName: accounts.appName,
    mailer,
    concurrency: config.jobsConcurrency,
  };
  const { database } = databaseServer;
  const chaining = startChaining({ database, key: chainKey(secretKey), log: logger.child({ logger: "audit" }) });
  undo.push(chaining.close);

  const webhooks = {
    webhookKey: deriveKey(secretKey, "webhooks"),
    policy: { isPrivateAllowed: config.isPrivateWebhookAllowed, isHttpAllowed: config.environment !== "production" },
  };
  const sender = openSender(contract, {
    ...webhooks,
    database,
    log: logger.child({ logger: "webhooks" }),
    isTest: config.environment === "test",
  });
  undo.push(sender.close);
  const working = startWorking({
    url,
    database,
    log: logger.child({ logger: "jobs" }),
    tasks: tasks({ blobs, mailer, sender, imports }),
    concurrency: config.jobsConcurrency,
  });
  undo.push(working.close);
  const consuming = startConsuming({ database, log: logger.child({ logger: "updates" }), consumers });
  undo.push(consuming.close);
  const prompt = startSweep({
    steps: promptSteps,
    database,
    log: logger.child({ logger: "prompt steps" }),
    everyMs: promptMs,
    soonMs: promptMs,
    doneLevel: "debug",
  });
  undo.push(prompt.close);

  const signals = await openSignals(config.signalServer, {
    server: databaseServer,
    log: logger.child({ logger: "signals" }),
    key: deriveKey(secretKey, "signals"),
  });
  undo.push(signals.close);
  const feed = await openFeed({ server: databaseServer, log: logger.child({ logger: "feed" }), signals });
  undo.push(feed.close);
  const realtime = openRealtime({
    database,
    signals,
    feed,
    hasPresence: config.hasPresence,
    log: logger.child({ logger: "realtime" }),
  });
  undo.push(realtime.close);

  const stopping = new AbortController();
  const app = createApp({
    config,
    contract,
    descriptors: descriptorFiles,
    server: databaseServer,
    accounts,
    importKey,
    realtime: { ...realtime, closing: stopping.signal },
    files: { blobs, linkKey: deriveKey(secretKey, "links to files") },
    webhooks,
    idempotencyKey: deriveKey(secretKey, "idempotency key"),
    login: isDemo ? demoLogin : undefined,
    log: logger,
    isReady: () => !stopping.signal.aborted,
    closing: stopping.signal,
  });
  const server = httpServer(app.listener, parserRefusals(contract, logger.child({ logger: "http" })), app.onUpgrade);
  const port = await listen(server, config.port, config.host);
  undo.push(async () => {
    log.info("stopping");
    stopping.abort();
    closeAfterAnswers(server);
    const pause = new Promise((resolve) => setTimeout(resolve, config.shutdownPauseMs));
    await Promise.all([pause, app.sockets.drain(config.shutdownPauseMs)]);
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
