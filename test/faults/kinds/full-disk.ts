// A full disk below the messages: a small file system of its own, which root alone can mount.
import { chown, mkdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { fill, smallDisk } from "../../platform/small-disk.js";
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
      const disk = await smallDisk(table!.bytes + 4 * 1024 * 1024);
      if (typeof disk === "string") return { overAt: performance.now(), skipped: disk };
      const ballast = join(disk.folder, "ballast");
      const space = join(disk.folder, "space");
      try {
        await mkdir(space, { mode: 0o700 });
        await giveToPostgres(site, space);
        await site.query(`create tablespace small location '${space}'`);
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

/** Makes the account that owns Postgres's data the owner of a folder. */
async function giveToPostgres(site: Site, folder: string): Promise<void> {
  const [row] = await site.query<{ path: string }>("select current_setting('data_directory') as path");
  const { uid, gid } = await stat(row!.path);
  await chown(folder, uid, gid);
}
