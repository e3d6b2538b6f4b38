// Runs child-program.ts: as another user, in a private view of the file system, without some of the system's programs.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { chmod, mkdir } from "node:fs/promises";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { temporaryFolder } from "../../support/database.js";

const projectRoot = fileURLToPath(new URL("../../../", import.meta.url));

export interface Answer {
  readonly count?: number;
  readonly pid?: number;
  readonly url?: string;
  readonly error?: string;
  /** What went to the log. */
  readonly said: readonly string[];
}

export interface Stage {
  /** Holds the project, and the data in `data`. */
  readonly folder: string;
  readonly data: string;
  /** Who runs it. */
  readonly uid: number;
  /** Shell commands that come first, with a file system of their own. */
  readonly before: readonly string[];
}

/** Whether this process may give others a private view of the file system: root may, unless a container forbids it. */
export function canStage(): boolean {
  try {
    execFileSync("unshare", ["--mount", "mount", "--bind", "/bin/false", "/usr/bin/unshare"], { stdio: "ignore" });
    return process.getuid?.() === 0;
  } catch {
    return false;
  }
}

/** Where the project lies in a folder of that mode, and belongs to nobody but root. */
export async function stage(mode: number, uid: number, before: readonly string[] = []): Promise<Stage> {
  const folder = await temporaryFolder();
  await mkdir(join(folder, "project"));
  const data = join(folder, "data");
  await mkdir(data);
  execFileSync("chown", [String(uid), data]);
  await chmod(folder, mode);
  return { folder, data, uid, before };
}

/** A line of a stage's script: the program is not there, or fails. */
export const without = (program: string): string => `mount --bind /bin/false "$(command -v ${program})"`;

/** Runs the child on a stage until it is done. */
export function countOn(stage: Stage): Promise<Answer> {
  const { folder, data, uid, before } = stage;
  const become = uid === 0 ? "" : `setpriv --reuid ${uid} --regid ${uid} --clear-groups --`;
  const script = [
    `mount --bind "$1" "$2/project"`,
    `cd "$2/project"`,
    ...before,
    `exec ${become} "$3" --import=tsx test/platform/embedded/child-program.ts "$4" count`,
  ].join(" && ");
  return done(
    spawn("unshare", ["--mount", "sh", "-c", script, "sh", projectRoot, folder, process.execPath, data], stdio),
  );
}

/** Runs the child as we are, until it is done. */
export function count(data: string): Promise<Answer> {
  return done(spawn(process.execPath, ["--import=tsx", childFile, data, "count"], stdio));
}

export interface Holder extends Answer {
  readonly child: ChildProcess;
}

/** Starts the child in a group of its own, and leaves it running. */
export async function hold(data: string, prefix: readonly string[] = []): Promise<Holder> {
  const [program = "", ...args] = [...prefix, process.execPath, "--import=tsx", childFile, data, "hold"];
  const child = spawn(program, args, { ...stdio, detached: true });
  return { child, ...(await answer(child)) };
}

const childFile = fileURLToPath(new URL("./child-program.ts", import.meta.url));
const stdio = { cwd: projectRoot, stdio: ["ignore", "pipe", "inherit"] as ["ignore", "pipe", "inherit"] };

async function done(child: ChildProcess): Promise<Answer> {
  const [said] = await Promise.all([answer(child), once(child, "exit")]);
  return said;
}

async function answer(child: ChildProcess): Promise<Answer> {
  for await (const line of createInterface({ input: child.stdout! })) return JSON.parse(line) as Answer;
  throw new Error("the child said nothing");
}
