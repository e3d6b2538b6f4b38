// One process for one folder: a lock that the kernel gives back when its holder dies, however it dies.
// Knows nothing of what the folder is for.
import { spawn } from "node:child_process";
import { constants } from "node:fs";
import { open, readFile, stat, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { findProcess } from "./process-table.js";

export interface FileLock {
  readonly held: true;
  release(): Promise<void>;
}

/** Another has the lock: the pid that it left there, 0 when it has not yet told. */
export interface LockRefused {
  readonly held: false;
  readonly by: number;
}

/** Takes the lock of a file, at once or not at all. The file is made if need be, and stays. */
export async function lockFile(path: string): Promise<FileLock | LockRefused> {
  const file = await openLockFile(path);
  if (file === undefined || !(await takeLock(file))) {
    await file?.close();
    return { held: false, by: Number.parseInt(await readFile(path, "utf8"), 10) || 0 };
  }
  await file.truncate(0);
  await file.write(`${process.pid} ${(await findProcess(process.pid))?.start ?? ""}\n`, 0);
  return {
    held: true,
    // The lock lies on the open file, which no child inherits: closing it, or dying, gives it back.
    release: async () => {
      await file.truncate(0);
      await file.close();
    },
  };
}

// macOS locks while it opens, and says EAGAIN when another has the lock. Node names no constant for the flag.
const O_EXLOCK = 0x20;

async function openLockFile(path: string): Promise<FileHandle | undefined> {
  const locking = process.platform === "darwin" ? O_EXLOCK | constants.O_NONBLOCK : 0;
  try {
    const file = await open(path, constants.O_RDWR | constants.O_CREAT | locking, 0o600);
    // When root starts once on the folder of another, that one must be able to start there again.
    const { uid, gid } = await stat(dirname(path));
    if (process.getuid?.() === 0 && uid !== 0) await file.chown(uid, gid);
    return file;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EAGAIN") return undefined;
    throw error;
  }
}

async function takeLock(file: FileHandle): Promise<boolean> {
  if (process.platform === "darwin") return true;
  const answer = await flock(file.fd);
  if (answer !== "missing") return answer === "taken";
  // flock comes with util-linux and with busybox. Without it: the process that is named there, if it is still the same.
  const [pid, start] = (await file.readFile("utf8")).trim().split(" ");
  const holder = await findProcess(Number(pid));
  return holder === undefined || holder.start !== start;
}

// flock(1) locks the open file that it shares with us; the lock stays when the command has gone.
function flock(fd: number): Promise<"taken" | "refused" | "missing"> {
  return new Promise((resolve, reject) => {
    const child = spawn("flock", ["-xn", "3"], { stdio: ["ignore", "ignore", "ignore", fd] });
    child.once("error", (error) => ("code" in error && error.code === "ENOENT" ? resolve("missing") : reject(error)));
    child.once("exit", (code) => resolve(code === 0 ? "taken" : "refused"));
  });
}
