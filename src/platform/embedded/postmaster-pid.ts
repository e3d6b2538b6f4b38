// The Postgres that runs on a data directory, according to its postmaster.pid and the process table.
import { readFile, realpath, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "pino";
import { OperatorError } from "../operator-error.js";
import { findProcess, signalProcess } from "./process-table.js";

/** Marks the servers of Lyceum, in their arguments and in the process table. */
export const clusterName = "lyceum";

interface Postmaster {
  readonly pid: number;
  /** Whether a Lyceum has started it, on this machine. */
  readonly isOurs: boolean;
}

/** The Postgres that runs on a data directory, if any. */
async function findPostmaster(cluster: string): Promise<Postmaster | undefined> {
  const pid = await readPid(cluster);
  const found = pid === undefined ? undefined : await findProcess(pid);
  if (pid === undefined || found === undefined || !/postgres/.test(found.command)) return undefined;
  const isOurs = found.command.includes(`cluster_name=${clusterName}`);
  // The number may be that of the Postgres of another directory. The working directory of a postmaster is its own.
  const isElsewhere =
    found.directory === undefined ? isOurs && !found.command.includes(`-D ${cluster} `) : found.directory !== cluster;
  return isElsewhere ? undefined : { pid, isOurs };
}

/** The folder of the socket of a Postgres that a Lyceum has started on a data directory and that accepts connections. */
export async function socketFolder(link: string): Promise<string | undefined> {
  try {
    const cluster = await realpath(link);
    if ((await findPostmaster(cluster))?.isOurs !== true) return undefined;
    const lines = (await readFile(pidFile(cluster), "utf8")).split("\n");
    return lines[7]?.trim() === "ready" ? lines[4] : undefined;
  } catch (error) {
    // It does not exist yet, or has been removed.
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

/**
 * Stops the Postgres that still runs on a data directory whose lock this process holds: the process that started it was
 * killed, and mostly it is stopping already. Fails with an OperatorError when it does not stop, or no Lyceum has started it.
 */
export async function retirePostmaster(cluster: string, log: Logger | undefined): Promise<void> {
  const orphan = await findPostmaster(cluster);
  if (orphan === undefined) return;
  if (!orphan.isOurs) {
    throw new OperatorError(
      `Another Postgres (pid ${orphan.pid}) works on ${cluster}: stop it first, or set DATA_DIR to another folder.`,
    );
  }
  log?.info(`Postgres still runs for a server that was killed (pid ${orphan.pid}): stopping it`);
  for (const [signal, timeoutMs] of [
    ["SIGINT", 10_000],
    ["SIGQUIT", 5_000],
  ] as const) {
    signalProcess(orphan.pid, signal);
    for (const until = Date.now() + timeoutMs; Date.now() < until; await delay(15)) {
      if ((await findPostmaster(cluster)) === undefined) return;
    }
  }
  throw new OperatorError(
    `Postgres (pid ${orphan.pid}) works on ${cluster} and does not stop: end that process, and start again.`,
  );
}

/** A number that no process can have. */
const noProcess = 2 ** 31 - 1;

/**
 * Replaces the pid in an old postmaster.pid, which may be that of another program or of a zombie: Postgres would take it for a
 * running server. The file itself is kept: Postgres reads in it the shared memory of the last server, and does not start while
 * a session of that server still uses it.
 */
export async function disarmStalePid(cluster: string): Promise<void> {
  const path = pidFile(cluster);
  const pid = await readPid(cluster);
  if (pid === undefined) return;
  if (Number.isNaN(pid)) return rm(path);
  const [, ...rest] = (await readFile(path, "utf8")).split("\n");
  await writeFile(path, [noProcess, ...rest].join("\n"));
}

const pidFile = (cluster: string): string => join(cluster, "postmaster.pid");

/** NaN when the file is incomplete, as after a full disk; undefined when there is none. */
async function readPid(cluster: string): Promise<number | undefined> {
  try {
    return Number.parseInt(await readFile(pidFile(cluster), "utf8"), 10);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
