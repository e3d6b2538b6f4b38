// Sessions of the database that are in each other's way.
import { setTimeout as delay } from "node:timers/promises";
import type { Client } from "pg";
import { call } from "../../resilience/person.js";
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
      const operator = await site.connect();
      await setForAll(operator, "set default_transaction_isolation = 'repeatable read'");
      await terminate(site, operator);
      await hold(4_000, 1_500);
      await setForAll(operator, "reset default_transaction_isolation");
      await operator.end();
      await terminate(site);
      return over();
    },
  },
  {
    kind: "read-only",
    what: "the database takes no writes for a while, as a standby does; /readyz says so",
    isFelt: true,
    async play({ site, hold }) {
      const operator = await site.connect();
      await operator.query("set default_transaction_read_only = off");
      await setForAll(operator, "set default_transaction_read_only = on");
      await terminate(site, operator);
      await readiness(site, 503);
      await hold(3_000, 500);
      await setForAll(operator, "reset default_transaction_read_only");
      const outcome = over();
      await operator.end();
      await readiness(site, 200);
      return outcome;
    },
  },
];

/** Changes a setting of the database for all sessions that begin from now on. */
async function setForAll(operator: Client, change: string): Promise<void> {
  const { rows } = await operator.query<{ name: string }>("select current_database() as name");
  await operator.query(`alter database ${rows[0]!.name} ${change}`);
}

/** Resolves when both servers answer /readyz with that status. Rejects after ten seconds. */
async function readiness(site: Site, wanted: number): Promise<void> {
  for (const server of [0, 1])
    for (const end = performance.now() + 10_000; ; await delay(50)) {
      const { status } = await call(site.url(server), "GET", "/readyz");
      if (status === wanted) break;
      if (performance.now() > end) throw new Error(`server ${server} still answers /readyz with ${status}`);
    }
}

/** How many deadlocks Postgres has ended in the database. */
async function deadlocks(site: Site): Promise<number> {
  const [row] = await site.query<{ count: number }>(
    "select deadlocks::float8 as count from pg_stat_database where datname = current_database()",
  );
  return row!.count;
}
