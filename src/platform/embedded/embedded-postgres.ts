// A private Postgres for a process without a DATABASE_URL: started with the process, restarted when it dies, stopped with the
// process. Its Unix socket is accessible to its owner alone. Not for production.
import { realpath, rename, rm, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "pino";
import { type FileLock, lockFile } from "./file-lock.js";
import { makeFolder } from "../folders.js";
import { OperatorError, fileTrouble } from "../operator-error.js";
import { deathSignal } from "./postgres-account.js";
import { type Home, prepareHome } from "./postgres-home.js";
import {
  type ServerProcess,
  createCluster,
  databaseName,
  logFile,
  spawnServer,
  urlOf,
  waitUntilReady,
} from "./postgres-process.js";
import { disarmStalePid, retirePostmaster, socketFolder } from "./postmaster-pid.js";

export interface EmbeddedPostgresOptions {
  /** Created if it does not exist. Its folder `postgres` is the cluster, its file `postgres.log` the output of Postgres. */
  readonly directory: string;
  readonly log: Logger | undefined;
  /** False for tests: a power failure may lose committed data; the death of a process does not. True by default. */
  readonly durable?: boolean;
  /** When another process has started Postgres on the directory, that one is used, and ends with that process. */
  readonly share?: boolean;
}

export interface EmbeddedPostgres {
  /** For pg and Knex, with the folder of the socket in the query string. It is the same after a restart. */
  readonly url: string;
  /** Of the running Postgres; undefined during a restart, and for the Postgres of another process. */
  pid(): number | undefined;
  /** Ends all sessions and stops Postgres, by force after four seconds. Without effect on that of another process. */
  stop(): Promise<void>;
}

/**
 * Starts Postgres on the directory, which is initialized the first time, and restarts it when it dies before `stop`. The
 * Postgres of a killed process is stopped first. Fails with an OperatorError when another process uses the directory, when it
 * cannot be used, or when Postgres cannot run on this machine.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const wanted = resolve(options.directory);
  try {
    makeFolder(wanted, 0o700);
    const directory = await realpath(wanted);
    const lock = await lockOrUrl(directory, options.share === true);
    if (typeof lock === "string") return { url: lock, pid: () => undefined, stop: () => Promise.resolve() };
    let home: Home | undefined;
    try {
      home = await prepareHome(directory, options.log);
      const { runDirectory } = home;
      const server = await supervise(home, directory, options);
      const stop = async (): Promise<void> => {
        await server.stop();
        await rm(runDirectory, { recursive: true, force: true });
        await lock.release();
      };
      let stopped: Promise<void> | undefined;
      return { url: urlOf(runDirectory, databaseName), pid: server.pid, stop: () => (stopped ??= stop()) };
    } catch (error) {
      if (home) await rm(home.runDirectory, { recursive: true, force: true });
      await lock.release();
      throw error;
    }
  } catch (error) {
    throw fileTrouble(error, wanted) ?? error;
  }
}

/** How long the start by another process may take. */
const sharedStartMs = 10_000;

/** The lock of the directory; or, with `share`, the URL of the Postgres of another process. */
async function lockOrUrl(directory: string, share: boolean): Promise<FileLock | string> {
  for (const until = Date.now() + sharedStartMs; ; await delay(100)) {
    const lock = await lockFile(join(directory, "postgres.lock"));
    if (lock.held) return lock;
    const runDirectory = share ? await socketFolder(join(directory, "postgres")) : undefined;
    if (runDirectory !== undefined) return urlOf(runDirectory, databaseName);
    if (!share || Date.now() > until) throw new OperatorError(alreadyRunning(directory, lock.by));
  }
}

function alreadyRunning(directory: string, pid: number): string {
  const holder = pid === 0 ? "Another process" : `Another process (pid ${pid})`;
  return `${holder} works on ${directory}: stop it first, or set DATA_DIR to another folder.`;
}

/** Starts Postgres, and restarts it when it dies, until it is stopped. */
async function supervise(
  home: Home,
  directory: string,
  { log, durable = true }: EmbeddedPostgresOptions,
): Promise<{ pid(): number | undefined; stop(): Promise<void> }> {
  const output = logFile(directory);
  const guard = await deathSignal(home.account);
  let current: ServerProcess | undefined;
  let isStopping = false;

  const launch = async (): Promise<ServerProcess> => {
    await disarmStalePid(home.cluster);
    await rm(join(home.runDirectory, ".s.PGSQL.5432.lock"), { force: true });
    const from = await sizeOf(output);
    const server = await spawnServer(home, guard, output, durable);
    current = server;
    const slow = setTimeout(() => log?.info("Postgres is still starting: it may be recovering from a crash"), 2_000);
    try {
      await waitUntilReady(home, server, output, from);
      return server;
    } catch (error) {
      await end(server);
      throw error;
    } finally {
      clearTimeout(slow);
    }
  };

  const keepAlive = async (first: ServerProcess): Promise<void> => {
    for (let server = first; ;) {
      await server.exit;
      current = undefined;
      for (let attempt = 1; ; attempt++) {
        if (isStopping) return;
        if (attempt === 1) log?.warn("Postgres has died: restarting it");
        try {
          server = await launch();
          if (isStopping) await end(server);
          log?.info("Postgres is running again");
          break;
        } catch (error) {
          // The sessions of the dead server end a moment later; a full disk takes longer.
          if (attempt % 100 === 50) log?.error({ err: error }, "Postgres does not restart: further attempts follow");
          await delay(attempt < 50 ? 20 : 500);
        }
      }
    }
  };

  const began = Date.now();
  await retirePostmaster(home.cluster, log);
  if (home.isNew) {
    log?.info("Postgres creates its data, which takes a moment the first time");
    await createCluster(home, durable);
  } else await rotate(output);
  const first = await launch();
  log?.info({ duration_ms: Date.now() - began }, "Postgres started");
  const watch = keepAlive(first);
  return {
    pid: () => current?.child.pid,
    stop: async () => {
      isStopping = true;
      if (current) await end(current);
      await watch;
    },
  };
}

/** Fast shutdown, then by force. Committed data survives both; after the second the next start includes a recovery. */
async function end({ child, exit }: ServerProcess): Promise<void> {
  child.ref();
  for (const [signal, timeoutMs] of [
    ["SIGINT", 4_000],
    ["SIGQUIT", 1_500],
    ["SIGKILL", 1_500],
  ] as const) {
    child.kill(signal);
    if (await settlesWithin(timeoutMs, exit)) return;
  }
}

async function settlesWithin(timeoutMs: number, event: Promise<void>): Promise<boolean> {
  const timer = new AbortController();
  const timeout = delay(timeoutMs, false, { signal: timer.signal }).catch(() => false);
  const isSettled = await Promise.race([event.then(() => true), timeout]);
  timer.abort();
  return isSettled;
}

/** The size from which postgres.log is rotated at the start, in bytes. */
const rotatedSize = 1024 * 1024;

async function rotate(path: string): Promise<void> {
  if ((await sizeOf(path)) > rotatedSize) await rename(path, `${path}.1`);
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch {
    return 0;
  }
}
