// Databases for tests: real ones, fresh and migrated. One Postgres for the whole run, which is embedded unless
// TEST_DATABASE_URL names a real one; and servers of their own for tests that want to kill one.
import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "../../src/platform/embedded/embedded-postgres.js";
import { migrations } from "../../src/platform/migrations/migrations.js";
import { findProcess } from "../../src/platform/embedded/process-table.js";

export interface TestDatabase {
  readonly url: string;
  /** Ends its sessions and removes it. */
  drop(): Promise<void>;
}

/** A fresh database with today's schema and nothing in it. Takes about 50 ms, and the first one a second more. */
export async function testDatabase(): Promise<TestDatabase> {
  shared ??= openShared();
  const { server, template } = await shared;
  return cloneOf(server, template);
}

/** The same, without schema. */
export async function emptyDatabase(): Promise<TestDatabase> {
  shared ??= openShared();
  return cloneOf((await shared).server, "template0");
}

export interface OwnServer {
  /** Of its database, which is migrated. The same before and after it was away. */
  readonly url: string;
  /** Of the running Postgres; fails when there is none. */
  pid(): number;
  /** Kills Postgres with -9 as a crash would. It comes back by itself, as it does in production. */
  kill9(): void;
  /** Holds Postgres and all its sessions still, as a stalled disk would, until `thaw`. */
  freeze(): Promise<void>;
  thaw(): Promise<void>;
  /** Stops it in order; `start` brings it back with its data. */
  stop(): Promise<void>;
  start(): Promise<void>;
  /** Stops it and removes its data. Done at the end of the run at the latest. */
  remove(): Promise<void>;
}

/** A Postgres of its own, whose data is as safe as in production: `fsync` is on. Takes about two seconds. */
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
    for (const each of await familyOf(pid())) process.kill(each, signal);
  };
  const stop = async (): Promise<void> => {
    await server?.stop();
    server = undefined;
  };
  const remove = once(async () => {
    leftovers.delete(remove);
    // What a failed test left frozen would neither stop nor die with its parent.
    if (server?.pid() !== undefined) await signalAll("SIGCONT");
    await stop();
    await rm(directory, { recursive: true, force: true });
  });
  leftovers.add(remove);
  await migrations({ url }).latest();
  return {
    url,
    pid,
    kill9: () => void process.kill(pid(), "SIGKILL"),
    freeze: () => signalAll("SIGSTOP"),
    thaw: () => signalAll("SIGCONT"),
    stop,
    start: async () => void (server ??= await begin()),
    remove,
  };
}

/** A folder in the system's place for them, which is removed at the end of the run at the latest. */
export async function temporaryFolder(): Promise<string> {
  await sweep();
  const path = await mkdtemp(join(tmpdir(), `${prefix}${process.pid}-`));
  folders.add(path);
  return path;
}

/** Stops and removes everything that this file has made. */
export const stopDatabases = once(async () => {
  await Promise.allSettled([...leftovers].map((remove) => remove()));
  const opened = await shared?.catch(() => undefined);
  await opened?.close();
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

const prefix = "lyceum-test-";
const folders = new Set<string>();
const leftovers = new Set<() => Promise<void>>();
let shared: Promise<Shared> | undefined;

interface Shared {
  /** Of a database in which others can be made. */
  readonly server: string;
  readonly template: string;
  close(): Promise<void>;
}

async function openShared(): Promise<Shared> {
  const given = process.env["TEST_DATABASE_URL"];
  const embedded =
    given === undefined || given === ""
      ? await startEmbeddedPostgres({ directory: await temporaryFolder(), log: undefined, durable: false })
      : undefined;
  const server = embedded?.url ?? given!;
  const template = await cloneOf(server, "template0");
  await migrations({ url: template.url }).latest();
  const close = async (): Promise<void> => {
    await Promise.allSettled([...databases].map((drop) => drop()));
    await embedded?.stop();
  };
  return { server, template: nameOf(template.url), close };
}

const databases = new Set<() => Promise<void>>();
// Postgres copies no database while another session looks at it, so one copy waits for the other.
let queue: Promise<unknown> = Promise.resolve();

async function cloneOf(server: string, template: string): Promise<TestDatabase> {
  const name = `lyceum_test_${process.pid}_${randomBytes(6).toString("hex")}`;
  const made = queue.then(() => query(server, `create database ${name} template ${template} encoding 'UTF8'`));
  queue = made.catch(() => undefined);
  await made;
  const drop = once(async () => {
    databases.delete(drop);
    await query(server, `drop database if exists ${name} with (force)`);
  });
  databases.add(drop);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return { url: url.href, drop };
}

const nameOf = (url: string): string => new URL(url).pathname.slice(1);

async function query(url: string, text: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(text);
  } finally {
    await client.end();
  }
}

// A process and its children, as Linux lists them.
async function familyOf(pid: number): Promise<number[]> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8");
  return [pid, ...children.trim().split(" ").filter(Boolean).map(Number)];
}

// What a run has left behind that was killed with -9.
const sweep = once(async () => {
  for (const name of await readdir(tmpdir())) {
    const pid = new RegExp(`^${prefix}(\\d+)-`).exec(name)?.[1];
    if (pid === undefined || (await findProcess(Number(pid))) !== undefined) continue;
    await rm(join(tmpdir(), name), { recursive: true, force: true }).catch(() => undefined);
  }
});

function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => (done ??= work());
}

// After Ctrl-C mocha runs no hooks.
for (const [signal, code] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const) {
  process.once(signal, () => void stopDatabases().finally(() => process.exit(code)));
}
