// A full disk below the messages: a small file system of its own, which root alone can mount.
import { execFile, execFileSync } from "node:child_process";
import { chown, mkdir, open, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { temporaryFolder } from "../../support/database.js";
import type { Site } from "../site.js";
import { over, type Fault, type Outcome } from "./fault.js";

export const fullDisk: readonly Fault[] = [
  {
    kind: "full-disk",
    what: "the file system that holds the messages is full for a while",
    isFelt: true,
    async play({ site, hold }): Promise<Outcome> {
      // Without free room in its pages the table has to grow with the next messages.
      await site.query("vacuum full messages");
      const [table] = await site.query<{ bytes: number }>("select pg_table_size('messages')::float8 as bytes");
      const disk = await mount(table!.bytes + 4 * 1024 * 1024);
      if (typeof disk === "string") return { overAt: performance.now(), skipped: disk };
      const ballast = join(disk.folder, "ballast");
      try {
        await giveToPostgres(site, disk.space);
        await site.query(`create tablespace small location '${disk.space}'`);
        await site.query("alter table messages set tablespace small");
        await fill(ballast);
        await hold(5_000, 2_500);
        await rm(ballast);
        const outcome = over();
        await hold(1_000, 500);
        return outcome;
      } finally {
        await rm(ballast, { force: true });
        await site.query("alter table messages set tablespace pg_default");
        await site.query("drop tablespace small");
        await disk.unmount();
      }
    },
  },
];

interface Disk {
  readonly folder: string;
  /** A folder in it for the tablespace. */
  readonly space: string;
  unmount(): Promise<void>;
}

/** A file system of that size in memory; the reason when there can be none. */
async function mount(bytes: number): Promise<Disk | string> {
  if (process.platform !== "linux" || process.getuid?.() !== 0)
    return "only root can mount a small file system, on Linux";
  const folder = await temporaryFolder();
  try {
    await promisify(execFile)("mount", [
      "-t",
      "tmpfs",
      "-o",
      `size=${Math.ceil(bytes / 1024)}k,mode=755`,
      "none",
      folder,
    ]);
  } catch {
    return "mounting a file system is not permitted here";
  }
  const release = (): void => void execFileSync("umount", ["-l", folder], { stdio: "ignore" });
  process.on("exit", release);
  const space = join(folder, "space");
  await mkdir(space, { mode: 0o700 });
  return {
    folder,
    space,
    unmount: async () => {
      process.off("exit", release);
      await promisify(execFile)("umount", [folder]);
    },
  };
}

/** Makes the account that owns Postgres's data the owner of a folder. */
async function giveToPostgres(site: Site, folder: string): Promise<void> {
  const [row] = await site.query<{ path: string }>("select current_setting('data_directory') as path");
  const { uid, gid } = await stat(row!.path);
  await chown(folder, uid, gid);
}

/** Writes a file until the file system is full. */
async function fill(path: string): Promise<void> {
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
