// Work that is done in one transaction without knowing it, on a real Postgres.
import { expect } from "chai";
import { isUniqueViolation, type Database, type Queries } from "../../../src/platform/database/database.js";
import { inOneTransaction } from "../../../src/platform/database/one-transaction.js";
import { ApiError } from "../../../src/errors.js";
import { failure, freshStatement, type OpenedDatabase, openedDatabase } from "./opened-database.js";

describe("work in one transaction", () => {
  let opened: OpenedDatabase;
  let database: Database;
  before(async () => {
    opened = await openedDatabase();
    ({ database } = opened.server);
  });
  after(() => opened.close());

  const insert = freshStatement("write", "insert into things (id, name) values ($1, $2)");
  const rows = freshStatement<{ id: number }>(
    "read",
    "select id from things where id between $1 and $1 + 9 order by id",
  );
  const stored = async (first: number, queries: Queries = database): Promise<number[]> =>
    (await queries.many(rows, [first])).map(({ id }) => id - first);
  const refusal = new ApiError("EMAIL_TAKEN", "It is taken");
  const isKept = (error: unknown): boolean => error === refusal;
  const nothing = async (): Promise<void> => undefined;

  it("is stored with what is done before and after it, and is seen by nobody before", async () => {
    const result = await inOneTransaction(
      database,
      async (joined) => {
        expect(await stored(1000, joined)).to.deep.equal([]);
        await joined.one(insert, [1001, "alone"]);
        await joined.transaction(async (queries) => {
          expect(await stored(1000, queries)).to.deep.equal([0, 1]);
          await queries.one(insert, [1002, "together"]);
        });
        expect(await stored(1000, joined)).to.deep.equal([0, 1, 2]);
        expect(await stored(1000)).to.deep.equal([]);
        return "done";
      },
      {
        begin: async (queries) => void (await queries.one(insert, [1000, "begin"])),
        end: async (queries, text) => void (await queries.one(insert, [1003, text])),
        isKept,
      },
    );
    expect(result).to.equal("done");
    expect(await stored(1000)).to.deep.equal([0, 1, 2, 3]);
  });

  it("does what is asked for as its last once, at its end, without what was undone", async () => {
    const done: number[][] = [];
    const last = async (queries: Queries, items: readonly number[]): Promise<void> => {
      done.push([...items, ...(await stored(1090, queries))]);
    };
    const part = (joined: Database, id: number, fails: boolean): Promise<void> =>
      joined.transaction(async (queries) => {
        queries.last!.add(last, [id, id]);
        await queries.one(insert, [id, `part ${id}`]);
        expect(done).to.deep.equal([]);
        if (fails) throw refusal;
      });
    await inOneTransaction(
      database,
      async (joined) => {
        await part(joined, 1090, false);
        await part(joined, 1091, true).catch(() => undefined);
        await part(joined, 1092, false);
      },
      { begin: nothing, end: nothing, isKept },
    );
    expect(done).to.deep.equal([[1090, 1090, 1092, 1092, 0, 2]]);
    await database
      .transaction(async (queries) => {
        queries.last!.add(last, [1093]);
        throw refusal;
      })
      .catch(() => undefined);
    expect(done).to.have.lengthOf(1);
  });

  it("holds no connection and no lock before its first change", async () => {
    const order: string[] = [];
    await inOneTransaction(
      database,
      async (joined) => {
        await stored(1010, joined);
        order.push("read");
        await joined.one(insert, [1010, "a"]);
      },
      { begin: async () => void order.push("begin"), end: async () => void order.push("end"), isKept },
    );
    expect(order).to.deep.equal(["read", "begin", "end"]);
  });

  it("leaves nothing of a bug, and of what is thrown before or after it", async () => {
    const bug = new Error("a bug");
    const broken = { begin: nothing, end: nothing, isKept };
    const insertOne = async (joined: Database): Promise<void> =>
      void (await joined.one(insert, [1020, "left by nobody"]));
    const throwing = async (): Promise<never> => {
      throw bug;
    };
    const attempts = [
      () => inOneTransaction(database, async (joined) => insertOne(joined).then(throwing), broken),
      () => inOneTransaction(database, insertOne, { ...broken, begin: throwing }),
      () => inOneTransaction(database, insertOne, { ...broken, end: throwing }),
    ];
    for (const attempt of attempts) expect(await failure(attempt())).to.equal(bug);
    expect(await stored(1020)).to.deep.equal([]);
  });

  it("keeps what was stored before a refusal, as without the transaction, and runs nothing after it", async () => {
    const error = await failure(
      inOneTransaction(
        database,
        async (joined) => {
          await joined.one(insert, [1031, "a wrong try"]);
          await joined.transaction(async (queries) => {
            await queries.one(insert, [1032, "undone"]);
            throw refusal;
          });
        },
        { begin: nothing, end: async (queries) => void (await queries.one(insert, [1033, "end"])), isKept },
      ),
    );
    expect(error).to.equal(refusal);
    expect(await stored(1030)).to.deep.equal([1]);
  });

  it("goes on after a change that has failed, as without the transaction", async () => {
    await inOneTransaction(
      database,
      async (joined) => {
        await joined.one(insert, [1040, "first"]);
        const error = await failure(joined.one(insert, [1040, "again"]));
        expect(isUniqueViolation(error, "things_pkey")).to.equal(true);
        await failure(
          joined.transaction(async (queries) => {
            await queries.one(insert, [1041, "undone"]);
            await queries.one(insert, [1040, "again"]);
          }),
        );
        await joined.one(insert, [1042, "last"]);
      },
      { begin: nothing, end: nothing, isKept },
    );
    expect(await stored(1040)).to.deep.equal([0, 2]);
  });

  it("does changes that begin at once one after the other", async () => {
    await inOneTransaction(
      database,
      (joined) =>
        Promise.allSettled([
          joined.one(insert, [1050, "a"]),
          joined.one(insert, [1050, "b"]),
          joined.transaction(async (queries) => void (await queries.one(insert, [1051, "c"]))),
          joined.one(insert, [1051, "d"]),
          joined.one(insert, [1052, "e"]),
        ]),
      { begin: nothing, end: nothing, isKept },
    );
    expect(await stored(1050)).to.deep.equal([0, 1, 2]);
  });

  it("is followed by what it leaves for after the commit, which never comes when there is none", async () => {
    const told: string[] = [];
    const act =
      (id: number, error?: Error) =>
      async (joined: Database): Promise<void> => {
        await joined.one(insert, [id, `told ${id}`]);
        joined.afterCommit(() => told.push(`${id}`));
        if (error) throw error;
      };
    const frame = { begin: nothing, end: nothing, isKept };
    await inOneTransaction(database, act(1080), {
      ...frame,
      end: async () => expect(told).to.deep.equal([]) as never,
    });
    expect(told).to.deep.equal(["1080"]);
    await failure(inOneTransaction(database, act(1081, refusal), frame));
    expect(told).to.deep.equal(["1080", "1081"]);
    await failure(inOneTransaction(database, act(1082, new Error("a bug")), frame));
    await failure(inOneTransaction(database, act(1083), { ...frame, end: () => Promise.reject(new Error("full")) }));
    // The id is there already.
    await failure(inOneTransaction(database, act(1080), frame));
    expect(told).to.deep.equal(["1080", "1081"]);
    // On the usual database nothing is open.
    await act(1084)(database);
    expect(told).to.deep.equal(["1080", "1081", "1084"]);
  });

  it("is done again as a whole after a deadlock", async () => {
    await database.one(insert, [1060, "one"]);
    await database.one(insert, [1061, "other"]);
    const change = freshStatement("write", "update things set name = name || $2 where id = $1");
    let met = 0;
    let meet: () => void;
    const together = new Promise<void>((resolve) => (meet = resolve));
    let runs = 0;
    // Postgres notices a deadlock after a second, or later on a busy machine.
    const patient: Database = {
      one: (query, values) => database.one(query, values),
      many: (query, values) => database.many(query, values),
      afterCommit: (work) => database.afterCommit(work),
      with: () => patient,
      transaction: (work) => database.transaction(work, { timeoutMs: 10_000 }),
    };
    const swap = (first: number, second: number): Promise<void> =>
      inOneTransaction(
        patient,
        async (joined) => {
          runs += 1;
          await joined.one(change, [first, "!"]);
          if (++met === 2) meet();
          await together;
          await joined.one(change, [second, "!"]);
        },
        { begin: nothing, end: nothing, isKept },
      );
    await Promise.all([swap(1060, 1061), swap(1061, 1060)]);
    expect(runs).to.be.above(2);
    const names = freshStatement<{ name: string }>("read", "select name from things where id in ($1, $2) order by id");
    expect(await database.many(names, [1060, 1061])).to.deep.equal([{ name: "one!!" }, { name: "other!!" }]);
  });

  it("needs no transaction where nothing is changed and nothing fails to be", async () => {
    const bug = new Error("a bug");
    const error = await failure(
      inOneTransaction(
        database,
        async () => {
          throw bug;
        },
        { begin: () => expect.fail("a transaction was begun"), end: nothing, isKept },
      ),
    );
    expect(error).to.equal(bug);
  });
});
