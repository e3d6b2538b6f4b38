import { setTimeout as pause } from "node:timers/promises";
import { expect } from "chai";
import { authHandlers } from "../../src/accounts/handlers.js";
import type { Call, Caller } from "../../src/call.js";
import { chatHandlers } from "../../src/chats/handlers.js";
import type { Tokens } from "../../src/gen/lyceum/v1/auth.js";
import type { Role } from "../../src/gen/lyceum/v1/user.js";
import { messageHandlers } from "../../src/chats/messages/handlers.js";
import { outcomes, reasonOf, seeded, upTo } from "../chats/classroom.js";
import { testDatabase } from "../support/database.js";
import { open, type Opened, somebody } from "./opened.js";

interface Person {
  readonly id: number;
  readonly email: string;
  readonly password: string;
  readonly tokens: Tokens;
  readonly caller: Caller;
  readonly call: Call;
}

describe("the end of an account", function () {
  this.timeout(60_000);
  const limits = { defaultLimit: 20, maxLimit: 100 };
  const chats = chatHandlers(limits);
  const messages = messageHandlers(limits);
  let database: Awaited<ReturnType<typeof testDatabase>>;
  let here: Opened;
  let there: Opened;

  before(async () => {
    database = await testDatabase();
    [here, there] = await Promise.all([open(database.url), open(database.url)]);
  });
  after(async () => {
    await Promise.all([here.close(), there.close()]);
    await database.drop();
  });

  /** Somebody new who is logged in. */
  async function person(role: Role = "ROLE_STUDENT"): Promise<Person> {
    const draft = somebody();
    const { id } = await here.auth.register(draft, here.call());
    if (role !== "ROLE_STUDENT") await here.sql("update users set role = $2 where id = $1", id, role);
    const tokens = await here.auth.login(draft, here.call());
    const caller = await here.accounts.authenticate(`Bearer ${tokens.access_token}`);
    return { ...draft, id, tokens, caller, call: here.call(caller) };
  }
  const people = (howMany: number): Promise<Person[]> => Promise.all(upTo(howMany).map(() => person()));
  const end = ({ call }: Person) => here.auth.deleteMe({}, call);
  const group = async (owner: Person, ...others: Person[]): Promise<number> =>
    (await chats.createChat({ title: "Tea", member_ids: others.map(({ id }) => id) }, owner.call)).id;
  const direct = async (one: Person, other: Person): Promise<number> =>
    (await chats.openDirectChat({ user_id: other.id }, one.call)).id;
  const say = (chat_id: number, { call }: Person) => messages.sendMessage({ chat_id, text: "words" }, call);
  async function isLetIn({ accounts }: Opened, { tokens }: Person): Promise<boolean> {
    try {
      await accounts.authenticate(`Bearer ${tokens.access_token}`);
      return true;
    } catch {
      return false;
    }
  }

  /** What must never be, whatever has raced. */
  async function expectSound(): Promise<void> {
    const gone = "select id from users where deleted_at is not null";
    const wrong: Record<string, string> = {
      "memberships of who is gone": `select user_id from chat_members where user_id in (${gone})`,
      "direct chats of who is gone": `select id from chats where user_low in (${gone}) or user_high in (${gone})`,
      "sessions of who is gone": `select id from sessions where revoked_at is null and user_id in (${gone})`,
      "passwords of who is gone": `select user_id from credentials where user_id in (${gone})`,
      "groups without an owner": `select c.id from chats c where kind = 'CHAT_KIND_GROUP' and not exists (
           select from chat_members m where m.chat_id = c.id and m.role = 'CHAT_ROLE_OWNER')`,
      "direct chats without their two": `select c.id from chats c where kind = 'CHAT_KIND_DIRECT'
           and (select count(*) from chat_members m where m.chat_id = c.id and m.user_id in (user_low, user_high))
               <> case when user_low = user_high then 1 else 2 end`,
      "chats without a sequence": `select c.id from chats c left join chat_sequences s on s.chat_id = c.id where s is null`,
    };
    for (const [what, sql] of Object.entries(wrong)) expect(await here.sql(sql), what).to.deep.equal([]);
  }

  it("leaves nothing of the person but an id", async () => {
    const anna = await person();
    await end(anna);
    const [row] = await here.sql<{ row: object }>("select to_jsonb(u) as row from users u where id = $1", anna.id);
    expect(row!.row).to.include({ email: null, first_name: "", last_name: "", name_key: " ", version: 2 });
    const found = await here.sql("select from users u where concat(u) like $1", `%${anna.email}%`);
    expect(found).to.deep.equal([]);
    expect(await reasonOf(here.auth.getMe({}, anna.call))).to.equal("INVALID_TOKEN");
    await expectSound();
  });

  it("is felt by this process before it answers, by another at once, and by one that starts later", async () => {
    const anna = await person();
    expect(await isLetIn(there, anna)).to.equal(true);
    await end(anna);
    expect(await isLetIn(here, anna)).to.equal(false);
    while (await isLetIn(there, anna)) await pause(5);
    const late = await open(database.url);
    expect(await isLetIn(late, anna)).to.equal(false);
    await late.close();
    expect(await reasonOf(there.auth.refresh(anna.tokens, there.call()))).to.equal("INVALID_REFRESH_TOKEN");
    expect(await reasonOf(there.auth.login(anna, there.call()))).to.equal("INVALID_CREDENTIALS");
  });

  it("frees the address, in whatever case, for somebody new", async () => {
    const anna = await person();
    const draft = { ...somebody(), email: anna.email.toUpperCase() };
    expect(await reasonOf(here.auth.register(draft, here.call()))).to.equal("EMAIL_TAKEN");
    await end(anna);
    expect((await here.auth.register(draft, here.call())).id).to.be.greaterThan(anna.id);
    expect(await reasonOf(here.auth.register(draft, here.call()))).to.equal("EMAIL_TAKEN");
  });

  it("gives a direct chat to the other, and takes along what is nobody else's", async () => {
    const [anna, boris] = (await people(2)) as [Person, Person];
    const [letters, notes, alone] = [await direct(boris, anna), await direct(anna, anna), await group(anna)];
    for (const chat of [letters, notes, alone]) await say(chat, anna);
    await say(letters, boris);
    await end(anna);
    const kept = await chats.getChat({ chat_id: letters }, boris.call);
    expect(kept.chat).to.include({ kind: "CHAT_KIND_GROUP", title: "Мария Иванова", role: "CHAT_ROLE_OWNER" });
    expect(kept.chat).to.include({ member_count: 1, version: 2, message_count: 2, unread_count: 1 });
    expect(kept.chat).not.to.have.property("direct_user_id", anna.id);
    expect(kept.messages.map(({ sender_id }) => sender_id)).to.deep.equal([boris.id, anna.id]);
    expect(await here.sql("select id from chats where id = any($1)", [notes, alone])).to.deep.equal([]);
    expect(await here.sql("select id from messages where chat_id = any($1)", [notes, alone])).to.deep.equal([]);
    expect(await reasonOf(direct(boris, anna))).to.equal("USER_NOT_FOUND");
    await end(boris);
    expect(await here.sql("select id from chats where id = $1", letters)).to.deep.equal([]);
  });

  it("gives a name of the greatest length as a title, which has a letter less", async () => {
    const [anna, boris] = (await people(2)) as [Person, Person];
    await here.sql(
      "update users set first_name = repeat('😀', 100), last_name = repeat('я', 100) where id = $1",
      anna.id,
    );
    const chat_id = await direct(anna, boris);
    await end(anna);
    const { chat } = await chats.getChat({ chat_id }, boris.call);
    expect(chat?.title).to.equal(`${"😀".repeat(100)} ${"я".repeat(99)}`);
  });

  it("changes nothing when one chat of many would be left without an owner", async () => {
    const [anna, boris, carl] = (await people(3)) as [Person, Person, Person];
    await direct(anna, boris);
    await group(boris, anna, carl);
    await group(anna);
    const owned = await group(anna, carl);
    const state = () =>
      here.sql(
        `select (select jsonb_agg(m order by m) from chat_members m) as members, (select jsonb_agg(c order by c) from chats c) as chats,
                (select jsonb_agg(s order by s) from sessions s) as sessions, (select jsonb_agg(u order by u) from users u) as users`,
      );
    const before = await state();
    const refused = await end(anna).catch((error: unknown) => error);
    expect(refused).to.include({
      reason: "LAST_OWNER",
      detail: `Chat with id=${owned} would be left without an owner`,
    });
    expect(await state()).to.deep.equal(before);
    expect(await isLetIn(here, anna)).to.equal(true);
  });

  it("is told to a call that the gone still makes elsewhere, and none of these makes them a member", async () => {
    const [anna, boris] = (await people(2)) as [Person, Person];
    const tea = await group(boris);
    await end(anna);
    const attempts = [() => group(anna, boris), () => direct(anna, boris), () => direct(anna, anna), () => end(anna)];
    for (const attempt of attempts) expect(await reasonOf(attempt())).to.equal("INVALID_TOKEN");
    const add = { chat_id: tea, user_id: anna.id, role: "CHAT_ROLE_MEMBER" } as const;
    expect(await reasonOf(chats.addChatMember(add, boris.call))).to.equal("USER_NOT_FOUND");
    expect(await reasonOf(chats.addChatMember(add, (await person()).call))).to.equal("CHAT_NOT_FOUND");
    await expectSound();
  });

  it("refuses a login whose password was looked at before", async () => {
    const anna = await person();
    const passwords = {
      ...here.accounts.passwords,
      matches: async () => {
        await end(anna);
        return true;
      },
    };
    const { login } = authHandlers({ ...here.accounts, passwords });
    expect(await reasonOf(login(anna, here.call()))).to.equal("INVALID_CREDENTIALS");
    await expectSound();
  });

  it("sweeps away the sessions of those who went days before", async () => {
    const [anna, boris, carl] = (await people(3)) as [Person, Person, Person];
    await here.auth.logout({}, carl.call);
    await end(anna);
    await here.sql("update sessions set revoked_at = now() - interval '3 days' where user_id = any($1)", [
      anna.id,
      carl.id,
    ]);
    await end(boris);
    const left = await here.sql<{ user_id: number }>("select user_id from sessions where user_id = any($1)", [
      anna.id,
      boris.id,
      carl.id,
    ]);
    expect(left.map(({ user_id }) => user_id)).to.have.members([boris.id, carl.id]);
  });

  it("comes once, however many ask at once", async () => {
    const [anna, boris] = (await people(2)) as [Person, Person];
    const chat_id = await direct(anna, boris);
    const { answers, reasons } = await outcomes(upTo(20).map(() => end(anna)));
    expect(answers).to.have.length(1);
    expect(reasons).to.deep.equal(Array.from({ length: 19 }, () => "INVALID_TOKEN"));
    expect((await chats.getChat({ chat_id }, boris.call)).chat).to.include({ version: 2 });
  });

  it("of all super admins who go at once, again and again, spares one", async () => {
    const admins = await Promise.all(upTo(4).map(() => person("ROLE_SUPER_ADMIN")));
    const { answers, reasons } = await outcomes(upTo(20).map((number) => end(admins[number % 4]!)));
    expect(answers).to.have.length(3);
    expect(reasons).to.include("PERMISSION_DENIED");
    const left = await here.sql<{ id: number }>("select id from users where role = 'ROLE_SUPER_ADMIN'");
    expect(left).to.have.length(1);
    const last = admins.find(({ id }) => id === left[0]!.id)!;
    expect(await reasonOf(end(last))).to.equal("PERMISSION_DENIED");
    expect(await isLetIn(here, last)).to.equal(true);
  });

  it("of all who share their chats and go at once leaves no chat without an owner", async () => {
    for (const _ of upTo(3)) {
      const pupils = await people(8);
      for (const one of pupils) {
        const chat_id = await group(one, ...pupils.filter((other) => other !== one));
        for (const { id: user_id } of pupils.slice(0, 4).filter((other) => other !== one))
          await chats.updateChatMember({ chat_id, user_id, role: "CHAT_ROLE_OWNER" }, one.call);
        for (const other of pupils) await direct(one, other);
      }
      const { reasons } = await outcomes(pupils.map(end));
      expect(reasons.filter((reason) => reason !== "LAST_OWNER")).to.deep.equal([]);
      await expectSound();
      // Who was the last owner goes when the others are gone.
      for (;;) {
        const { answers } = await outcomes(pupils.map(end));
        if (answers.length === 0) break;
      }
      expect((await outcomes(pupils.map(end))).reasons).to.deep.equal(pupils.map(() => "INVALID_TOKEN"));
      expect(
        await here.sql("select id from chats c where not exists (select from chat_members m where m.chat_id = c.id)"),
      ).to.deep.equal([]);
    }
  });

  it("races with everything that others do to the person, and nothing of them is left behind", async () => {
    const random = seeded(7);
    const later = <T>(act: () => Promise<T>): Promise<T> => pause(random(12)).then(act);
    const expected =
      /^(INVALID_TOKEN|INVALID_REFRESH_TOKEN|INVALID_CREDENTIALS|USER_NOT_FOUND|CHAT_NOT_FOUND|ALREADY_MEMBER|MEMBER_NOT_FOUND|DIRECT_CHAT|LAST_OWNER)$/;
    for (const turn of upTo(12)) {
      // In every third turn she may come to be the last owner of something, and stays.
      const isBurdened = turn % 3 === 0;
      const [anna, ...others] = (await people(6)) as [Person, ...Person[]];
      const teas = await Promise.all(
        others.map((other) => group(other, ...others.slice(0, 2).filter((o) => o !== other))),
      );
      const letters = await direct(others[0]!, anna);
      const mine = await group(anna);
      const side = turn % 2 ? here : there;
      const add = (at: number, role: "CHAT_ROLE_MEMBER" | "CHAT_ROLE_OWNER") =>
        chats.addChatMember({ chat_id: teas[at]!, user_id: anna.id, role }, others[at]!.call);
      const racing: Promise<unknown>[] = [
        ...others.flatMap((other, at) => [
          later(() => add(at, isBurdened ? "CHAT_ROLE_OWNER" : "CHAT_ROLE_MEMBER")),
          later(() => add(at, "CHAT_ROLE_MEMBER")),
          later(() => direct(other, anna)),
          later(() => direct(anna, other)),
          later(() => group(other, anna, ...others.filter((each) => each !== other))),
          later(() => say(teas[at]!, anna)),
          later(() =>
            chats.leaveChat({ chat_id: teas[at]!, ...(isBurdened && { new_owner_id: anna.id }) }, other.call),
          ),
        ]),
        later(() => group(anna)),
        later(() => say(letters, others[0]!)),
        later(() => say(letters, anna)),
        later(() => chats.readChat({ chat_id: letters, seq: 1 }, anna.call)),
        later(() => chats.addChatMember({ chat_id: mine, user_id: others[0]!.id, role: "CHAT_ROLE_OWNER" }, anna.call)),
        ...upTo(4).map(() => later(() => side.auth.login(anna, side.call()))),
        ...upTo(4).map(() => later(() => side.auth.refresh(anna.tokens, side.call()))),
        later(() => side.auth.logout({}, side.call(anna.caller))),
        later(() => end(anna)),
        later(() => side.auth.deleteMe({}, side.call(anna.caller))),
      ];
      const { reasons } = await outcomes(racing);
      expect(reasons.filter((reason) => !expected.test(reason))).to.deep.equal([]);
      const [row] = await here.sql<{ is_gone: boolean }>(
        "select deleted_at is not null as is_gone from users where id = $1",
        anna.id,
      );
      if (!isBurdened) expect(row!.is_gone).to.equal(true);
      await expectSound();
    }
  });

  it("needs no deadlock to be broken", async () => {
    // Postgres counts what a session has seen a second later at the latest.
    await pause(1_200);
    const [row] = await here.sql<{ deadlocks: number }>(
      "select deadlocks from pg_stat_database where datname = current_database()",
    );
    expect(row!.deadlocks).to.equal(0);
  });
});
