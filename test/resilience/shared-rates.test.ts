// Rates that two processes count together in one Postgres, and what becomes of them when it is away.
import { expect } from "chai";
import { exchange } from "../../runner/client/exchange.js";
import { testDatabase, type TestDatabase } from "../support/database.js";
import { upTo } from "../support/numbers.js";
import { end, serve, type Server } from "../support/program.js";
import { databaseGate, type Gate } from "../support/server.js";

describe("rates of two processes", function () {
  this.timeout(120_000);
  let database: TestDatabase;
  let gate: Gate;
  let servers: readonly Server[];
  before(async () => {
    database = await testDatabase();
    gate = await databaseGate(database.url);
    const env = {
      DATABASE_URL: gate.url,
      SECRET_KEY: "s".repeat(32),
      TRUST_PROXY: "1",
      RATE_FACTOR: "1",
      READ_RATE: "4",
      RATE_STORE: "postgres",
    };
    servers = await Promise.all([serve({ env }), serve({ env })]);
  });
  after(async () => {
    await end(...(servers ?? []));
    await gate.close();
    await database.drop();
  });

  interface Reply {
    readonly status: number;
    readonly left: number;
  }
  async function ask(turn: number, address: string): Promise<Reply> {
    const { status, headers } = await exchange(servers[turn % 2]!.url, {
      verb: "GET",
      path: "/health/version",
      headers: [["X-Forwarded-For", address]],
    });
    return { status, left: Number(/;r=(\d+)/.exec(headers["ratelimit"] ?? "")?.[1]) };
  }
  const admitted = (replies: readonly Reply[]): number => replies.filter(({ status }) => status === 200).length;
  /** The number of requests that are taken while as many are sent at once, and what a share of it may add meanwhile. */
  const most = 40;
  async function flood(address: string): Promise<{ taken: number; shares: number }> {
    const begun = performance.now();
    const replies = await Promise.all(upTo(3 * most).map((turn) => ask(turn, address)));
    return { taken: admitted(replies), shares: Math.ceil((performance.now() - begun) / (60_000 / most)) };
  }

  it("are one bound", async () => {
    const { taken, shares } = await flood("10.0.0.1");
    expect(taken).to.be.within(most, most + shares);
    const [one, other] = [await ask(0, "10.0.0.2"), await ask(1, "10.0.0.2")];
    expect([one, other]).to.deep.equal([
      { status: 200, left: most - 1 },
      { status: 200, left: most - 2 },
    ]);
  });

  it("are counted by each process while Postgres is away: nobody is refused for that, and nobody has more than both take", async () => {
    gate.shut();
    try {
      const { taken, shares } = await flood("10.0.0.3");
      expect(taken).to.be.within(2 * most, 2 * (most + shares));
    } finally {
      gate.open();
    }
    // Both count together again.
    for (let turn = 0; ; turn++) {
      const address = `10.1.${turn >> 8}.${turn & 255}`;
      const replies = [await ask(0, address), await ask(1, address)];
      if (replies[1]!.left === most - 2) break;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  });
});
