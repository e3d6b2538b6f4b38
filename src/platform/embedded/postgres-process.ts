// Runs the programs of the embedded Postgres: makes a cluster, starts a server on it, stops it. Knows no policy.
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { chown, mkdir, open, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { ConnectionLost } from "../database/protocol/connection.js";
import { openConnection } from "../database/protocol/open-connection.js";
import { OperatorError, fileTrouble } from "../operator-error.js";
import { environment } from "./postgres-account.js";
import type { Home } from "./postgres-home.js";
import { clusterName } from "./postmaster-pid.js";

export const databaseName = "lyceum";
const userName = "lyceum";

/** Makes the cluster of a new home, all of it or nothing. Without `durable` it need not survive a power cut. */
export async function createCluster({ account, binaries, cluster, libraries }: Home, durable: boolean): Promise<void> {
  const half = `${cluster}.new`;
  await rm(half, { recursive: true, force: true });
  await mkdir(half, { mode: 0o700 });
  if (account.ids) await chown(half, account.ids.uid, account.ids.gid);
  const options = {
    encoding: "UTF8",
    "locale-provider": "builtin",
    "builtin-locale": "C.UTF-8",
    locale: process.platform === "darwin" ? "en_US.UTF-8" : "C.UTF-8",
    // The socket lies where its owner alone can go.
    auth: "trust",
    username: userName,
  };
  const flags = Object.entries(options).map(([name, value]) => `--${name}=${value}`);
  if (!durable) flags.push("--no-sync");
  const [program = "", ...args] = [...account.prefix, binaries.initdb, "-D", half, ...flags];
  try {
    await promisify(execFile)(program, args, { ...account.ids, cwd: "/", env: environment(libraries) });
  } catch (error) {
    await rm(half, { recursive: true, force: true });
    throw explain(error instanceof Error && "stderr" in error ? String(error.stderr) : String(error), cluster, error);
  }
  await rename(half, cluster);
}

export interface ServerProcess {
  readonly child: ChildProcess;
  /** Settles when the process is gone. */
  readonly gone: Promise<void>;
}

/** Starts Postgres and leaves it to itself. What it says is added to the file `log`. */
export async function spawnServer(
  { account, binaries, cluster, libraries, runDirectory }: Home,
  guard: readonly string[],
  log: string,
  durable: boolean,
): Promise<ServerProcess> {
  const settings = { ...commonSettings, ...(durable ? {} : fastSettings), unix_socket_directories: runDirectory };
  const flags = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const [program = "", ...args] = [...account.prefix, ...guard, binaries.postgres, "-D", cluster, ...flags];
  const output = await open(log, "a", 0o600);
  try {
    // A session of its own, or Ctrl-C in the terminal would stop Postgres before those who still need it.
    const child = spawn(program, args, {
      ...account.ids,
      cwd: "/",
      detached: true,
      env: environment(libraries),
      stdio: ["ignore", output.fd, output.fd],
    });
    const gone = new Promise<void>((resolve) => {
      child.once("exit", () => resolve());
      child.once("error", () => resolve());
    });
    child.unref();
    return { child, gone };
  } finally {
    await output.close();
  }
}

const commonSettings: Readonly<Record<string, string>> = {
  cluster_name: clusterName,
  listen_addresses: "",
  unix_socket_permissions: "0700",
  max_connections: "60",
  // Small, since it idles beside a server; the system's cache does the rest.
  shared_buffers: "64MB",
  max_wal_size: "256MB",
  huge_pages: "off",
  // In the data directory: what a killed server leaves in /dev/shm stays there, and containers have little of it.
  dynamic_shared_memory_type: "mmap",
  fsync: "on",
  timezone: "UTC",
  log_timezone: "UTC",
  // No replicas, and no workers that wait for work that never comes.
  wal_level: "minimal",
  max_wal_senders: "0",
  max_logical_replication_workers: "0",
  io_method: "sync",
  jit: "off",
  // Not the statements that fail: they would show what people wrote.
  log_min_messages: "log",
  log_checkpoints: "off",
};

const fastSettings: Readonly<Record<string, string>> = {
  fsync: "off",
  full_page_writes: "off",
};

/** Waits until the server takes connections to its database, which is made if need be. Fails when the process ends first. */
export async function waitUntilReady(
  { runDirectory, cluster }: Home,
  server: ServerProcess,
  log: string,
  from: number,
): Promise<void> {
  let isGone = false;
  void server.gone.then(() => (isGone = true));
  for (let attempt = 1; ; attempt++) {
    if (isGone) throw explain(await readFrom(log, from), cluster);
    try {
      return await execute(runDirectory, databaseName, "select");
    } catch (error) {
      const cause = error instanceof ConnectionLost ? error.cause : error;
      const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
      if (code === "EACCES" || code === "EPERM") throw fileTrouble(cause, runDirectory) ?? cause;
      if (code === "3D000") await execute(runDirectory, "postgres", `create database ${databaseName}`);
      // It is still starting, or recovering from a crash, whose duration is unknown.
      else await delay(Math.min(10 * attempt, 100));
    }
  }
}

/** The URL of a database of the server whose socket lies in that folder. */
export function urlOf(socketFolder: string, database: string): string {
  return `postgres://${userName}@localhost/${database}?host=${encodeURIComponent(socketFolder)}`;
}

async function execute(socketFolder: string, database: string, sql: string): Promise<void> {
  const url = urlOf(socketFolder, database);
  const connection = await openConnection({ url, applicationName: "lyceum", connectTimeoutMs: 2_000 });
  try {
    await connection.command(sql, Infinity);
  } finally {
    await connection.close(500);
  }
}

/** Turns what Postgres said before it gave up into a sentence that says what to do. */
function explain(said: string, cluster: string, cause?: unknown): OperatorError {
  const folder = dirname(cluster);
  const fatal =
    /(?:FATAL|PANIC|error|ERROR): +(.*)/.exec(said)?.[1] ??
    said
      .trim()
      .split("\n")
      .findLast((line) => !line.startsWith("initdb: removing")) ??
    "";
  const [, sentence] = knownTroubles.find(([pattern]) => pattern.test(said)) ?? [];
  return new OperatorError(
    sentence?.(folder) ?? `Postgres does not start in ${cluster}: ${fatal} (see ${logFile(folder)}).`,
    { cause },
  );
}

const knownTroubles: readonly (readonly [RegExp, (folder: string) => string])[] = [
  [
    /No space left on device|Disk quota exceeded/,
    (folder) => `The disk that holds ${folder} is full: free some space and start again.`,
  ],
  [
    /Permission denied|Operation not permitted/,
    (folder) => `Postgres cannot read and write ${folder}: change its owner, or set DATA_DIR to another folder.`,
  ],
  [
    /Read-only file system/,
    (folder) => `The folder ${folder} is on a read-only disk: set DATA_DIR to a folder that can be written.`,
  ],
  [
    /pre-existing shared memory block/,
    (folder) => `Another Postgres still works on ${folder}: wait until it has stopped, and start again.`,
  ],
];

/** Where the servers of a folder write what they have to say. */
export function logFile(directory: string): string {
  return join(directory, "postgres.log");
}

async function readFrom(path: string, from: number): Promise<string> {
  const file = await open(path, "r");
  try {
    const { size } = await stat(path);
    const { buffer } = await file.read(Buffer.alloc(Math.min(size - from, 64 * 1024)), 0, undefined, from);
    return buffer.toString("utf8");
  } finally {
    await file.close();
  }
}
