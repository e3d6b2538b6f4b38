// A private Postgres for when no other is given: started with us, kept alive, stopped with us.
// Reached through a socket that only its owner can open. Not for production.
import { realpath, rename, rm, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "pino";
import { type FileLock, lockFile } from "./file-lock.js";
import { makeFolder } from "../folders.js";
import { OperatorError, fileTrouble } from "../operator-error.js";
import { diesWithUs } from "./postgres-account.js";
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
  /** Made if need be. The cluster lies in its folder `postgres`, what Postgres says in `postgres.log`. */
  readonly directory: string;
  readonly log: Logger | undefined;
  /** False for tests: what was committed may be lost in a power cut (not when a process is killed). True by default. */
  readonly durable?: boolean;
  /** When another process works on the directory, its Postgres will do, for as long as that process lives. */
  readonly share?: boolean;
}

export interface EmbeddedPostgres {
  /** For pg and Knex: the socket's folder stands in the query string. It stays the same while the server lives. */
  readonly url: string;
  /** Of the running Postgres; undefined for the moment in which it is started again, and for one of another process. */
  pid(): number | undefined;
  /** Ends all sessions and stops Postgres, by force after four seconds; leaves one of another process alone. */
  stop(): Promise<void>;
}

/**
 * Starts Postgres on that directory, which is initialized the first time, and starts it again whenever it dies before
 * `stop`. A server left behind by a killed process is stopped first. Fails with an OperatorError: when another process
 * works on the directory, when it cannot be used, or when Postgres cannot run here.
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

/** What another process has begun to start is waited for so long. */
const patienceMs = 10_000;

// The lock of the directory; or, for who shares, the URL of the Postgres that another process runs there.
async function lockOrUrl(directory: string, share: boolean): Promise<FileLock | string> {
  for (const until = Date.now() + patienceMs; ; await delay(100)) {
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

// Starts Postgres, and again whenever it dies, until stopped.
async function supervise(
  home: Home,
  directory: string,
  { log, durable = true }: EmbeddedPostgresOptions,
): Promise<{ pid(): number | undefined; stop(): Promise<void> }> {
  const output = logFile(directory);
  const guard = await diesWithUs(home.account);
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
      await server.gone;
      current = undefined;
      for (let attempt = 1; ; attempt++) {
        if (isStopping) return;
        if (attempt === 1) log?.warn("Postgres has died: starting it again");
        try {
          server = await launch();
          if (isStopping) await end(server);
          log?.info("Postgres is back");
          break;
        } catch (error) {
          // Sessions of the dead server may need a moment to notice; a full disk needs longer.
          if (attempt % 100 === 50) log?.error({ err: error }, "Postgres does not start again: still trying");
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

// Fast shutdown, then by force: the data survives both, the next start is slower after the second.
async function end({ child, gone }: ServerProcess): Promise<void> {
  child.ref();
  for (const [signal, patience] of [
    ["SIGINT", 4_000],
    ["SIGQUIT", 1_500],
    ["SIGKILL", 1_500],
  ] as const) {
    child.kill(signal);
    if (await within(patience, gone)) return;
  }
}

async function within(milliseconds: number, event: Promise<void>): Promise<boolean> {
  const timer = new AbortController();
  const late = delay(milliseconds, false, { signal: timer.signal }).catch(() => false);
  const answer = await Promise.race([event.then(() => true), late]);
  timer.abort();
  return answer;
}

const largeLog = 1024 * 1024;

async function rotate(path: string): Promise<void> {
  if ((await sizeOf(path)) > largeLog) await rename(path, `${path}.1`);
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch {
    return 0;
  }
}
