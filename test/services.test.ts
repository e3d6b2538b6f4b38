// The lists of steps that several domains take part in, as services.ts gives them.
import { setTimeout as pause } from "node:timers/promises";
import { expect } from "chai";
import { endAccount, type EndAccountStep, endsOwn } from "../src/accounts/end-account.js";
import type { Database, Queries } from "../src/platform/database/database.js";
import { statement } from "../src/platform/database/statement.js";
import { endAccountSteps, sweepSteps } from "../src/services.js";
import { type Account, openSchool, type School } from "./support/call-as.js";
import { upTo } from "./support/numbers.js";
import { end, serve, type Server } from "./support/program.js";

describe("the steps that end an account", () => {
  let school: School;
  let steps: readonly EndAccountStep[];

  before(async () => {
    school = await openSchool();
    steps = endAccountSteps(school.accounts);
  });
  after(() => school.close());

  /** An account with a direct chat, a chat of its own, and a membership. */
  async function account(): Promise<Account> {
    const [anna, boris] = [await school.account(), await school.person()];
    await school.chats.openDirectChat({ user_id: boris }, anna.call);
    await school.chat(boris, anna.id);
    const chat_id = await school.chat(anna.id);
    await school.messages.sendMessage({ chat_id, text: "words", file_ids: [] }, anna.call);
    return anna;
  }
  const state = () =>
    school.sql(
      `select (select jsonb_agg(u order by u) from users u) as users,
              (select jsonb_agg(c order by c) from chats c) as chats,
              (select jsonb_agg(m order by m) from chat_members m) as members,
              (select jsonb_agg(m order by m) from messages m) as messages,
              (select jsonb_agg(c order by c) from credentials c) as credentials,
              (select jsonb_agg(s order by s) from sessions s) as sessions`,
    );
  const ending = (database: Database, { caller }: Account, list = steps) =>
    endAccount(database, { id: caller.id, actorId: caller.id }, list, endsOwn(caller));

  it("happen all or not at all, whichever of them fails", async () => {
    const anna = await account();
    const before = await state();
    const failing: EndAccountStep = () => Promise.reject(new Error("the power went out"));
    for (let place = 0; place <= steps.length; place++) {
      const fault = await ending(school.database, anna, steps.toSpliced(place, 0, failing)).catch(String);
      expect(fault).to.equal("Error: the power went out");
      expect(await state(), `a failure at place ${place}`).to.deep.equal(before);
      expect(await school.isLetIn(anna)).to.equal(true);
    }
    await ending(school.database, anna);
    expect(await state()).not.to.deep.equal(before);
    expect(await school.isLetIn(anna)).to.equal(false);
  });

  it("take locks in the order of all transactions", async () => {
    const order = [
      "users",
      "imports",
      "groups",
      "events",
      "event_registrations",
      "calendar_links",
      "chats",
      "chat_members",
      "chat_read_marks",
      "chat_former_keys",
      "chat_sequences",
      "messages",
      "achievements",
      "user_former_names",
      "points",
      "user_counters",
      "user_medals",
      "posts",
      "post_votes",
      "polls",
      "poll_votes",
      "muted_notification_types",
      "notifications",
      "realtime_settings",
      "one_time_links",
      "api_keys",
      "webhooks",
      "credentials",
      "login_challenges",
      "totp_enrolments",
      "totp_factors",
      "recovery_codes",
      "mfa_obligations",
      "passkey_challenges",
      "passkeys",
      "passkey_handles",
      "sessions",
    ];
    const anna = await account();
    const locked: string[] = [];
    const over = (queries: Queries): Queries => ({
      one: (statement, values) => (locked.push(...tablesLockedBy(statement.text)), queries.one(statement, values)),
      many: (statement, values) => (locked.push(...tablesLockedBy(statement.text)), queries.many(statement, values)),
      ...(queries.last && { last: queries.last }),
    });
    const { database } = school;
    const recorded: Database = {
      ...over(database),
      transaction: (work, options) => database.transaction((queries) => work(over(queries)), options),
      afterCommit: (work) => database.afterCommit(work),
      with: () => recorded,
    };
    const withoutRest: EndAccountStep[] = steps.map((step) => async (queries, leaver) => {
      await step(queries, leaver);
    });
    await ending(recorded, anna, withoutRest);
    const first = [...new Set(locked)];
    expect(first).to.include.members(["users", "chats", "chat_members", "credentials", "sessions"]);
    expect(first).to.deep.equal(order.filter((table) => first.includes(table)));
  });

  it("leave work for after the commit, all of which starts before any is waited for", async () => {
    const anna = await account();
    const done: string[] = [];
    let finish: () => void = () => undefined;
    const long: EndAccountStep = async () => () => new Promise<void>((resolve) => (finish = resolve));
    const isGone = async () => (await school.sql("select from credentials where user_id = $1", [anna.id])).length === 0;
    const short: EndAccountStep = async () => async () => void done.push((await isGone()) ? "gone" : "still there");
    const ended = ending(school.database, anna, [long, ...steps, short]).then(() => done.push("ended"));
    while (done.length < 1) await pause(1);
    expect(done).to.deep.equal(["gone"]);
    expect(await school.isLetIn(anna)).to.equal(false);
    finish();
    await ended;
    expect(done).to.deep.equal(["gone", "ended"]);
  });

  it("leave their work once when the transaction is repeated after a deadlock", async () => {
    const anna = await account();
    const runs: string[] = [];
    const deadlocked: EndAccountStep = async () => {
      runs.push("step");
      if (runs.length === 1) throw Object.assign(new Error("deadlock detected"), { code: "40P01" });
      return () => void runs.push("rest");
    };
    await ending(school.database, anna, [...steps, deadlocked]);
    expect(runs).to.deep.equal(["step", "step", "rest"]);
  });
});

