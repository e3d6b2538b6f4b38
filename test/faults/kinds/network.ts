// The network between a server and the database fails, and the processes that stand still.
import { setTimeout as delay } from "node:timers/promises";
import { call, newPerson } from "../../resilience/person.js";
import type { Site } from "../site.js";
import { over, type Fault, type Measures } from "./fault.js";

/** The time after which a fault is felt no more, in milliseconds. */
const promisedMs = 3_000;
/** The time after a logout in which every server stops accepting its token, in milliseconds. */
const endedMs = 1_000;
/** For how long after that, and after the fault, the token is tried, in milliseconds. */
const triedMs = 1_000;

export const network: readonly Fault[] = [
  {
    kind: "cut",
    what: "the connections of one server to the database are reset, five times",
    async play({ site, hold }) {
      for (let time = 0; time < 5; time++) {
        await hold(300, 100);
        site.proxy.cut();
      }
      return over();
    },
  },
  {
    kind: "silent-loss",
    what: "packets of one server's connections of now are dropped without a reset; a session is ended at the other server",
    async play({ site }) {
      const token = await freshToken(site);
      site.proxy.forget();
      const overAt = performance.now() + promisedMs;
      return { overAt, measures: await endElsewhere(site, token, delay(promisedMs)) };
    },
  },
  {
    kind: "silent-hole",
    what: "all packets of one server are dropped for a while; a session is ended at the other server",
    async play({ site, hold }) {
      const token = await freshToken(site);
      site.proxy.isBlackHole = true;
      const holding = hold(6_000, 3_500);
      const ended = endElsewhere(site, token, holding);
      await holding;
      site.proxy.isBlackHole = false;
      const overAt = performance.now();
      return { overAt, measures: await ended };
    },
  },
  {
    kind: "pause-postgres",
    what: "Postgres stands still (SIGSTOP)",
    isFelt: true,
    async play({ site, hold }) {
      await site.postgres.freeze();
      await hold(5_000, 3_200);
      await site.postgres.thaw();
      return over();
    },
  },
  {
    kind: "pause-server",
    what: "a server stands still (SIGSTOP); a session is ended at the other server",
    stallMs: 5_000,
    async play({ site, hold }) {
      const token = await freshToken(site);
      const { child } = site.servers[1];
      child.kill("SIGSTOP");
      const holding = hold(5_000, 3_500);
      const ended = endElsewhere(site, token, holding);
      await holding;
      child.kill("SIGCONT");
      const overAt = performance.now();
      return { overAt, measures: await ended };
    },
  },
];

/** The token of a new session, which both servers accept. */
async function freshToken(site: Site): Promise<string> {
  const { token } = await newPerson(() => site.url(0));
  for (const server of [0, 1]) {
    const { status } = await call(site.url(server), "GET", "/v1/chats", undefined, token);
    if (status !== 200) throw new Error(`server ${server} answers a new token with ${status}`);
  }
  return token;
}

/** Ends the session of a token at the first server, and asks the second one with it until some time after `holding`. */
async function endElsewhere(site: Site, token: string, holding: Promise<void>): Promise<Measures> {
  const logout = await call(site.url(0), "POST", "/v1/auth/logout", undefined, token);
  if (logout.status !== 204) throw new Error(`the logout was answered with ${logout.status}`);
  const endedAt = performance.now();
  let tryUntil = Infinity;
  void holding.then(() => (tryUntil = Math.max(endedAt + endedMs, performance.now()) + triedMs));
  let [endedAsked, endedServed] = [0, 0];
  for (; performance.now() < tryUntil; await delay(20)) {
    const isLate = performance.now() - endedAt > endedMs;
    const { status } = await call(site.url(1), "GET", "/v1/chats", undefined, token);
    if (isLate) endedAsked++;
    if (isLate && status < 300) endedServed++;
  }
  return { endedAsked, endedServed };
}
