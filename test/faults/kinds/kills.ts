// Processes that end without a word, and sessions of the database that are ended.
import { setTimeout as delay } from "node:timers/promises";
import type { Client } from "pg";
import { signalProcess } from "../../../src/platform/embedded/process-table.js";
import type { Site } from "../site.js";
import { over, type Fault } from "./fault.js";

export const kills: readonly Fault[] = [
  {
    kind: "kill-server",
    what: "kill -9 of a server, which is started again",
    isCutting: true,
    async play({ site, random, hold }) {
      const victim = random(2);
      await hold(500, 200);
      await site.endServer(victim, "SIGKILL");
      await hold(1_000, 100);
      await site.restart(victim);
      return over();
    },
  },
  {
    kind: "kill-postgres",
    what: "kill -9 of Postgres, which recovers",
    async play({ site, hold }) {
      await hold(500, 300);
      await replaced(site, "SIGKILL");
      return over();
    },
  },
  {
    kind: "shutdown-immediate",
    what: "immediate shutdown of Postgres, which recovers",
    async play({ site, hold }) {
      await hold(500, 200);
      await replaced(site, "SIGQUIT");
      return over();
    },
  },
  {
    kind: "shutdown-fast",
    what: "fast shutdown of Postgres, which is away for a while",
    isFelt: true,
    async play({ site, hold }) {
      await hold(500, 200);
      await site.postgres.stop();
      await hold(3_000, 1_000);
      await site.postgres.start();
      return over();
    },
  },
  {
    kind: "terminate",
    what: "every session of the database is terminated, three times",
    async play({ site, hold }) {
      for (let time = 0; time < 3; time++) {
        await hold(400, 150);
        await terminate(site);
      }
      return over();
    },
  },
];

/** Ends every session of the database but that of the operator, if one is given. */
export async function terminate(site: Site, operator?: Client): Promise<void> {
  const client = operator ?? (await site.connect());
  await client.query(
    "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()",
  );
  if (client !== operator) await client.end();
}

/** Ends the Postgres of now, and resolves when the next one accepts connections. */
async function replaced(site: Site, signal: NodeJS.Signals): Promise<void> {
  const before = site.postgres.pid();
  signalProcess(before, signal);
  for (; ; await delay(10)) {
    try {
      if (site.postgres.pid() === before) continue;
      await site.query("select 1");
      return;
    } catch {
      // It is not running yet, or still recovers.
    }
  }
}
