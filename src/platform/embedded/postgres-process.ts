// Executes the programs of the embedded Postgres: creates a cluster, and starts a server on it. It knows no policy.
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

/** Creates the cluster of a new home atomically. Without `durable` it may not survive a power failure. */
export async function createCluster({ account, binaries, cluster, libraries }: Home, durable: boolean): Promise<void> {
  const temporary = `${cluster}.new`;
  await rm(temporary, { recursive: true, force: true });
  await mkdir(temporary, { mode: 0o700 });
  if (account.ids) await chown(temporary, account.ids.uid, account.ids.gid);
  const options = {
    encoding: "UTF8",
    "locale-provider": "builtin",
    "builtin-locale": "C.UTF-8",
    locale: process.platform === "darwin" ? "en_US.UTF-8" : "C.UTF-8",
    // The folder of the socket is accessible to its owner alone.
    auth: "trust",
    username: userName,
  };
  const flags = Object.entries(options).map(([name, value]) => `--${name}=${value}`);
  if (!durable) flags.push("--no-sync");
  const [program = "", ...args] = [...account.prefix, binaries.initdb, "-D", temporary, ...flags];
  try {
    await promisify(execFile)(program, args, { ...account.ids, cwd: "/", env: environment(libraries) });
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw explain(error instanceof Error && "stderr" in error ? String(error.stderr) : String(error), cluster, error);
  }
  await rename(temporary, cluster);
}

export interface ServerProcess {
  readonly child: ChildProcess;
  /** Resolves when the process has ended. */
  readonly exit: Promise<void>;
}

/** Starts Postgres, without waiting. Its output is appended to the file `log`. */
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
    // A session of its own: Ctrl-C in the terminal would stop Postgres before the server that uses it.
    const child = spawn(program, args, {
      ...account.ids,
      cwd: "/",
      detached: true,
      env: environment(libraries),
      stdio: ["ignore", output.fd, output.fd],
    });
    const exit = new Promise<void>((resolve) => {
      child.once("exit", () => resolve());
      child.once("error", () => resolve());
    });
    child.unref();
    return { child, exit };
  } finally {
    await output.close();
  }
}

const commonSettings: Readonly<Record<string, string>> = {
  cluster_name: clusterName,
  listen_addresses: "",
  unix_socket_permissions: "0700",
  max_connections: "60",
  // Small, since it is mostly idle; the system's cache serves reads.
  shared_buffers: "64MB",
  max_wal_size: "256MB",
  huge_pages: "off",
  // In the data directory: a killed server would leave files in /dev/shm, which is small in containers.
  dynamic_shared_memory_type: "mmap",
  fsync: "on",
  timezone: "UTC",
  log_timezone: "UTC",
  // No replicas, and no workers for them.
  wal_level: "minimal",
  max_wal_senders: "0",
  max_logical_replication_workers: "0",
  io_method: "sync",
  jit: "off",
  // Without failed statements, whose text contains the users' data.
  log_min_messages: "log",
  log_checkpoints: "off",
};

/** For tests, which run many servers on one Postgres. */
const fastSettings: Readonly<Record<string, string>> = {
  max_connections: "200",
  fsync: "off",
  full_page_writes: "off",
};

/**
 * Waits until the server accepts connections to its database, which is created if it does not exist. Fails with an
 * OperatorError when the process ends before.
 */
export async function waitUntilReady(
  { runDirectory, cluster }: Home,
  server: ServerProcess,
  log: string,
  from: number,
): Promise<void> {
  let hasEnded = false;
  void server.exit.then(() => (hasEnded = true));
  for (let attempt = 1; ; attempt++) {
    if (hasEnded) throw explain(await readFrom(log, from), cluster);
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

/** The URL of a database of the server with its socket in that folder. It leaves nothing to PGPORT and PGSSLMODE. */
export function urlOf(socketFolder: string, database: string): string {
  return `postgres://${userName}@localhost:5432/${database}?host=${encodeURIComponent(socketFolder)}&sslmode=disable`;
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

/** The sentence for the operator about the output of a Postgres that has ended. */
function explain(output: string, cluster: string, cause?: unknown): OperatorError {
  const folder = dirname(cluster);
  const fatal =
    /(?:FATAL|PANIC|error|ERROR): +(.*)/.exec(output)?.[1] ??
    output
      .trim()
      .split("\n")
      .findLast((line) => !line.startsWith("initdb: removing")) ??
    "";
  const [, sentence] = knownFaults.find(([pattern]) => pattern.test(output)) ?? [];
  return new OperatorError(
    sentence?.(folder) ?? `Postgres does not start in ${cluster}: ${fatal} (see ${logFile(folder)}).`,
    { cause },
  );
}

const knownFaults: readonly (readonly [RegExp, (folder: string) => string])[] = [
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

/** The file with the output of the servers of a folder. */
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
