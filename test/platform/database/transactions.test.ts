// Transactions on a real Postgres: all of their statements or none.
import { setTimeout as delay } from "node:timers/promises";
import { expect } from "chai";
import { isUniqueViolation } from "../../../src/platform/database/database.js";
import { failure, freshStatement, type OpenedDatabase, openedDatabase } from "./opened-database.js";

describe("a transaction", () => {
  let opened: OpenedDatabase;
  let server: OpenedDatabase["server"];
  before(async () => {
    opened = await openedDatabase();
    ({ server } = opened);
  });
  after(() => opened.close());

  const insert = freshStatement("write", "insert into things (id, name) values ($1, $2)");
  const count = freshStatement<{ n: number }>("read", "select count(*) as n from things where id between $1 and $2");

  it("has all of its effects after its end, and none before", async () => {
    await server.database.transaction(async (queries) => {
      await queries.one(insert, [201, "a"]);
      expect(await server.database.one(count, [201, 202])).to.deep.equal({ n: 0 });
      await queries.one(insert, [202, "b"]);
    });
    expect(await server.database.one(count, [201, 202])).to.deep.equal({ n: 2 });
  });

  it("has no effect when its work throws", async () => {
    const fault = new Error("changed my mind");
    const error = await failure(
      server.database.transaction(async (queries) => {
        await queries.one(insert, [211, "c"]);
        throw fault;
      }),
    );
    expect(error).to.equal(fault);
    expect(await server.database.one(count, [211, 211])).to.deep.equal({ n: 0 });
  });

  it("fails with the error of a statement that its work has caught", async () => {
    const error = await failure(
      server.database.transaction(async (queries) => {
        await queries.one(insert, [221, "d"]);
        await queries.one(insert, [221, "e"]).catch(() => undefined);
      }),
    );
    expect(isUniqueViolation(error, "things_pkey")).to.equal(true);
    expect(await server.database.one(count, [221, 221])).to.deep.equal({ n: 0 });
  });

  it("has no effect when one of the statements that its work runs at once fails", async () => {
    for (let round = 0; round < 20; round += 1) {
      // New statements, so that some are still being prepared when another has failed.
      const fresh = Array.from({ length: 4 }, () => freshStatement("write", "insert into things (id) values ($1)"));
      const error = await failure(
        server.database.transaction((queries) =>
          Promise.all([
            queries.one(freshStatement("read", "select 1 / 0"), []),
            ...fresh.map((each, n) => queries.one(each, [231 + n])),
          ]),
        ),
      );
      expect(error.code).to.equal("22012");
    }
    await delay(50);
    expect(await server.database.one(count, [231, 234])).to.deep.equal({ n: 0 });
  });

  it("contains the statements whose result its work did not await", async () => {
    await server.database.transaction((queries) => {
      void queries.one(insert, [241, "f"]);
      return Promise.resolve();
    });
    expect(await server.database.one(count, [241, 241])).to.deep.equal({ n: 1 });
  });

  it("refuses a statement after its end", async () => {
    const late = await server.database.transaction((queries) => Promise.resolve(queries));
    expect((await failure(late.one(insert, [251, "g"]))).message).to.match(/came after the end of its transaction/);
    expect(await server.database.one(count, [251, 251])).to.deep.equal({ n: 0 });
  });

  it("succeeds, as do nineteen others at once on three connections", async () => {
    await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        server.database.transaction((queries) => queries.one(insert, [260 + n, `h${n}`])),
      ),
    );
    expect(await server.database.one(count, [260, 279])).to.deep.equal({ n: 20 });
  });

  it("is run again when it has lost a deadlock", async () => {
    await server.knex.raw("insert into things (id) values (101), (102)");
    const update = freshStatement("pool", "update things set n = n + 1 where id = $1");
    let runs = 0;
    let met = 0;
    const crosswise = (first: number, second: number): Promise<void> =>
      server.database.transaction(
        async (queries) => {
          runs += 1;
          await queries.one(update, [first]);
          met += 1;
          while (met < 2) await delay(1);
          await queries.one(update, [second]);
        },
        { timeoutMs: 5_000 },
      );
    await Promise.all([crosswise(101, 102), crosswise(102, 101)]);
    expect(runs).to.be.above(2);
    const rows = await server.database.many(freshStatement("read", "select n from things where id in (101, 102)"), []);
    expect(rows).to.deep.equal([{ n: 2 }, { n: 2 }]);
  });

  it("may take longer than two seconds with a timeout of its own, which its connection does not keep", async () => {
    const sleep = freshStatement("pool", "select pg_sleep(3)::text as slept");
    const row = await server.database.transaction((queries) => queries.one(sleep, []), { timeoutMs: 10_000 });
    expect(row).to.deep.equal({ slept: "" });
    expect(await server.database.one(freshStatement("pool", "show statement_timeout"), [])).to.deep.equal({
      statement_timeout: "2s",
    });
  });
});
