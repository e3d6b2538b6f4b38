// The database beside its statements: the log, the metrics, notifications, and the number of its connections.
import { setTimeout as delay } from "node:timers/promises";
import { expect } from "chai";
import { ApiError } from "../../../src/errors.js";
import { openDatabase } from "../../../src/platform/database/database.js";
import type { ConnectionGroup } from "../../../src/platform/database/statement.js";
import { failure, freshStatement, groups, type OpenedDatabase, openedDatabase, until } from "./opened-database.js";

describe("the database", () => {
  let opened: OpenedDatabase;
  let server: OpenedDatabase["server"];
  before(async () => {
    opened = await openedDatabase();
    ({ server } = opened);
  });
  after(() => opened.close());

  it("logs each statement's name, SQL and time with the bindings of the request, and never a value", async () => {
    const { lines, log } = opened;
    lines.length = 0;
    const bound = server.database.with(log.child({ request_id: "r-17" }));
    const secret = freshStatement("read", "select $1::text as text");
    await bound.one(secret, ["correct horse battery staple"]);
    await bound.transaction((queries) => queries.one(secret, ["correct horse battery staple"]));
    await failure(bound.one(freshStatement("read", "select $1::int8"), ["correct horse battery staple"]));
    expect(lines.map(({ statement: name }) => name)).to.include(secret.name);
    for (const line of lines) {
      expect(line).to.include({ request_id: "r-17", msg: "query" });
      expect(line["duration_ms"]).to.be.a("number");
      expect(line["sql"]).to.match(/^select \$1/);
    }
    expect(lines).to.have.length(3);
    expect(JSON.stringify(lines)).not.to.include("horse");
  });

  it("logs a slow statement as a warning", async () => {
    const { server: watched, lines, close } = await openedDatabase(50);
    lines.length = 0;
    const slow = freshStatement("read", "select pg_sleep(0.1)::text");
    await watched.database.one(slow, []);
    await close();
    expect(lines).to.have.length(1);
    expect(lines[0]).to.include({ level: 40, msg: "slow query", statement: slow.name });
    expect(lines[0]!["duration_ms"]).to.be.at.least(100);
  });

  it("reports each statement to the metrics", async () => {
    const measured = freshStatement("read", "select 1");
    opened.observed.length = 0;
    await server.database.one(measured, []);
    expect(opened.observed).to.deep.equal([measured.name]);
  });

  it("passes the notifications of a channel to its listeners until they are closed", async () => {
    const received: string[] = [];
    const listener = await server.listen("Some-Channel", (payload) => received.push(payload));
    const failing = await server.listen("Some-Channel", () => {
      throw new Error("a listener that fails");
    });
    const notify = freshStatement("write", "select pg_notify($1, $2)");
    await server.database.one(notify, ["Some-Channel", "один"]);
    await server.database.one(notify, ["other", "two"]);
    await server.database.one(notify, ["Some-Channel", ""]);
    await until(() => received.length === 2);
    expect(received).to.deep.equal(["один", ""]);
    await listener.close();
    await failing.close();
    await server.database.one(notify, ["Some-Channel", "three"]);
    await server.ping();
    expect(received).to.have.length(2);
  });

  it("listens to a channel with any name", async () => {
    const received: string[] = [];
    const name = `a "quoted" channel; select 1`;
    const listener = await server.listen(name, (payload) => received.push(payload));
    await server.database.one(freshStatement("write", "select pg_notify($1, $2)"), [name, "here"]);
    await until(() => received.length === 1);
    await listener.close();
  });

  const sessions = freshStatement<{ n: number }>(
    "read",
    "select count(*) as n from pg_stat_activity where datname = current_database() and application_name = 'lyceum'",
  );
  const count = async (): Promise<number> => (await server.database.one(sessions, []))!.n;

  for (const [sizes, always] of [
    [{}, 11],
    [{ readers: 1, writers: 2 }, 4],
  ] as const) {
    it(`with sizes ${JSON.stringify(sizes)} and a pool of 2 opens ${always} connections, at most two more, and closes all`, async () => {
      const before = await count();
      const other = await openDatabase({ url: opened.url, pool: 2, log: opened.log, ...sizes });
      expect(await count()).to.equal(before + always);
      await Promise.all(
        Array.from({ length: 50 }, () => other.database.transaction((queries) => queries.one(sessions, []))),
      );
      expect(await count()).to.equal(before + always + 2);
      await other.close();
      await until(async () => (await count()) === before);
    });
  }

  it("opens no connection for Knex before it is used, and closes it with the others", async () => {
    const schema = freshStatement<{ n: number }>(
      "read",
      "select count(*) as n from pg_stat_activity where datname = current_database() and application_name = 'lyceum schema'",
    );
    const ofKnex = async (): Promise<number> => (await server.database.one(schema, []))!.n;
    const before = await ofKnex();
    const other = await openDatabase({ url: opened.url, pool: 2, log: opened.log });
    expect(await ofKnex()).to.equal(before);
    await other.knex.raw("select 1");
    expect(await ofKnex()).to.equal(before + 1);
    await other.close();
    await until(async () => (await ofKnex()) === before);
  });

  it("completes running statements before it closes, and rejects later ones", async () => {
    const other = await openDatabase({ url: opened.url, pool: 2, log: opened.log });
    const slow = (group: ConnectionGroup): Promise<unknown> =>
      other.database.one(freshStatement(group, "select pg_sleep(0.3)::text as done"), []);
    const running = groups.map(slow);
    await delay(20);
    await other.close();
    expect(await Promise.all(running)).to.deep.equal(Array(3).fill({ done: "" }));
    for (const group of groups) expect(await failure(slow(group))).to.be.instanceOf(ApiError);
    expect(await failure(other.ping())).to.be.instanceOf(ApiError);
  });
});
