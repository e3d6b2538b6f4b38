// Who runs Postgres on a data directory, as its postmaster.pid and the system tell.
import { readFile, realpath, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "pino";
import { OperatorError } from "../operator-error.js";
import { findProcess } from "./process-table.js";

/** Marks our own servers, in their arguments and in the list of processes. */
export const clusterName = "lyceum";

interface Postmaster {
  readonly pid: number;
  /** Started by a Lyceum, on this machine. */
  readonly isOurs: boolean;
}

// The Postgres that runs on that data directory; undefined when none does.
async function findPostmaster(cluster: string): Promise<Postmaster | undefined> {
  const pid = await readPid(cluster);
  const found = pid === undefined ? undefined : await findProcess(pid);
  if (pid === undefined || found === undefined || !/postgres/.test(found.command)) return undefined;
  const isOurs = found.command.includes(`cluster_name=${clusterName}`);
  // The number may have gone to the Postgres of another directory. Every postmaster works inside its own.
  const isElsewhere =
    found.directory === undefined ? isOurs && !found.command.includes(`-D ${cluster} `) : found.directory !== cluster;
  return isElsewhere ? undefined : { pid, isOurs };
}

/** The folder with the socket of the Postgres of ours that runs on a data directory and takes connections. */
export async function socketFolder(link: string): Promise<string | undefined> {
  try {
    const cluster = await realpath(link);
    if ((await findPostmaster(cluster))?.isOurs !== true) return undefined;
    const lines = (await readFile(pidFile(cluster), "utf8")).split("\n");
    return lines[7]?.trim() === "ready" ? lines[4] : undefined;
  } catch (error) {
    // It has not been made yet, or is gone again.
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

/**
 * Stops the Postgres of ours that still runs on a data directory whose lock we hold: its process was killed, and most
 * often it is about to stop by itself. Fails with an OperatorError when it does not stop, or is not ours.
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
  for (const [signal, patience] of [
    ["SIGINT", 10_000],
    ["SIGQUIT", 5_000],
  ] as const) {
    signalTo(orphan.pid, signal);
    for (const until = Date.now() + patience; Date.now() < until; await delay(15)) {
      if ((await findPostmaster(cluster)) === undefined) return;
    }
  }
  throw new OperatorError(
    `Postgres (pid ${orphan.pid}) works on ${cluster} and does not stop: end that process, and start again.`,
  );
}

function signalTo(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has gone meanwhile.
  }
}

// A number that no process can have.
const nobody = 2 ** 31 - 1;

/**
 * Makes a postmaster.pid harmless that names a process which is no Postgres of this directory, or a zombie: Postgres
 * itself would take it for a running server. The file stays, since Postgres finds in it the shared memory of the last
 * server, and refuses to start while a straggler of that one still writes there.
 */
export async function disarmStalePid(cluster: string): Promise<void> {
  const path = pidFile(cluster);
  const pid = await readPid(cluster);
  if (pid === undefined) return;
  if (Number.isNaN(pid)) return rm(path);
  const [, ...rest] = (await readFile(path, "utf8")).split("\n");
  await writeFile(path, [nobody, ...rest].join("\n"));
}

const pidFile = (cluster: string): string => join(cluster, "postmaster.pid");

// NaN: the file was cut short, as when the disk was full.
async function readPid(cluster: string): Promise<number | undefined> {
  try {
    return Number.parseInt(await readFile(pidFile(cluster), "utf8"), 10);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
