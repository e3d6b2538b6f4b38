// Named statements of a connection: prepared once, pipelined, each with its own response.
import { expect } from "chai";
import { type Connection, isStalePlan } from "../../../src/platform/database/protocol/connection.js";
import { type TestDatabase, testDatabase } from "../../support/database.js";
import { TcpProxy } from "../tcp-proxy.js";
import { implementations, rejection, settings } from "./implementations.js";

const never = Infinity;

for (const { name, open } of implementations) {
  describe(`statements over a connection ${name}`, () => {
    let database: TestDatabase;
    let connection: Connection;
    let other: Connection;

    before(async () => {
      database = await testDatabase();
      connection = await open(settings(database.url));
      other = await open(settings(database.url));
      await connection.command(
        `create table owners (id bigint constraint owners_pkey primary key);
         create table things (id bigint constraint things_pkey primary key, name text constraint things_name unique,
                              owner_id bigint constraint things_owner references owners)`,
        never,
      );
    });
    after(async () => {
      await connection.close(1_000);
      await other.close(1_000);
      await database.drop();
    });

    it("are prepared once", async () => {
      const count = async (): Promise<unknown> =>
        (await connection.run("count", "select count(*) as n from pg_prepared_statements", [], never))[0];
      await connection.run("prepared", "select $1::int8 as n", [1], never);
      await count();
      const before = await count();
      for (const n of [2, 3]) {
        expect(await connection.run("prepared", "select $1::int8 as n", [n], never)).to.deep.equal([{ n }]);
      }
      expect(await count()).to.deep.equal(before);
    });

    it("are pipelined: all of twenty are sent before the response to the first arrives", async () => {
      const proxy = await TcpProxy.before(database.url);
      const slow = await open(settings(proxy.url));
      const echo = (text: string): Promise<object[]> => slow.run("echo", "select $1::text as text", [text], never);
      await echo("first");
      proxy.delayedUntil = "word 19";
      const texts = Array.from({ length: 20 }, (_, n) => `word ${n}`);
      expect(await Promise.all(texts.map(echo))).to.deep.equal(texts.map((text) => [{ text }]));
      await slow.close(1_000);
      await proxy.close();
    });

    it("are executed in the order of the calls, commands between them too", async () => {
      await connection.command("create table counters (n bigint); insert into counters values (0)", never);
      const increment = (): Promise<object[]> =>
        connection.run("increment", "update counters set n = n + 1 returning n", [], never);
      await increment();
      const [first, , second, third] = await Promise.all([
        increment(),
        connection.command("update counters set n = n + 100", never),
        increment(),
        increment(),
      ]);
      expect([first, second, third]).to.deep.equal([[{ n: 2 }], [{ n: 103 }], [{ n: 104 }]]);
    });

    it("of a thousand at once have each their own rows or their own error", async () => {
      const sql = "select $1::int8 as n, $2::int8 / $3::int8 as q";
      const results = await Promise.allSettled(
        Array.from({ length: 1_000 }, (_, n) => connection.run("divide", sql, [n, n * 2, n % 7 === 0 ? 0 : 2], never)),
      );
      results.forEach((result, n) => {
        if (n % 7 === 0) expect(result).to.have.nested.property("reason.code", "22012");
        else
          expect(result)
            .to.have.property("value")
            .deep.equal([{ n, q: n }]);
      });
      expect(connection.pending).to.equal(0);
    });

    it("name the constraint that they violate", async () => {
      const insert = (id: number, owner: number | null): Promise<object[]> =>
        connection.run("insert", "insert into things (id, name, owner_id) values ($1, 'a', $2)", [id, owner], never);
      expect(await rejection(insert(1, 1))).to.include({ code: "23503", constraint: "things_owner" });
      await insert(1, null);
      expect(await rejection(insert(1, null))).to.include({ code: "23505", constraint: "things_pkey" });
      expect(await rejection(insert(2, null))).to.include({ code: "23505", constraint: "things_name" });
    });

    it("that cannot be prepared are errors each time, also at once, and can be prepared later", async () => {
      const run = (): Promise<object[]> => connection.run("early", "select * from later", [], never);
      for (const error of await Promise.all([run(), run(), run()].map(rejection))) {
        expect(error.code).to.equal("42P01");
      }
      expect((await rejection(run())).code).to.equal("42P01");
      await connection.command("create table later (n bigint)", never);
      expect(await run()).to.deep.equal([]);
    });

    it("with a stale plan are errors once, and are prepared again: after a change of the table, and without the session's plans", async () => {
      await connection.command("create table changing (a bigint); insert into changing values (1)", never);
      const run = (): Promise<object[]> => connection.run("changing", "select * from changing", [], never);
      expect(await run()).to.deep.equal([{ a: 1 }]);
      await other.command("alter table changing add column b text default 'x'", never);
      expect(isStalePlan(await rejection(run()))).to.equal(true);
      expect(await run()).to.deep.equal([{ a: 1, b: "x" }]);
      await connection.command("deallocate all", never);
      expect(isStalePlan(await rejection(run()))).to.equal(true);
      expect(await run()).to.deep.equal([{ a: 1, b: "x" }]);
    });

    it("of one name with two texts are refused", async () => {
      await connection.run("twice", "select 1 as n", [], never);
      const error = await rejection(connection.run("twice", "select 2 as n", [], never));
      expect(error.message).to.equal("Two statements are named twice");
    });

    it("have names of at most 63 bytes", async () => {
      const name = "ж".repeat(31);
      expect(await connection.run(`${name}1`, "select 1 as n", [], never)).to.deep.equal([{ n: 1 }]);
      const error = await rejection(connection.run(`${name}ж`, "select 1 as n", [], never));
      expect(error.message).to.match(/at most 63 bytes/);
    });

    it("take as many values as they have parameters", async () => {
      const run = (values: unknown[]): Promise<object[]> =>
        connection.run("two", "select $1::int8 as a, $2::int8 as b", values, never);
      expect((await rejection(run([1]))).message).to.match(/^2 values are required, 1 were given/);
      expect((await rejection(run([1, 2, 3]))).message).to.match(/^2 values are required, 3 were given/);
      expect((await rejection(run([]))).message).to.match(/^2 values are required, 0 were given/);
      expect(connection.pending).to.equal(0);
      expect(await run([1, 2])).to.deep.equal([{ a: 1, b: 2 }]);
    });
  });
}
