// What the benches of sockets share: the servers, the processes with sockets, and how they are told what to do.
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { percentile } from "../load.js";
import { type Subject, startLyceum } from "../servers.js";
import type { SocketSchool } from "./school.js";
import type { Counted, Opened, Order, Wanted } from "./sockets.js";

/** A bare server, as the bench sees it. */
export type Floor = Pick<Subject, "port" | "process">;

export interface Rig {
  readonly lyceum: Subject;
  /** Another process on the same database. */
  readonly second: Subject;
  readonly floor: Floor;
  readonly school: SocketSchool;
  readonly processes: readonly SocketProcess[];
}

/** Starts Lyceum for a bench of sockets. */
export function startForSockets(url: string, secret: string): Promise<Subject> {
  const env = {
    SOCKET_LIMIT: "100000",
    LOG_LEVEL: "warn",
    ...(process.env["PROF"] && { NODE_OPTIONS: process.env["PROF"] }),
  };
  return startLyceum(url, secret, {
    name: "lyceum",
    root: fileURLToPath(new URL("../..", import.meta.url)),
    args: [],
    env,
  });
}

/** Starts the bare server. */
export async function startBare(url: string): Promise<Floor> {
  const child = forked("floor.ts", { FLOOR: JSON.stringify({ url }) });
  const [port] = (await once(child, "message")) as [number];
  return { port, process: child };
}

/** A process with sockets of clients. */
export class SocketProcess {
  readonly process: ChildProcess = forked("sockets.ts", {});

  /** Opens sockets, so many at once; resolves when each has what it waits for. */
  open(port: number, sockets: readonly Wanted[], atOnce: number): Promise<Opened> {
    return this.#ask({ do: "open", port, sockets, atOnce });
  }

  /** What has come since the last time. */
  count(): Promise<Counted> {
    return this.#ask({ do: "count" });
  }

  async pause(): Promise<void> {
    await this.#ask({ do: "pause" });
  }

  async cut(): Promise<void> {
    await this.#ask({ do: "cut" });
  }

  async #ask<Answer>(order: Order): Promise<Answer> {
    const answered = once(this.process, "message");
    this.process.send(order);
    const [answer] = (await answered) as [Answer & { error?: string }];
    if (answer.error !== undefined) throw new Error(answer.error);
    return answer;
  }
}

/** Opens sockets over several processes. */
export async function openAll(
  processes: readonly SocketProcess[],
  port: number,
  sockets: readonly Wanted[],
  atOnce: number,
): Promise<Opened> {
  const share = Math.ceil(sockets.length / processes.length);
  const opened = await Promise.all(
    processes.map((each, at) => {
      const own = sockets.slice(at * share, (at + 1) * share);
      return own.length === 0 ? { ms: [], updates: [] } : each.open(port, own, Math.ceil(atOnce / processes.length));
    }),
  );
  return { ms: opened.flatMap(({ ms }) => ms), updates: opened.flatMap(({ updates }) => updates) };
}

export const cutAll = async (processes: readonly SocketProcess[]): Promise<void> =>
  void (await Promise.all(processes.map((each) => each.cut())));

/** What has come to all processes since the last time. */
export async function countAll(processes: readonly SocketProcess[]): Promise<Counted> {
  const all = await Promise.all(processes.map((each) => each.count()));
  return {
    updates: all.reduce((sum, { updates }) => sum + updates, 0),
    bytes: all.reduce((sum, { bytes }) => sum + bytes, 0),
    latencies: all.flatMap((each) => each.latencies),
  };
}

/** A socket that subscribes topics. */
export const subscribing = (token: string, topics: readonly { topic: string; pts?: number }[]): Wanted => ({
  token,
  first: JSON.stringify({ subscribe: { id: "a", topics } }),
});

/** The resident memory of a server, in KiB. */
export function residentKiB({ process: { pid } }: Floor): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
}

/** Percentiles of numbers, as a text. */
export function percentiles(numbers: readonly number[]): string {
  const sorted = Float64Array.from(numbers).sort();
  return [0.5, 0.95, 0.99].map((share) => `p${share * 100} ${percentile(sorted, share).toFixed(2)}`).join(", ");
}

export const middle = (numbers: readonly number[], share = 0.5): number =>
  percentile(Float64Array.from(numbers).sort(), share);

function forked(file: string, env: Readonly<Record<string, string>>): ChildProcess {
  return fork(fileURLToPath(new URL(file, import.meta.url)), {
    execArgv: ["--import", "tsx"],
    env: { PATH: process.env["PATH"], ...env },
  });
}
