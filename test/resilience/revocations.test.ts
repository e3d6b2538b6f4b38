// An ended session ends in every process, whatever happens to the network between a process and the database.
import { setTimeout as delay } from "node:timers/promises";
import { expect } from "chai";
import pg from "pg";
import { TcpProxy } from "../platform/tcp-proxy.js";
import { testDatabase } from "../support/database.js";
import { fairNow } from "../support/fair-clock.js";
import { end, serve, type Server } from "../support/program.js";
import { call, newPerson, type Person } from "./person.js";

/** What is promised, in milliseconds by `fairNow`. */
const promised = 1_000;

describe("a server that has lost the database silently", function () {
  this.timeout(120_000);
  let database: Awaited<ReturnType<typeof testDatabase>>;
  let proxy: TcpProxy;
  let near: Server;
  let far: Server;

  before(async () => {
    database = await testDatabase();
    proxy = await TcpProxy.before(database.url);
    const env = { SECRET_KEY: "s".repeat(32), REGISTRATION: "open" };
    [near, far] = await Promise.all([
      serve({ env: { ...env, DATABASE_URL: database.url } }),
      serve({ env: { ...env, DATABASE_URL: proxy.url } }),
    ]);
  });
  after(async () => {
    await end(near, far);
    await proxy.close();
    await database.drop();
  });

  /** Asks the far server until it refuses the token; resolves with the answers to requests that began after the promised time. */
  async function lateAnswersOfFar({ token }: Person, endedAt: number): Promise<number[]> {
    const late: number[] = [];
    for (;;) {
      const isLate = fairNow() - endedAt > promised;
      const { status } = await call(far.url, "GET", "/v1/chats", undefined, token);
      if (isLate) late.push(status);
      if (status === 401) return late;
      await delay(10);
    }
  }

  /** Fills the pool of the far server with connections, which then lie idle; where some are lost, once that is known. */
  async function useFar({ token }: Person): Promise<void> {
    const search = () => call(far.url, "GET", "/v1/users?limit=1", undefined, token);
    for (;;) {
      const statuses = (await Promise.all(Array.from({ length: 5 }, search))).map(({ status }) => status);
      if (statuses.every((status) => status === 200)) return;
      expect([200, 503]).to.include.members(statuses);
      await delay(100);
    }
  }

  const losses: Readonly<Record<string, () => Promise<unknown>>> = {
    "on its connections of today": async () => proxy.forget(),
    "for six seconds": async () => {
      proxy.isBlackHole = true;
      return delay(6_000).then(() => (proxy.isBlackHole = false));
    },
  };
  const ends: Readonly<Record<string, (person: Person) => Promise<unknown>>> = {
    "a session that was ended elsewhere": async ({ token }) => {
      expect((await call(near.url, "POST", "/v1/auth/logout", undefined, token)).status).to.equal(204);
    },
    "a role that was changed elsewhere": async ({ id }) => {
      const operator = new pg.Client({ connectionString: database.url });
      await operator.connect();
      await operator.query("update users set role = 'ROLE_TEACHER' where id = $1", [id]);
      await operator.end();
    },
  };

  for (const [which, lose] of Object.entries(losses))
    for (const [what, endTokens] of Object.entries(ends))
      it(`${which} refuses the tokens of ${what}, with 503 or 401, a second later at most`, async () => {
        const person = await newPerson(() => near.url);
        await useFar(person);
        const healed = lose();
        await endTokens(person);
        const late = await lateAnswersOfFar(person, fairNow());
        expect([401, 503]).to.include.members([...new Set(late)]);
        await healed;
        // And it serves everybody else.
        await useFar(await newPerson(() => near.url));
      });
});
