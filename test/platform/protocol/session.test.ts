// The session of a connection: commands, transactions, notifications, deadlines, and its end.
import { setTimeout as delay } from "node:timers/promises";
import { expect } from "chai";
import { type Connection, ConnectionLost } from "../../../src/platform/database/protocol/connection.js";
import { type TestDatabase, testDatabase } from "../../support/database.js";
import { TcpProxy } from "../tcp-proxy.js";
import { implementations, rejection, settings } from "./implementations.js";

const never = Infinity;

for (const { name, open } of implementations) {
  describe(`a session of a connection ${name}`, () => {
    let database: TestDatabase;
    let connection: Connection;
    let other: Connection;

    before(async () => {
      database = await testDatabase();
      other = await open(settings(database.url));
      await other.command("create table things (id bigint primary key)", never);
    });
    after(async () => {
      await other.close(1_000);
      await database.drop();
    });
    beforeEach(async () => (connection = await open(settings(database.url))));
    afterEach(() => connection.close(1_000));

    const pidOf = async (of: Connection): Promise<number> =>
      ((await of.run("pid", "select pg_backend_pid() as pid", [], never))[0] as { pid: number }).pid;
    const isThere = async (pid: number): Promise<boolean> =>
      (await other.run("session", "select from pg_stat_activity where pid = $1", [pid], never)).length > 0;
    const until = async (condition: () => Promise<boolean>): Promise<void> => {
      while (!(await condition())) await delay(10);
    };

    it("resolves a command with the first word of the last command tag", async () => {
      for (const [sql, tag] of [
        ["begin", "BEGIN"],
        ["select 1", "SELECT"],
        ["insert into things values (1), (2)", "INSERT"],
        ["create temporary table kept (n int)", "CREATE"],
        ["set local statement_timeout = 1000; select 1; rollback", "ROLLBACK"],
        ["begin; select 1 as n; commit", "COMMIT"],
      ] as const) {
        expect(await connection.command(sql, never), sql).to.equal(tag);
      }
    });

    it("rejects a command with Postgres's error, and executes none of the commands beside it", async () => {
      expect((await rejection(connection.command("insert into things values (3); select 1 / 0", never))).code).to.equal(
        "22012",
      );
      expect((await rejection(connection.command("no sql", never))).code).to.equal("42601");
      expect(await connection.run("three", "select from things where id = 3", [], never)).to.deep.equal([]);
    });

    it("is idle, in a transaction or in a failed one", async () => {
      expect([connection.isIdle, connection.isTransactionFailed]).to.deep.equal([true, false]);
      const begun = connection.command("begin", never);
      expect([connection.isIdle, connection.pending]).to.deep.equal([false, 1]);
      await begun;
      expect([connection.isIdle, connection.isTransactionFailed, connection.pending]).to.deep.equal([false, false, 0]);
      await rejection(connection.run("wrong", "select 1 / $1::int8", [0], never));
      expect([connection.isIdle, connection.isTransactionFailed]).to.deep.equal([false, true]);
      expect((await rejection(connection.run("after", "select 1", [], never))).code).to.equal("25P02");
      expect(await connection.command("commit", never)).to.equal("ROLLBACK");
      expect([connection.isIdle, connection.isTransactionFailed]).to.deep.equal([true, false]);
    });

    it("keeps a statement that was prepared in a transaction which was rolled back", async () => {
      await connection.command("begin", never);
      await connection.run("kept", "select $1::int8 as n", [1], never);
      await connection.command("rollback", never);
      expect(await connection.run("kept", "select $1::int8 as n", [2], never)).to.deep.equal([{ n: 2 }]);
    });

    it("receives the notifications of the channels to which it listens, also while a statement is pending", async () => {
      const received: [string, string][] = [];
      connection.onNotification((channel, payload) => received.push([channel, payload]));
      await connection.command(`listen "Some-Channel"`, never);
      const slow = connection.run("slow", "select pg_sleep(0.2)", [], never);
      const notify = (channel: string, payload: string): Promise<object[]> =>
        other.run("notify", "select pg_notify($1, $2)", [channel, payload], never);
      await notify("Some-Channel", "один");
      await notify("another", "two");
      await slow;
      await notify("Some-Channel", "");
      await until(() => Promise.resolve(received.length === 2));
      await connection.command(`unlisten "Some-Channel"`, never);
      await notify("Some-Channel", "three");
      await connection.command("select 1", never);
      expect(received).to.deep.equal([
        ["Some-Channel", "один"],
        ["Some-Channel", ""],
      ]);
    });

    it("survives the notices that Postgres sends, and changes of parameters", async () => {
      await connection.command("do $$ begin raise warning 'careful'; end $$; set application_name = 'renamed'", never);
      expect(await connection.run("one", "select 1 as n", [], never)).to.deep.equal([{ n: 1 }]);
    });

    it("is overdue while a statement without response is past its deadline", async () => {
      const now = performance.now();
      await connection.run("soon", "select 1", [], now + 1_000);
      expect(connection.isOverdue(now + 2_000)).to.equal(false);
      const pending = [connection.command("select pg_sleep(0.1)", never), connection.command("select 1", now + 1_000)];
      expect(connection.isOverdue(now + 999)).to.equal(false);
      expect(connection.isOverdue(now + 1_001)).to.equal(true);
      await Promise.all(pending);
      expect(connection.isOverdue(now + 1_001)).to.equal(false);
    });

    it("that Postgres terminates is lost with Postgres's error as the cause, and so is all that was pending", async () => {
      const pid = await pidOf(connection);
      let lost: ConnectionLost | undefined;
      let times = 0;
      connection.onLost((error) => {
        lost = error;
        times += 1;
      });
      const pending = [
        connection.command("select pg_sleep(60)", never),
        connection.run("next", "select 1", [], never),
        connection.command("select 1", never),
      ].map(rejection);
      await until(async () => (await other.run("busy", sleeping, [pid], never)).length > 0);
      await other.run("terminate", "select pg_terminate_backend($1)", [pid], never);
      for (const error of await Promise.all(pending)) {
        expect(error).to.be.instanceOf(ConnectionLost);
        expect(error.cause).to.have.property("code", "57P01");
      }
      expect(connection.lost).to.equal(lost);
      expect([times, connection.pending]).to.deep.equal([1, 0]);
      expect(await rejection(connection.command("select 1", never))).to.equal(lost);
      expect(await rejection(connection.run("next", "select 1", [], never))).to.equal(lost);
    });
    const sleeping = "select from pg_stat_activity where pid = $1 and wait_event = 'PgSleep'";

    it("that Postgres terminates while it is idle is lost with Postgres's error as the cause", async () => {
      const isLost = new Promise<ConnectionLost>((resolve) => connection.onLost(resolve));
      await other.run("terminate", "select pg_terminate_backend($1)", [await pidOf(connection)], never);
      expect((await isLost).cause).to.have.property("code", "57P01");
      const isKnown = new Promise<ConnectionLost>((resolve) => connection.onLost(resolve));
      expect(await isKnown).to.equal(await isLost);
    });

    it("whose network fails is lost", async () => {
      const proxy = await TcpProxy.before(database.url);
      const remote = await open(settings(proxy.url));
      const error = rejection(remote.run("sleep", "select pg_sleep(60)", [], never));
      await until(async () => (await other.run("sleeping", anySleeping, [], never)).length > 0);
      proxy.cut();
      expect(await error).to.be.instanceOf(ConnectionLost);
      expect(remote.lost).to.equal(await error);
      await proxy.close();
    });
    const anySleeping =
      "select from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep' and pid <> pg_backend_pid()";

    it("that is destroyed rejects all that is pending, with the reason as the cause, and ends", async () => {
      const pid = await pidOf(connection);
      const pending = [
        connection.command("select pg_sleep(60)", never),
        connection.run("next", "select 1", [], never),
      ].map(rejection);
      const reason = new Error("enough");
      let lost: ConnectionLost | undefined;
      connection.onLost((error) => (lost = error));
      connection.destroy(reason);
      expect(connection.lost?.cause).to.equal(reason);
      expect(lost).to.equal(connection.lost);
      for (const error of await Promise.all(pending)) expect(error).to.equal(lost);
      connection.destroy("again");
      expect(connection.lost).to.equal(lost);
      await other.run("terminate", "select pg_terminate_backend($1)", [pid], never);
      await until(async () => !(await isThere(pid)));
    });

    it("that is closed ends on the server, and is lost", async () => {
      const pid = await pidOf(connection);
      await connection.close(10_000);
      expect(await rejection(connection.command("select 1", never))).to.be.instanceOf(ConnectionLost);
      await until(async () => !(await isThere(pid)));
    });

    it("that cannot be closed in order is destroyed", async () => {
      const proxy = await TcpProxy.before(database.url);
      const remote = await open(settings(proxy.url));
      proxy.isBlackHole = true;
      await remote.close(50);
      expect(remote.lost).to.be.instanceOf(ConnectionLost);
      await proxy.close();
    });
  });
}
