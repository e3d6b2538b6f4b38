// A lock of a file, for one process, which the kernel releases when the process dies. It knows no purpose of the file.
import { spawn } from "node:child_process";
import { constants } from "node:fs";
import { open, readFile, stat, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { findProcess } from "./process-table.js";

export interface FileLock {
  readonly held: true;
  release(): Promise<void>;
}

/** Another process has the lock: its pid, or 0 when it has not written it yet. */
export interface LockRefused {
  readonly held: false;
  readonly by: number;
}

/** Takes the lock of a file, without waiting. The file is created if it does not exist, and is never removed. */
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
    // The lock belongs to the open file, which no child inherits: it is released when the file is closed or the process dies.
    release: async () => {
      await file.truncate(0);
      await file.close();
    },
  };
}

// On macOS open() takes the lock, and fails with EAGAIN when another process has it. Node has no constant for the flag.
const O_EXLOCK = 0x20;

async function openLockFile(path: string): Promise<FileHandle | undefined> {
  const locking = process.platform === "darwin" ? O_EXLOCK | constants.O_NONBLOCK : 0;
  try {
    const file = await open(path, constants.O_RDWR | constants.O_CREAT | locking, 0o600);
    // After a start by root in the folder of another user, that user must be able to start there.
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
  const result = await flock(file.fd);
  if (result !== "missing") return result === "taken";
  // flock(1) is part of util-linux and of busybox. Without it the lock is held by the process in the file, while it exists.
  const [pid, start] = (await file.readFile("utf8")).trim().split(" ");
  const holder = await findProcess(Number(pid));
  return holder === undefined || holder.start !== start;
}

/** flock(1) locks the open file that it shares with this process; the lock remains when the command has ended. */
function flock(fd: number): Promise<"taken" | "refused" | "missing"> {
  return new Promise((resolve, reject) => {
    const child = spawn("flock", ["-xn", "3"], { stdio: ["ignore", "ignore", "ignore", fd] });
    child.once("error", (error) => ("code" in error && error.code === "ENOENT" ? resolve("missing") : reject(error)));
    child.once("exit", (code) => resolve(code === 0 ? "taken" : "refused"));
  });
}
