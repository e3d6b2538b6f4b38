// Runs child-program.ts in a process of its own: as another user, in a private mount namespace, without some of the system's
// programs.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { chmod, mkdir } from "node:fs/promises";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { temporaryFolder } from "../../support/database.js";

const projectRoot = fileURLToPath(new URL("../../../", import.meta.url));

/** The line that child-program.ts writes. */
export interface ChildResult {
  /** How often the program has started on these data. */
  readonly count?: number;
  /** Of Postgres. */
  readonly pid?: number;
  readonly url?: string;
  readonly error?: string;
  /** The messages of the log. */
  readonly messages: readonly string[];
}

export interface Sandbox {
  /** Contains the project, and the data in `data`. */
  readonly folder: string;
  readonly data: string;
  /** The user that the child runs as. */
  readonly uid: number;
  /** Shell commands before the child, in its mount namespace. */
  readonly before: readonly string[];
}

/** Whether this process may create mount namespaces: root may, unless a container forbids it. */
export function canUnshareMounts(): boolean {
  try {
    execFileSync("unshare", ["--mount", "mount", "--bind", "/bin/false", "/usr/bin/unshare"], { stdio: "ignore" });
    return process.getuid?.() === 0;
  } catch {
    return false;
  }
}

/** A sandbox whose folder has that mode and belongs to root. */
export async function makeSandbox(mode: number, uid: number, before: readonly string[] = []): Promise<Sandbox> {
  const folder = await temporaryFolder();
  await mkdir(join(folder, "project"));
  const data = join(folder, "data");
  await mkdir(data);
  execFileSync("chown", [String(uid), data]);
  await chmod(folder, mode);
  return { folder, data, uid, before };
}

/** A shell command for a mount namespace in which the program fails. */
export const without = (program: string): string => `mount --bind /bin/false "$(command -v ${program})"`;

/** Runs the child in a sandbox until it ends. */
export function runInSandbox({ folder, data, uid, before }: Sandbox): Promise<ChildResult> {
  const become = uid === 0 ? "" : `setpriv --reuid ${uid} --regid ${uid} --clear-groups --`;
  const script = [
    `mount --bind "$1" "$2/project"`,
    `cd "$2/project"`,
    ...before,
    `exec ${become} "$3" --import=tsx test/platform/embedded/child-program.ts "$4" count`,
  ].join(" && ");
  return resultAtExit(
    spawn("unshare", ["--mount", "sh", "-c", script, "sh", projectRoot, folder, process.execPath, data], options),
  );
}

/** Runs the child as this user until it ends. */
export function run(data: string): Promise<ChildResult> {
  return resultAtExit(spawn(process.execPath, ["--import=tsx", childFile, data, "count"], options));
}

export interface RunningChild extends ChildResult {
  readonly child: ChildProcess;
}

/** Starts the child in a process group of its own, and leaves it running. `prefix` is a command that executes it. */
export async function start(data: string, prefix: readonly string[] = []): Promise<RunningChild> {
  const [program = "", ...args] = [...prefix, process.execPath, "--import=tsx", childFile, data, "hold"];
  const child = spawn(program, args, { ...options, detached: true });
  return { child, ...(await resultOf(child)) };
}

const childFile = fileURLToPath(new URL("./child-program.ts", import.meta.url));
const options = { cwd: projectRoot, stdio: ["ignore", "pipe", "inherit"] as ["ignore", "pipe", "inherit"] };

async function resultAtExit(child: ChildProcess): Promise<ChildResult> {
  const [result] = await Promise.all([resultOf(child), once(child, "exit")]);
  return result;
}

async function resultOf(child: ChildProcess): Promise<ChildResult> {
  for await (const line of createInterface({ input: child.stdout! })) return JSON.parse(line) as ChildResult;
  throw new Error("the child wrote no line");
}
