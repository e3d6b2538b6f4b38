// A small file system in memory, to be filled. Root alone can mount one.
import { execFile, execFileSync } from "node:child_process";
import { open } from "node:fs/promises";
import { promisify } from "node:util";
import { temporaryFolder } from "../support/database.js";

export interface SmallDisk {
  readonly folder: string;
  unmount(): Promise<void>;
}

/** A file system of that size, which can have so many files and folders (0: any number), unmounted at the end of the run at the latest; the reason when there can be none. */
export async function smallDisk(bytes: number, files = 0): Promise<SmallDisk | string> {
  if (process.platform !== "linux" || process.getuid?.() !== 0)
    return "only root can mount a small file system, on Linux";
  const folder = await temporaryFolder();
  try {
    const options = `size=${Math.ceil(bytes / 1024)}k,nr_inodes=${files},mode=755`;
    await promisify(execFile)("mount", ["-t", "tmpfs", "-o", options, "none", folder]);
  } catch {
    return "mounting a file system is not permitted here";
  }
  const release = (): void => void execFileSync("umount", ["-l", folder], { stdio: "ignore" });
  process.on("exit", release);
  return {
    folder,
    unmount: async () => {
      await promisify(execFile)("umount", [folder]);
      process.off("exit", release);
    },
  };
}

/** Writes a file until the file system is full. */
export async function fill(path: string): Promise<void> {
  const file = await open(path, "w");
  const block = Buffer.alloc(64 * 1024);
  try {
    for (;;) await file.write(block);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
  } finally {
    await file.close();
  }
}