/** The tables in which a statement locks rows, in the order of its text. */
function tablesLockedBy(text: string): string[] {
  const written = [...text.matchAll(/\b(?:insert into|update|delete from) ([a-z_]+)/g)].map((match) => match[1]!);
  const isLocking = /\bfor (?:no key update|update|share|key share)\b/.test(text);
  const read = isLocking ? /\bfrom ([a-z_]+)/.exec(text)![1]! : undefined;
  return read === undefined ? written : [read, ...written];
}

describe("the steps of a sweep", function () {
  this.timeout(60_000);
  let here: School;
  let there: School;
  let server: Server | undefined;

  before(async () => {
    here = await openSchool();
    there = await openSchool(here.url);
  });
  after(async () => {
    await end(server);
    await there.close();
    await here.close();
  });

  /** The number of rows that each step has deleted, by its name, without those that had nothing to delete. */
  const run = async (school: School): Promise<Record<string, number>> => {
    const deleted: Record<string, number> = {};
    for (const { name, run: sweep } of sweepSteps(school)) {
      const { rows } = await sweep(school.database, new AbortController().signal);
      if (rows > 0) deleted[name] = rows;
    }
    return deleted;
  };
  const [sessionsStep, chatsStep] = ["dead sessions", "chats without members"] as const;
  const ids = async (table: string): Promise<unknown[]> =>
    (await here.sql<{ id: unknown }>(`select id from ${table} order by id`)).map(({ id }) => id);
  /** A chat whose deletion was broken off, with one message. */
  async function emptied(owner: number): Promise<number> {
    const chat_id = await here.chat(owner);
    await here.messages.sendMessage({ chat_id, text: "words", file_ids: [] }, here.as(owner));
    await here.sql("delete from chat_members where chat_id = $1", [chat_id]);
    return chat_id;
  }
  const kill = (howMany: number, userId: number) =>
    here.sql(
      `insert into sessions (user_id, expires_at, revoked_at)
       select $2, now() + number % 2 * interval '9 days' - interval '3 days',
              case when number % 2 = 1 then now() - interval '3 days' end
         from generate_series(1, $1::bigint) number`,
      [howMany, userId],
    );

  it("delete everything dead once, and nothing alive, when twenty sweep at once in two processes", async () => {
    const [anna, boris] = [await here.account(), await here.account()];
    const living = await here.chat(anna.id, boris.id);
    await here.messages.sendMessage({ chat_id: living, text: "words", file_ids: [] }, anna.call);
    await here.auth.logout({}, boris.call);
    await here.sql("update sessions set expires_at = now() - interval '1 day' where user_id = $1", [boris.id]);
    const [chats, messages, sessions] = [await ids("chats"), await ids("messages"), await ids("sessions")];
    for (const _ of upTo(30)) await emptied(anna.id);
    await kill(2_500, anna.id);
    await here.sql(
      `insert into idempotency_keys (id, owner, fingerprint, answer, created_at)
       select sha256(number::text::bytea), '', '', '', now() - case when number <= 100 then interval '23 hours' else interval '25 hours' end
         from generate_series(1, 2500::bigint) number`,
    );

    const swept = await Promise.all(upTo(20).map((number) => run(number % 2 ? here : there)));

    const sums: Record<string, number> = {};
    for (const [name, rows] of swept.flatMap((one) => Object.entries(one))) sums[name] = (sums[name] ?? 0) + rows;
    expect(sums).to.deep.equal({ [sessionsStep]: 2_500, [chatsStep]: 30, "old idempotency keys": 2_400 });
    expect(await ids("idempotency_keys")).to.have.length(100);
    expect([await ids("chats"), await ids("messages"), await ids("sessions")]).to.deep.equal([
      chats,
      messages,
      sessions,
    ]);
    expect(await run(there)).to.deep.equal({});
  });

  it("delete the sessions of users who never come back, two days after their end", async () => {
    const [anna, boris, carl] = [await here.account(), await here.account(), await here.account()];
    await here.auth.deleteMe(anna, anna.call);
    const age = (days: number, column: string, { id }: Account) =>
      here.sql(`update sessions set ${column} = now() - make_interval(days => $1) where user_id = $2`, [days, id]);
    await age(3, "revoked_at", anna);
    await age(3, "expires_at", boris);
    await age(1, "expires_at", carl);
    await run(here);
    const left = await here.sql<{ user_id: number }>("select user_id from sessions where user_id = any($1)", [
      [anna.id, boris.id, carl.id],
    ]);
    expect(left).to.deep.equal([{ user_id: carl.id }]);
  });

  it("skip a chat that another transaction is deleting, without waiting for it", async () => {
    const anna = await here.person();
    const [held, free] = [await emptied(anna), await emptied(anna)];
    await here.database.transaction(async (queries) => {
      await queries.many(statement("pool", "test-hold-chat", "select id from chats where id = $1 for update"), [held]);
      expect(await run(there)).to.deep.equal({ [chatsStep]: 1 });
    });
    expect(await here.sql("select id from chats where id = any($1)", [[held, free]])).to.deep.equal([{ id: held }]);
    expect(await run(there)).to.deep.equal({ [chatsStep]: 1 });
  });

  it("delete the other chats when one cannot be deleted, and fail with its error", async () => {
    const anna = await here.person();
    const [broken, other] = [await emptied(anna), await emptied(anna)];
    await here.sql(`create function test_keep() returns trigger language plpgsql as $$
      begin if old.id = ${broken} then raise 'it cannot be deleted'; end if; return old; end $$`);
    await here.sql("create trigger test_keep before delete on chats for each row execute function test_keep()");
    const sweepOfChats = sweepSteps(here).find(({ name }) => name === chatsStep);
    const failure = await sweepOfChats!.run(here.database, new AbortController().signal).catch(String);
    expect(failure).to.contain("it cannot be deleted");
    expect(await here.sql("select id from chats where id = any($1)", [[broken, other]])).to.deep.equal([
      { id: broken },
    ]);
    await here.sql("drop function test_keep cascade");
    expect(await run(there)).to.deep.equal({ [chatsStep]: 1 });
  });

  it("delete nothing more after the sweep was stopped", async () => {
    const anna = await here.person();
    await emptied(anna);
    await kill(2, anna);
    const stop = new AbortController();
    stop.abort();
    for (const step of sweepSteps(here))
      expect((await step.run(here.database, stop.signal)).rows, step.name).to.equal(0);
    expect(await run(here)).to.deep.equal({ [sessionsStep]: 2, [chatsStep]: 1 });
  });

  it("leave a chat whole when the server is killed in the middle of its deletion, and delete it at the next start", async () => {
    const anna = await here.account();
    const [living, first, second] = [await here.chat(anna.id), await emptied(anna.id), await emptied(anna.id)];
    await here.sql(
      `insert into messages (chat_id, seq, sender_id, text, created_at)
       select $1, seq, $2, 'words', now() from generate_series(2, 500::bigint) seq`,
      [second, anna.id],
    );
    await kill(10, anna.id);
    const of = (chat_id: number) =>
      here.sql<{ chats: number; sequences: number; messages: number }>(
        `select (select count(*) from chats where id = $1) as chats,
                (select count(*) from chat_sequences where chat_id = $1) as sequences,
                (select count(*) from messages where chat_id = $1) as messages`,
        [chat_id],
      );
    const start = () => serve({ env: { DATABASE_URL: here.url, SECRET_KEY: "s".repeat(32) } });

    // Its sweep comes to a stop in the middle of the second chat, at this row.
    await here.database.transaction(
      async (queries) => {
        const hold = statement(
          "pool",
          "test-hold-message",
          "select from messages where chat_id = $1 and seq = 400 for update",
        );
        await queries.many(hold, [second]);
        const stay = "select set_config('idle_in_transaction_session_timeout', '0', true)";
        await queries.many(statement("pool", "test-stay", stay), []);
        server = await start();
        const waiting = "select from pg_locks where not granted and locktype in ('transactionid', 'tuple')";
        while ((await here.sql(waiting)).length === 0) await pause(10);
        server.child.kill("SIGKILL");
        await server.ended;
      },
      { timeoutMs: 30_000 },
    );

    // Waits until Postgres has ended the transaction of the killed process.
    await here.sql("select from chats where id = $1 for update", [second]);
    expect(await of(first)).to.deep.equal([{ chats: 0, sequences: 0, messages: 0 }]);
    expect(await of(second)).to.deep.equal([{ chats: 1, sequences: 1, messages: 500 }]);

    server = await start();
    while ((await here.sql("select from sessions where expires_at < now() - interval '2 days'")).length > 0)
      await pause(10);
    while ((await of(second))[0]!.chats === 1) await pause(10);
    expect(await of(second)).to.deep.equal([{ chats: 0, sequences: 0, messages: 0 }]);
    expect(await of(living)).to.deep.equal([{ chats: 1, sequences: 1, messages: 0 }]);
    expect(await here.isLetIn(anna)).to.equal(true);
    expect(await end(server)).to.equal(undefined);
  });
});
