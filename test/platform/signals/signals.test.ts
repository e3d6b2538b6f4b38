// Signals over each of what can carry them: heard by the others, in order; and lost without harm while it is away.
import { setTimeout as delay } from "node:timers/promises";
import { expect } from "chai";
import { pino } from "pino";
import { type DatabaseServer, openDatabase } from "../../../src/platform/database/database.js";
import { openSignals } from "../../../src/platform/signals/open-signals.js";
import type { Signals } from "../../../src/platform/signals/signals.js";
import { testDatabase, type TestDatabase } from "../../support/database.js";
import { upTo } from "../../support/numbers.js";
import { until } from "../database/opened-database.js";
import { password, type RunningKind, signalKinds } from "./signal-kinds.js";

const key = Buffer.alloc(32, 1);

describe("signals", function () {
  this.timeout(60_000);
  let database: TestDatabase;
  let servers: readonly DatabaseServer[];
  const lines: string[] = [];
  const log = pino({ level: "debug" }, { write: (line: string) => void lines.push(line) });
  before(async () => {
    database = await testDatabase();
    const options = { url: database.url, pool: 1, readers: 1, writers: 1, log: pino({ level: "silent" }) };
    servers = await Promise.all([openDatabase(options), openDatabase(options)]);
  });
  after(async () => {
    for (const server of servers) await server.close();
    await database.drop();
  });

  for (const { name, open } of signalKinds) {
    describe(`over ${name}`, () => {
      let running: RunningKind;
      let opened: Signals[];
      before(async () => (running = await open()));
      after(() => running.server?.stop());
      beforeEach(() => {
        opened = [];
        lines.length = 0;
      });
      afterEach(async () => {
        for (const signals of opened) await signals.close();
      });

      const openOne = async (at: number, own = key): Promise<Signals> => {
        const signals = await openSignals(running.given, { server: servers[at]!, log, key: own });
        opened.push(signals);
        return signals;
      };
      /** Two that hear each other. */
      const openTwo = async (): Promise<[Signals, Signals]> => {
        const pair: [Signals, Signals] = [await openOne(0), await openOne(1)];
        await connected(...pair);
        return pair;
      };
      const connected = async (one: Signals, two: Signals): Promise<void> => {
        const heard = new Set<string>();
        const hearing = [
          one.listen("hello", (text) => heard.add(text)),
          two.listen("hello", (text) => heard.add(text)),
        ];
        await until(() => {
          one.publish("hello", "one");
          two.publish("hello", "two");
          return heard.size === 2;
        });
        for (const each of hearing) each.close();
      };

      it("are heard by the other process on their channel, in order, and not by the one that sent them", async () => {
        const [one, two] = await openTwo();
        const heard: string[] = [];
        one.listen("a", (text) => heard.push(`one ${text}`));
        const second = two.listen("a", (text) => heard.push(`two ${text}`));
        two.listen("b", (text) => heard.push(`b ${text}`));
        for (const n of upTo(3)) one.publish("a", `${n} «ы» "🌍"\n`);
        one.publish("b", "1");
        await until(() => heard.length === 4);
        second.close();
        one.publish("a", "5");
        one.publish("b", "2");
        await until(() => heard.length === 5);
        expect(heard).to.deep.equal([...upTo(3).map((n) => `two ${n} «ы» "🌍"\n`), "b 1", "b 2"]);
      });

      it("that are more than one message can have are sent in several", async () => {
        const [one, two] = await openTwo();
        const texts = upTo(1_000).map((n) => `${n} ${"ы".repeat(n % 100)}`);
        const heard: string[] = [];
        two.listen("a", (text) => heard.push(text));
        for (const text of texts) one.publish("a", text);
        await until(() => heard.length === texts.length);
        expect(heard).to.deep.equal(texts);
      });

      it("too long for a message are not sent, and a line of the log says so; others are", async () => {
        const [one, two] = await openTwo();
        const heard: string[] = [];
        two.listen("a", (text) => heard.push(text));
        one.publish("a", "x".repeat(70_000));
        one.publish("a", "short");
        await until(() => heard.length > 0);
        expect(heard).to.deep.equal(["short"]);
        expect(lines.filter((line) => line.includes("a signal is too long"))).to.have.length(1);
      });

      it("of a listener that fails reach the others", async () => {
        const [one, two] = await openTwo();
        let heard = 0;
        two.listen("a", () => {
          throw new Error("on purpose");
        });
        two.listen("a", () => (heard += 1));
        one.publish("a", "1");
        await until(() => heard === 1);
      });

      it("are published at once, and lost, while it is away; and come again when it is back", async () => {
        const [one, two] = await openTwo();
        if (running.server) await running.server.stop();
        else
          await servers[0]!.knex.raw(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()",
          );
        for (const n of upTo(50)) {
          one.publish("a", String(n));
          await delay(1);
        }
        await running.server?.start();
        await connected(one, two);
        expect(lines.join("")).not.to.include(password).and.not.include(encodeURIComponent(password));
        if (running.server) expect(lines.filter((line) => line.includes("signals are lost: "))).to.have.length(2);
      });

      if (name === "Postgres") return;
      it("need nothing that is there when they are opened, and end while it is away", async () => {
        await running.server!.stop();
        const [one, two, three] = [await openOne(0), await openOne(1), await openOne(1)];
        await three.close();
        await running.server!.start();
        await connected(one, two);
      });

      it("of another installation are not heard", async () => {
        const [one, two] = await openTwo();
        const [other, another] = [await openOne(0, Buffer.alloc(32, 2)), await openOne(1, Buffer.alloc(32, 2))];
        await connected(other, another);
        const heard: string[] = [];
        two.listen("a", (text) => heard.push(text));
        other.publish("a", "theirs");
        another.publish("a", "theirs");
        await connected(other, another);
        one.publish("a", "ours");
        await until(() => heard.length > 0);
        expect(heard).to.deep.equal(["ours"]);
      });
    });
  }
});
