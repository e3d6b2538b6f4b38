// Sessions of the database that are in each other's way.
import { setTimeout as delay } from "node:timers/promises";
import type { Site } from "../site.js";
import { over, type Fault } from "./fault.js";
import { terminate } from "./kills.js";

export const conflicts: readonly Fault[] = [
  {
    kind: "deadlocks",
    what: "another program locks a sender and then the chat, as a send does the other way round",
    async play({ site, load, random, hold }) {
      const before = await deadlocks(site);
      let isOpen = true;
      const other = await site.connect();
      const locking = (async () => {
        while (isOpen) {
          const writer = load.writers[random(load.writers.length)]!;
          await other.query("begin");
          try {
            await other.query("select from users where id = $1 for update", [writer.id]);
            // The sender's next send waits by then.
            await delay(100);
            await other.query("select from chat_sequences where chat_id = $1 for update", [writer.chatId]);
          } catch {
            // It was this program that Postgres chose to end the deadlock.
          }
          await other.query("rollback");
        }
      })();
      await hold(5_000, 2_500);
      isOpen = false;
      await locking;
      await other.end();
      return over({ deadlocks: (await deadlocks(site)) - before });
    },
  },
  {
    kind: "serialization",
    what: "the database's default isolation is repeatable read, so that concurrent sends fail with 40001",
    async play({ site, hold }) {
      const [{ name } = { name: "" }] = await site.query<{ name: string }>("select current_database() as name");
      await site.query(`alter database ${name} set default_transaction_isolation = 'repeatable read'`);
      await terminate(site);
      await hold(4_000, 1_500);
      await site.query(`alter database ${name} reset default_transaction_isolation`);
      await terminate(site);
      return over();
    },
  },
];

/** How many deadlocks Postgres has ended in the database. */
async function deadlocks(site: Site): Promise<number> {
  const [row] = await site.query<{ count: number }>(
    "select deadlocks::float8 as count from pg_stat_database where datname = current_database()",
  );
  return row!.count;
}
