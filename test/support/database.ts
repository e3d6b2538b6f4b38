// Databases for tests: real, new and migrated. Each process has one Postgres, embedded unless TEST_DATABASE_URL names
// another, and one migrated template; tests that kill Postgres have one of their own.
import { randomBytes } from "node:crypto";
import { rmSync, statfsSync } from "node:fs";
import { mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { freemem, tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "../../src/platform/embedded/embedded-postgres.js";
import { migrations } from "../../src/platform/migrations/migrations.js";
import { findProcess, signalProcess } from "../../src/platform/embedded/process-table.js";

export interface TestDatabase {
  readonly url: string;
  /** Ends its sessions and removes it. */
  drop(): Promise<void>;
}

/** A new database with today's schema and no data. Takes about 20 ms, on a disk 200, and the first one a second more. */
export async function testDatabase(): Promise<TestDatabase> {
  shared ??= openShared();
  const { server, template } = await shared;
  return cloneOf(server, template);
}

/** The same without the schema. */
export async function emptyDatabase(): Promise<TestDatabase> {
  shared ??= openShared();
  return cloneOf((await shared).server, "template0");
}

export interface OwnServer {
  /** Of its database, which is migrated. It stays the same when Postgres starts again. */
  readonly url: string;
  /** Of the running Postgres; throws when it is not running. */
  pid(): number;
  /** Kills Postgres with SIGKILL. It is started again, as in production. */
  kill9(): void;
  /** Stops Postgres and all its sessions with SIGSTOP, as a stalled disk would, until `thaw`. */
  freeze(): Promise<void>;
  thaw(): Promise<void>;
  /** Shuts it down; `start` starts it again with its data. */
  stop(): Promise<void>;
  start(): Promise<void>;
  /** Stops it and removes its data, at the end of the run at the latest. */
  remove(): Promise<void>;
}

/** A Postgres of its own, as durable as in production: with `fsync`. Takes about two seconds. */
export async function ownServer(): Promise<OwnServer> {
  const directory = await temporaryFolder();
  const begin = (): Promise<EmbeddedPostgres> => startEmbeddedPostgres({ directory, log: undefined });
  let server: EmbeddedPostgres | undefined = await begin();
  const { url } = server;
  const pid = (): number => {
    const current = server?.pid();
    if (current === undefined) throw new Error("Postgres is not running");
    return current;
  };
  const signalAll = async (signal: NodeJS.Signals): Promise<void> => {
    const postmaster = pid();
    // The postmaster first: once it is stopped, no session is added to the list. One that ends meanwhile needs no signal.
    signalProcess(postmaster, signal);
    for (const each of await childrenOf(postmaster)) signalProcess(each, signal);
  };
  const stop = async (): Promise<void> => {
    await server?.stop();
    server = undefined;
  };
  const remove = once(async () => {
    leftovers.delete(remove);
    // A process that a failed test left frozen would not stop.
    if (server?.pid() !== undefined) await signalAll("SIGCONT");
    await stop();
    await rm(directory, { recursive: true, force: true });
  });
  leftovers.add(remove);
  await migrations({ url }).latest();
  return {
    url,
    pid,
    kill9: () => void signalProcess(pid(), "SIGKILL"),
    freeze: () => signalAll("SIGSTOP"),
    thaw: () => signalAll("SIGCONT"),
    stop,
    start: async () => void (server ??= await begin()),
    remove,
  };
}

/** A temporary folder, removed at the end of the run at the latest. */
export async function temporaryFolder(): Promise<string> {
  await removeFoldersOnce();
  const path = await mkdtemp(join(parent, `${prefix}${process.pid}-`));
  folders.add(path);
  return path;
}

/** Registers something that uses a database, to be closed before the databases stop. */
export function beforeStop(close: () => Promise<void>): void {
  users.push(close);
}

/** Stops and removes everything that this process has created. */
export const stopDatabases = once(async () => {
  await Promise.allSettled(users.map((close) => close()));
  await Promise.allSettled([...leftovers].map((remove) => remove()));
  await shared?.catch(() => undefined);
  if (embedded) await embedded.stop();
  else if (shared) await dropDatabases();
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

/** Removes what the ended workers of this run left behind, and the folders of killed runs. */
export async function removeLeftovers(): Promise<void> {
  await removeFolders();
  await dropDatabases();
}

async function removeFolders(): Promise<void> {
  for (const name of await readdir(parent)) {
    const pid = new RegExp(`^${prefix}(\\d+)-`).exec(name)?.[1];
    if (pid === undefined || (await findProcess(Number(pid))) !== undefined) continue;
    // Its Postgres may still be writing.
    const patient = { recursive: true, force: true, maxRetries: 10, retryDelay: 100 } as const;
    await rm(join(parent, name), patient).catch(() => undefined);
  }
}

/** Those of this run, on the Postgres that TEST_DATABASE_URL names: others may use it too. */
async function dropDatabases(): Promise<void> {
  if (givenServer === undefined) return;
  const client = new Client({ connectionString: givenServer });
  await client.connect();
  try {
    const { rows } = await client.query<{ name: string }>(
      "select datname as name from pg_database where starts_with(datname, $1)",
      [`lyceum_test_${run}_`],
    );
    for (const { name } of rows) await client.query(`drop database if exists ${name} with (force)`);
  } finally {
    await client.end();
  }
}

/**
 * Where the folders are: in memory, where there is much of it. A database is some three hundred files, and on a disk with ext4 each is
 * slow to create for seconds after others were removed.
 */
const parent = hasRoom("/dev/shm") ? "/dev/shm" : tmpdir();

function hasRoom(folder: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return Math.min(bavail * bsize, freemem()) > 6 * 2 ** 30;
  } catch {
    return false;
  }
}

const removeFoldersOnce = once(removeFolders);
/** The same in the main process of mocha and in its workers. */
const run = (process.env["LYCEUM_TEST_RUN"] ??= randomBytes(4).toString("hex"));
const givenServer = process.env["TEST_DATABASE_URL"] || undefined;
const users: (() => Promise<void>)[] = [];
const prefix = "lyceum-test-";
const folders = new Set<string>();
const leftovers = new Set<() => Promise<void>>();
let shared: Promise<Shared> | undefined;
let embedded: EmbeddedPostgres | undefined;

interface Shared {
  /** Of a database from which others can be created. */
  readonly server: string;
  readonly template: string;
}

async function openShared(): Promise<Shared> {
  if (givenServer === undefined)
    embedded = await startEmbeddedPostgres({ directory: await temporaryFolder(), log: undefined, durable: false });
  const server = embedded?.url ?? givenServer!;
  const template = await cloneOf(server, "template0");
  await migrations({ url: template.url }).latest();
  return { server, template: nameOf(template.url) };
}

// The exit of a worker cannot wait for Postgres: it sends the signal to shut down, and removes the folder of its socket.
process.on("exit", () => {
  if (!embedded) return;
  const pid = embedded.pid();
  if (pid !== undefined) signalProcess(pid, "SIGINT");
  const socketFolder = new URL(embedded.url).searchParams.get("host");
  if (socketFolder) rmSync(socketFolder, { recursive: true, force: true });
});

// Postgres cannot copy a database while another session uses it, so copies wait for each other.
let queue: Promise<unknown> = Promise.resolve();

async function cloneOf(server: string, template: string): Promise<TestDatabase> {
  const name = `lyceum_test_${run}_${randomBytes(6).toString("hex")}`;
  const statement = `create database ${name} template ${template} encoding 'UTF8'`;
  // To copy the files takes a tenth of the time of the usual way, which logs each page; not every system and Postgres can.
  const made = queue.then(() =>
    query(server, "set file_copy_method = 'clone'", `${statement} strategy file_copy`).catch(() =>
      query(server, statement),
    ),
  );
  queue = made.catch(() => undefined);
  await made;
  const drop = once(() => query(server, `drop database if exists ${name} with (force)`));
  const url = new URL(server);
  url.pathname = `/${name}`;
  return { url: url.href, drop };
}

const nameOf = (url: string): string => new URL(url).pathname.slice(1);

async function query(url: string, ...texts: readonly string[]): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    for (const text of texts) await client.query(text);
  } finally {
    await client.end();
  }
}

// The children of a process, as Linux lists them; none when it has ended.
async function childrenOf(pid: number): Promise<number[]> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8").catch(() => "");
  return children.trim().split(" ").filter(Boolean).map(Number);
}

function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => (done ??= work());
}

// Mocha runs no hooks after Ctrl-C. Its launcher sends the signals of the terminal once more: they must not end the process
// before the databases have stopped.
for (const [signal, code] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const) {
  process.on(signal, () => void stopDatabases().finally(() => process.exit(code)));
}
