// Who asks is told after each commit of this process that has inserted into a table.
import { expect } from "chai";
import { inOneTransaction } from "../../../src/platform/database/one-transaction.js";
import { failure, freshStatement, groups, type OpenedDatabase, openedDatabase } from "./opened-database.js";

describe("an insert", () => {
  let opened: OpenedDatabase;
  let database: OpenedDatabase["server"]["database"];
  let told: number;
  let end: () => void;
  let id = 0;
  before(async () => {
    opened = await openedDatabase();
    ({ database } = opened.server);
  });
  after(() => opened.close());
  beforeEach(() => {
    told = 0;
    end = opened.server.onInserted("things", () => (told += 1));
  });
  afterEach(() => end());

  const insert = freshStatement("write", "with a as (\n  insert\n into things (id) values ($1)) select");
  const other = freshStatement("write", "insert into owners (id) values ($1)");
  const update = freshStatement("write", "update things set n = 1 where id = $1");

  for (const group of groups) {
    it(`is told of once it is committed, alone on ${group}`, async () => {
      await database.one(freshStatement(group, insert.text), [(id += 1)]);
      expect(told).to.equal(1);
    });
  }

  it("is told of once with its transaction, before the caller knows of its end, and not before the commit", async () => {
    let before = -1;
    await database.transaction(async (queries) => {
      await queries.one(insert, [(id += 1)]);
      await queries.one(insert, [(id += 1)]);
      before = told;
    });
    expect([before, told]).to.deep.equal([0, 1]);
  });

  it("is told of when it is one of the changes of a piece of work in one transaction", async () => {
    const frame = { begin: async () => {}, end: async () => {}, isKept: () => false };
    let before = -1;
    await inOneTransaction(
      database,
      async (joined) => {
        await joined.one(insert, [(id += 1)]);
        before = told;
      },
      frame,
    );
    expect([before, told]).to.deep.equal([0, 1]);
  });

  it("is not told of when it fails or is rolled back, or is of another table, or no insert, or nobody asks any more", async () => {
    await failure(database.one(insert, [id]));
    await failure(
      database.transaction(async (queries) => {
        await queries.one(insert, [(id += 1)]);
        throw new Error("undo");
      }),
    );
    await database.one(other, [1]);
    await database.one(update, [1]);
    await database.transaction((queries) => queries.one(update, [1]));
    end();
    await database.one(insert, [(id += 1)]);
    expect(told).to.equal(0);
  });
});
