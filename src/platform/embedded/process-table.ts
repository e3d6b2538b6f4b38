// The process table. Numbers are reused, so that a number alone does not identify a process.
import { execFile } from "node:child_process";
import { readFile, readlink } from "node:fs/promises";
import { promisify } from "node:util";

export interface RunningProcess {
  /** The time of its start, in the system's notation; with the pid it identifies a process. */
  readonly start: string;
  /** The program and its arguments, separated by spaces; empty when the system does not show them. */
  readonly command: string;
  /** Its working directory, where the system shows it. */
  readonly directory: string | undefined;
}

/** The process with that number; undefined when there is none, or when it is a zombie. */
export async function findProcess(pid: number): Promise<RunningProcess | undefined> {
  if (!Number.isSafeInteger(pid) || pid <= 0) return undefined;
  return process.platform === "linux" ? fromProc(pid) : fromPs(pid);
}

/** Sends a signal; false when the process has ended meanwhile, or belongs to another account. */
export function signalProcess(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}

async function fromProc(pid: number): Promise<RunningProcess | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8");
    // The name is in parentheses, and may itself contain spaces and parentheses.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const [state, start] = [fields[0], fields[19]];
    if (start === undefined || state === "Z" || state === "X") return undefined;
    const command = await readFile(`/proc/${pid}/cmdline`, "utf8");
    const directory = await readlink(`/proc/${pid}/cwd`).catch(() => undefined);
    return { start, command: command.split("\0").join(" ").trim(), directory };
  } catch {
    return undefined;
  }
}

async function fromPs(pid: number): Promise<RunningProcess | undefined> {
  try {
    const { stdout } = await promisify(execFile)("ps", ["-ww", "-o", "stat=,lstart=,command=", "-p", String(pid)]);
    const [, state, start, command] = /^\s*(\S+)\s+(\S+\s+\S+\s+\S+\s+\S+\s+\S+)\s+(.*)$/.exec(stdout.trim()) ?? [];
    if (start === undefined || state === undefined || state.startsWith("Z")) return undefined;
    return { start: start.replace(/\s+/g, "-"), command: command ?? "", directory: undefined };
  } catch {
    return undefined;
  }
}
