// What befalls the three servers, their clients and their database while messages are sent.
import { setTimeout as delay } from "node:timers/promises";
import { signalProcess } from "../../../src/platform/embedded/process-table.js";
import type { Load } from "./load.js";
import type { RealtimeSite } from "./site.js";

export interface Play {
  readonly site: RealtimeSite;
  readonly load: Load;
  readonly random: (bound: number) => number;
  readonly isShort: boolean;
  /** Waits `ms`, or `briefMs` in a short run. */
  hold(ms: number, briefMs: number): Promise<void>;
}

export interface RealtimeFault {
  readonly kind: string;
  /** For people: what happens. */
  readonly what: string;
  play(play: Play): Promise<void>;
}

export const realtimeFaults: readonly RealtimeFault[] = [
  {
    kind: "cut",
    what: "all connections of clients break, most of them in the middle of a frame, again and again",
    async play({ site, hold }) {
      for (let time = 0; time < 5; time += 1) {
        for (const front of site.fronts) front.cut(150);
        await hold(500, 200);
      }
    },
  },
  {
    kind: "stall",
    what: "the network before two servers stands still, and goes on",
    async play({ site, random, hold }) {
      const well = random(3);
      const stalled = site.fronts.filter((_, at) => at !== well);
      for (const front of stalled) front.stall(true);
      await hold(3_000, 500);
      for (const front of stalled) front.stall(false);
    },
  },
  {
    kind: "kill-server",
    what: "kill -9 of a server, which is started again",
    async play({ site, random, hold }) {
      const victim = random(3);
      await site.endServer(victim, "SIGKILL");
      await hold(1_000, 100);
      await site.restart(victim);
      await hold(500, 100);
    },
  },
  {
    kind: "stop-server",
    what: "SIGTERM of a server, which is started again",
    async play({ site, random, hold }) {
      const victim = random(3);
      await site.endServer(victim, "SIGTERM");
      await site.restart(victim);
      await hold(500, 100);
    },
  },
  {
    kind: "pause-server",
    what: "a server stands still (SIGSTOP), and goes on",
    async play({ site, random, hold }) {
      const { child } = site.servers[random(3)]!;
      child.kill("SIGSTOP");
      await hold(3_500, 700);
      child.kill("SIGCONT");
      await hold(500, 100);
    },
  },
  {
    kind: "restart-postgres",
    what: "Postgres is killed and recovers; then it is shut down in order, and is away for a while",
    async play({ site, hold }) {
      const before = site.postgres.pid();
      signalProcess(before, "SIGKILL");
      await untilBack(site, before);
      await hold(1_000, 200);
      await site.postgres.stop();
      await hold(2_000, 300);
      await site.postgres.start();
      await hold(500, 200);
    },
  },
  {
    kind: "terminate",
    what: "every session of the database is ended, those that wait for signals too",
    async play({ site, hold }) {
      for (let time = 0; time < 3; time += 1) {
        await site.query(
          "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()",
        );
        await hold(600, 200);
      }
    },
  },
  {
    kind: "silent-loss",
    what: "packets between a server and the database vanish without a reset, of the connection that waits for signals too",
    async play({ site, hold }) {
      site.proxy.forget();
      await hold(4_000, 3_000);
    },
  },
  {
    kind: "slow-readers",
    what: "half of the clients read nothing for a while, and much happens",
    async play({ load, random, hold, isShort }) {
      const slow = load.clients.filter((_, at) => at % 2 === 0).map(({ connection }) => connection);
      for (const connection of slow) connection?.pause(true);
      // More than a socket holds, and the network below it.
      await load.flood(load.chats[random(load.chats.length)]!, isShort ? 400 : 2_500, 4_900);
      await hold(1_000, 100);
      for (const connection of slow) connection?.pause(false);
    },
  },
  {
    kind: "absent",
    what: "a third of the clients stays away while more happens than is told to who comes back",
    async play({ load, random }) {
      const absent = load.clients.filter((_, at) => at % 3 === 0);
      for (const client of absent) client.setAbsent(true);
      // A chat in which most of them are: a member of one may have been removed just now.
      const missing = (chat: number): number =>
        absent.filter(({ replica }) => replica.topics.has(`chat:${chat}`)).length;
      const chats = load.chats.toSorted((a, b) => missing(b) - missing(a));
      const most = chats.filter((chat) => missing(chat) === missing(chats[0]!));
      await load.flood(most[random(most.length)]!, 600, 20);
      for (const client of absent) client.setAbsent(false);
    },
  },
  {
    kind: "long-absence",
    what: "some stay away while several hundred updates of each chat come, which are told in parts",
    async play({ load }) {
      const absent = load.clients.filter((_, at) => at % 3 === 1);
      for (const client of absent) client.setAbsent(true);
      for (const chat of load.chats) await load.flood(chat, 300, 20);
      for (const client of absent) client.setAbsent(false);
    },
  },
];

/** At the end of each fault, when the last messages are sent: who comes back just then must not miss them. */
export async function lastWords({ site, load, hold }: Play): Promise<void> {
  for (let time = 0; time < 3; time += 1) {
    for (const front of site.fronts) front.cut(20);
    await hold(120, 120);
  }
  await load.pause();
}

async function untilBack(site: RealtimeSite, before: number): Promise<void> {
  for (; ; await delay(20)) {
    try {
      if (site.postgres.pid() === before) continue;
      await site.query("select 1");
      return;
    } catch {
      // It is not running yet, or still recovers.
    }
  }
}
