// The state that a process keeps by notifications: loaded until that succeeds, in order with what arrives meanwhile, and known to be
// current or not.
import { setTimeout as delay } from "node:timers/promises";
import { expect } from "chai";
import { type DatabaseServer, openDatabase } from "../../../src/platform/database/database.js";
import { TcpProxy } from "../tcp-proxy.js";
import { fairNow } from "../../support/fair-clock.js";
import { failure, freshStatement, groups, type OpenedDatabase, openedDatabase } from "./opened-database.js";

const notify = freshStatement("write", "select pg_notify($1, $2)");

describe("a channel", function () {
  this.timeout(30_000);
  let opened: OpenedDatabase;
  let proxy: TcpProxy;
  /** A process behind the proxy; `opened.server` is one beside it. */
  let server: DatabaseServer;

  before(async () => {
    opened = await openedDatabase();
    proxy = await TcpProxy.before(opened.url);
    server = await openDatabase({ url: proxy.url, pool: 3, log: opened.log });
  });
  after(async () => {
    await server.close();
    await proxy.close();
    await opened.close();
  });

  const until = async (condition: () => boolean): Promise<void> => {
    while (!condition()) await delay(5);
  };
  it("is not listened to when its state cannot be loaded", async () => {
    const load = async (): Promise<void> => {
      throw new Error("no state");
    };
    expect((await failure(server.listen("fails", () => undefined, load))).message).to.equal("no state");
  });

  it("is loaded again after a reconnection until that succeeds, and is not current before", async () => {
    let [loads, failures, areFailing] = [0, 0, true];
    const received: string[] = [];
    const listener = await server.listen(
      "again",
      (payload) => received.push(payload),
      async () => {
        loads += 1;
        if (loads > 1 && areFailing) {
          failures += 1;
          throw new Error("not yet");
        }
      },
    );
    expect(listener.isCurrent).to.equal(true);
    proxy.cut();
    await until(() => !listener.isCurrent);
    expect({ loads, failures }).to.deep.equal({ loads: 1 + failures, failures });
    areFailing = false;
    await until(() => listener.isCurrent);
    expect({ loads, failures }).to.deep.equal({ loads: 2 + failures, failures });
    expect(failures).to.be.greaterThan(1);
    await opened.server.database.one(notify, ["again", "one"]);
    await until(() => received.length > 0);
    expect(received).to.deep.equal(["one"]);
    await listener.close();
  });

  it("is current through short losses of the connection, and its state is loaded after the last of them", async () => {
    let loads = 0;
    const load = async (): Promise<void> => void (loads += 1);
    const listener = await server.listen("often", () => undefined, load);
    for (let round = 1; round <= 5; round++) {
      const before = loads;
      proxy.cut();
      await until(() => loads > before);
      expect(listener.isCurrent).to.equal(true);
    }
    await listener.close();
  });

  it("hands over what arrives during a load after it, in order, and nothing of before it", async () => {
    const events: string[] = [];
    let finish: () => void = () => undefined;
    const listening = server.listen(
      "held",
      (payload) => events.push(payload),
      async () => {
        await new Promise<void>((resolve) => (finish = resolve));
        events.push("loaded");
      },
    );
    // LISTEN and these are answered in the order in which they are sent, and what is notified comes before the answer.
    await server.ping();
    for (const payload of ["one", "two"]) await opened.server.database.one(notify, ["held", payload]);
    await server.ping();
    expect(events).to.deep.equal([]);
    finish();
    const listener = await listening;
    await opened.server.database.one(notify, ["held", "three"]);
    await until(() => events.length === 4);
    expect(events).to.deep.equal(["loaded", "one", "two", "three"]);
    await listener.close();
  });

  it("is current for as long as its connection answers, and not for a second when it is silent", async () => {
    const listener = await server.listen("silent", () => undefined);
    const begun = performance.now();
    const seen: boolean[] = [];
    while (performance.now() - begun < 3_000) {
      seen.push(listener.isCurrent);
      await delay(50);
    }
    // A busy machine may answer a probe late: then it is not current for a moment.
    expect(seen.filter(Boolean).length).to.be.above(seen.length / 2);
    const silentAt = fairNow();
    proxy.isBlackHole = true;
    await until(() => !listener.isCurrent);
    expect(fairNow() - silentAt).to.be.below(1_000);
    proxy.isBlackHole = false;
    await until(() => listener.isCurrent);
    await listener.close();
  });

  it("that is lost silently takes every other connection with it that has died unseen", async () => {
    const echo = groups.map((group) => freshStatement<{ n: number }>(group, "select $1::int8 as n"));
    const allSucceed = async (): Promise<void> => {
      const ask = () => Promise.allSettled(echo.map((each) => server.database.one(each, [1])));
      while ((await ask()).some(({ status }) => status === "rejected")) await delay(5);
    };
    await allSucceed();
    proxy.forget();
    expect(proxy.dead).to.be.greaterThan(10);
    await until(() => proxy.dead === 0);
    await allSucceed();
  });
});
