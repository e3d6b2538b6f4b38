// The two servers of the bench as processes of their own, and the database that they share.
import { type ChildProcess, fork, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { deriveKey } from "../src/platform/secrets/derived-key.js";
import type { SendMessageRequest } from "../src/gen/lyceum/v1/message.js";
import { listMessages } from "../src/chats/messages/listing-store.js";
import { insertMessage } from "../src/chats/messages/store.js";
import type { Queries } from "../src/platform/database/database.js";
import { simpleList, simpleSend } from "./simple-sql.js";

const here = fileURLToPath(new URL("..", import.meta.url));

/** The floor runs Lyceum's own statements, or simple ones that do no more than a bare server would ask for. */
export type FloorName = "same SQL" | "simple SQL";

/** A checkout that is built, and further options of `serve`. */
interface Build {
  readonly name: Subject["name"];
  readonly root: string;
  readonly args: readonly string[];
  /** Further settings. */
  readonly env?: Readonly<Record<string, string>>;
}

/** The checkout of this bench. */
export const thisBuild: Build = { name: "lyceum", root: here, args: [] };

export interface Subject {
  readonly name: "lyceum" | "before" | FloorName;
  readonly port: number;
  readonly process: ChildProcess;
  /** From the start of the process to its first answer, in milliseconds. */
  readonly startMs: number;
}

/** Starts Lyceum as in production, with its log. */
export async function startLyceum(
  url: string,
  secretKey: string,
  { name, root, args, env }: Build = thisBuild,
): Promise<Subject> {
  const port = await freePort();
  const began = performance.now();
  const child = spawn(process.execPath, ["dist/src/main.js", "serve", ...args], {
    cwd: root,
    stdio: ["ignore", "ignore", "inherit"],
    env: {
      PATH: process.env["PATH"],
      NODE_ENV: "production",
      HOST: "127.0.0.1",
      PORT: String(port),
      DATABASE_URL: url,
      SECRET_KEY: secretKey,
      REGISTRATION: "open",
      ACCESS_TOKEN_MINUTES: "600",
      PASSWORD_COST: "10",
      RATE_FACTOR: "100000",
      ...env,
    },
  });
  await answers(port, child);
  return { name, port, process: child, startMs: performance.now() - began };
}

/** Starts a floor. */
export async function startFloor(name: FloorName, url: string, secretKey: string): Promise<Subject> {
  const began = performance.now();
  const key = Buffer.from(deriveKey(secretKey, "access token")).toString("base64");
  const [list, send] = name === "same SQL" ? [await listSql(), await sendSql()] : [simpleList, simpleSend];
  const child = fork(fileURLToPath(new URL("floor.ts", import.meta.url)), {
    cwd: here,
    execArgv: ["--import", "tsx"],
    env: { PATH: process.env["PATH"], FLOOR: JSON.stringify({ url, key, listSql: list, sendSql: send }) },
  });
  const [port] = (await once(child, "message")) as [number];
  return { name, port, process: child, startMs: performance.now() - began };
}

/** CPU seconds that a server has used, its threads included. */
export function cpuSeconds({ process: { pid } }: Pick<Subject, "process">): number {
  return timesOf(String(pid))?.own ?? 0;
}

/** CPU seconds that Postgres has used, its sessions included, those that have ended too. */
export function postgresCpuSeconds(postmaster: number): number {
  let total = 0;
  for (const pid of readdirSync("/proc")) {
    const times = /^\d+$/.test(pid) ? timesOf(pid) : undefined;
    if (Number(pid) === postmaster) total += times!.own + times!.ofEnded;
    else if (times?.parent === postmaster) total += times.own;
  }
  return total;
}

/** CPU seconds of a process and of its children that have ended; undefined when it has ended. */
function timesOf(pid: string): { parent: number; own: number; ofEnded: number } | undefined {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) /, "")
      .split(" ")
      .map(Number);
    // Fields 4 and 14 to 17 of proc(5), in ticks of 10 ms.
    const [, parent, user, system, endedUser, endedSystem] = [0, 1, 11, 12, 13, 14].map((index) => fields[index]!);
    return { parent: parent!, own: (user! + system!) / 100, ofEnded: (endedUser! + endedSystem!) / 100 };
  } catch {
    return undefined;
  }
}

/** The memory of a process in MB: all resident memory, and its private part. */
export function memoryMb({ process: { pid } }: Subject): number {
  const kilobytes = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Number(kilobytes) / 1024;
}

export async function stop({ process: child }: Pick<Subject, "process">): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  if (child.connected) child.disconnect();
  setTimeout(() => child.kill("SIGKILL"), 3000).unref();
  await ended;
}

/** The SQL that a store sends for a call of the bench. */
async function recorded(ask: (queries: Queries) => Promise<unknown>): Promise<string> {
  let sql = "";
  const queries: Queries = {
    one: async (statement) => {
      sql = statement.text;
      return undefined;
    },
    many: async (statement) => {
      sql = statement.text;
      return [];
    },
  };
  await ask(queries);
  return sql;
}

function listSql(): Promise<string> {
  const page = { after: undefined, limit: 51, skip: 0, isOldestFirst: false };
  return recorded((queries) => listMessages(queries, 1, 1, page, {}));
}

function sendSql(): Promise<string> {
  return recorded((queries) => insertMessage(queries, 1, { chat_id: 1, text: "" } as SendMessageRequest, undefined));
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

async function answers(port: number, child: ChildProcess): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error("Lyceum did not start");
    const ready = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined);
    if (ready?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
