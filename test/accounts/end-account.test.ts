import { setTimeout as pause } from "node:timers/promises";
import { expect } from "chai";
import { type Account, openSchool, type School, somebody } from "../support/call-as.js";
import { seeded, upTo } from "../support/numbers.js";
import { outcomes, reasonOf } from "../support/outcomes.js";

describe("the end of an account", function () {
  this.timeout(60_000);
  let here: School;
  let there: School;

  before(async () => {
    here = await openSchool();
    there = await openSchool(here.url);
  });
  after(async () => {
    await there.close();
    await here.close();
  });

  const people = (howMany: number): Promise<Account[]> => Promise.all(upTo(howMany).map(() => here.account()));
  const end = ({ call, password }: Account) => here.auth.deleteMe({ password }, call);
  const group = async (owner: Account, ...others: Account[]): Promise<number> =>
    (await here.chats.createChat({ title: "Tea", member_ids: others.map(({ id }) => id) }, owner.call)).id;
  const direct = async (one: Account, other: Account): Promise<number> =>
    (await here.chats.openDirectChat({ user_id: other.id }, one.call)).id;
  const say = (chat_id: number, { call }: Account) =>
    here.messages.sendMessage({ chat_id, text: "words", file_ids: [] }, call);

  /** Checks what must hold after any race. */
  async function expectSound(): Promise<void> {
    const gone = "select id from users where deleted_at is not null";
    const wrong: Record<string, string> = {
      "read marks of deleted users": `select user_id from chat_read_marks where user_id in (${gone})`,
      "memberships of deleted users": `select user_id from chat_members where user_id in (${gone})`,
      "direct chats of deleted users": `select id from chats where user_low in (${gone}) or user_high in (${gone})`,
      "sessions of deleted users": `select id from sessions where revoked_at is null and user_id in (${gone})`,
      "passwords of deleted users": `select user_id from credentials where user_id in (${gone})`,
      "groups without an owner": `select c.id from chats c where kind = 'CHAT_KIND_GROUP' and not exists (
           select from chat_members m where m.chat_id = c.id and m.role = 'CHAT_ROLE_OWNER')`,
      "direct chats without their two": `select c.id from chats c where kind = 'CHAT_KIND_DIRECT'
           and (select count(*) from chat_members m where m.chat_id = c.id and m.user_id in (user_low, user_high))
               <> case when user_low = user_high then 1 else 2 end`,
      "chats without a sequence": `select c.id from chats c left join chat_sequences s on s.chat_id = c.id where s is null`,
    };
    for (const [what, sql] of Object.entries(wrong)) expect(await here.sql(sql), what).to.deep.equal([]);
  }

  it("leaves nothing of the user but an id", async () => {
    const anna = await here.account();
    await end(anna);
    const [row] = await here.sql<{ row: object }>("select to_jsonb(u) as row from users u where id = $1", [anna.id]);
    expect(row!.row).to.include({ email: null, first_name: "", last_name: "", name_key: " ", version: 2 });
    const found = await here.sql("select from users u where concat(u) like $1", [`%${anna.email}%`]);
    expect(found).to.deep.equal([]);
    expect(await reasonOf(here.auth.getMe({}, anna.call))).to.equal("INVALID_TOKEN");
    await expectSound();
  });

  it("takes effect in this process before the response, in another one at once, and in one that starts later", async () => {
    const anna = await here.account();
    expect(await there.isLetIn(anna)).to.equal(true);
    await end(anna);
    expect(await here.isLetIn(anna)).to.equal(false);
    while (await there.isLetIn(anna)) await pause(5);
    const late = await openSchool(here.url);
    expect(await late.isLetIn(anna)).to.equal(false);
    await late.close();
    expect(await reasonOf(there.auth.refresh(anna.tokens, there.as()))).to.equal("INVALID_REFRESH_TOKEN");
    expect(await reasonOf(there.auth.login(anna, there.as()))).to.equal("INVALID_CREDENTIALS");
  });

  it("makes the e-mail address available again, in any case", async () => {
    const anna = await here.account();
    const draft = { ...somebody(), email: anna.email.toUpperCase() };
    expect(await reasonOf(here.auth.register(draft, here.as()))).to.equal("EMAIL_TAKEN");
    await end(anna);
    expect((await here.auth.register(draft, here.as())).id).to.be.greaterThan(anna.id);
    expect(await reasonOf(here.auth.register(draft, here.as()))).to.equal("EMAIL_TAKEN");
  });

  it("leaves direct chats to the other user, and deletes chats without another member", async () => {
    const [anna, boris] = (await people(2)) as [Account, Account];
    const [letters, notes, alone] = [await direct(boris, anna), await direct(anna, anna), await group(anna)];
    for (const chat of [letters, notes, alone]) await say(chat, anna);
    await say(letters, boris);
    await end(anna);
    const kept = await here.chats.getChat({ include: [], chat_id: letters }, boris.call);
    expect(kept.chat).to.include({ kind: "CHAT_KIND_GROUP", title: "Deleted account", role: "CHAT_ROLE_OWNER" });
    expect(kept.chat).to.include({ member_count: 1, version: 2, message_count: 2, unread_count: 1 });
    expect(kept.chat).not.to.have.property("direct_user_id", anna.id);
    expect(kept.messages.map(({ sender_id }) => sender_id)).to.deep.equal([boris.id, anna.id]);
    expect(await here.sql("select id from chats where id = any($1)", [[notes, alone]])).to.deep.equal([]);
    expect(await here.sql("select id from messages where chat_id = any($1)", [[notes, alone]])).to.deep.equal([]);
    expect(await reasonOf(direct(boris, anna))).to.equal("USER_NOT_FOUND");
    await end(boris);
    expect(await here.sql("select id from chats where id = $1", [letters])).to.deep.equal([]);
  });

  it("leaves the name and the address in no row of any table", async () => {
    const [anna, boris] = (await people(2)) as [Account, Account];
    await here.sql("update users set first_name = 'Zephyrine', last_name = 'Quillfeather' where id = $1", [anna.id]);
    for (const chat of [
      await direct(anna, boris),
      await direct(anna, anna),
      await group(boris, anna),
      await group(anna),
    ])
      await say(chat, anna);
    const tables = await here.sql<{ name: string }>(
      "select quote_ident(table_name) as name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'",
    );
    const rowsWith = async (text: string): Promise<string[]> => {
      const sql = tables.map(
        ({ name }) => `select '${name}' as name from ${name} t where strpos(lower(t::text), lower($1)) > 0`,
      );
      return (await here.sql<{ name: string }>(sql.join(" union all "), [text])).map(({ name }) => name);
    };
    for (const text of ["Zephyrine", "Quillfeather", anna.email]) expect(await rowsWith(text)).to.deep.equal(["users"]);
    await end(anna);
    for (const text of ["Zephyrine", "Quillfeather", anna.email]) expect(await rowsWith(text)).to.deep.equal([]);
  });

  it("changes nothing when one chat of many would be left without an owner", async () => {
    const [anna, boris, carl] = (await people(3)) as [Account, Account, Account];
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
    expect(await here.isLetIn(anna)).to.equal(true);
  });

  it("is the answer to calls that the user still makes elsewhere, and none of these makes the user a member", async () => {
    const [anna, boris] = (await people(2)) as [Account, Account];
    const tea = await group(boris);
    await end(anna);
    const attempts = [() => group(anna, boris), () => direct(anna, boris), () => direct(anna, anna), () => end(anna)];
    for (const attempt of attempts) expect(await reasonOf(attempt())).to.equal("INVALID_TOKEN");
    const add = { chat_id: tea, user_id: anna.id, role: "CHAT_ROLE_MEMBER" } as const;
    expect(await reasonOf(here.chats.addChatMember(add, boris.call))).to.equal("USER_NOT_FOUND");
    expect(await reasonOf(here.chats.addChatMember(add, (await here.account()).call))).to.equal("CHAT_NOT_FOUND");
    await expectSound();
  });

  it("refuses a login whose password was compared before", async () => {
    const anna = await here.account();
    const passwords = {
      ...here.accounts.passwords,
      compare: async () => {
        await end(anna);
        return { matches: true, isOutdated: false };
      },
    };
    const { login } = here.authWith({ passwords });
    expect(await reasonOf(login(anna, here.as()))).to.equal("INVALID_CREDENTIALS");
    await expectSound();
  });

  it("happens once in twenty concurrent calls", async () => {
    const [anna, boris] = (await people(2)) as [Account, Account];
    const chat_id = await direct(anna, boris);
    const { answers, reasons } = await outcomes(upTo(20).map(() => end(anna)));
    expect(answers).to.have.length(1);
    expect(reasons).to.deep.equal(Array.from({ length: 19 }, () => "INVALID_TOKEN"));
    expect((await here.chats.getChat({ include: [], chat_id }, boris.call)).chat).to.include({ version: 2 });
  });

  it("spares one of all super admins who end their accounts at once, again and again", async () => {
    const admins = await Promise.all(upTo(4).map(() => here.account("ROLE_SUPER_ADMIN")));
    const { answers, reasons } = await outcomes(upTo(20).map((number) => end(admins[number % 4]!)));
    expect(answers).to.have.length(3);
    expect(reasons).to.include("PERMISSION_DENIED");
    const left = await here.sql<{ id: number }>("select id from users where role = 'ROLE_SUPER_ADMIN'");
    expect(left).to.have.length(1);
    const last = admins.find(({ id }) => id === left[0]!.id)!;
    expect(await reasonOf(end(last))).to.equal("PERMISSION_DENIED");
    expect(await here.isLetIn(last)).to.equal(true);
  });

  it("leaves no chat without an owner when all its members end their accounts at once", async () => {
    for (const _ of upTo(3)) {
      const pupils = await people(8);
      for (const one of pupils) {
        const chat_id = await group(one, ...pupils.filter((other) => other !== one));
        for (const { id: user_id } of pupils.slice(0, 4).filter((other) => other !== one))
          await here.chats.updateChatMember({ chat_id, user_id, role: "CHAT_ROLE_OWNER" }, one.call);
        for (const other of pupils) await direct(one, other);
      }
      const { reasons } = await outcomes(pupils.map(end));
      expect(reasons.filter((reason) => reason !== "LAST_OWNER")).to.deep.equal([]);
      await expectSound();
      // The last owner of a chat can end the account after all other members.
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

  it("leaves nothing behind when it races with everything that others do to the user", async () => {
    const random = seeded(7);
    const later = <T>(act: () => Promise<T>): Promise<T> => pause(random(12)).then(act);
    const expected =
      /^(INVALID_TOKEN|INVALID_REFRESH_TOKEN|INVALID_CREDENTIALS|USER_NOT_FOUND|CHAT_NOT_FOUND|ALREADY_MEMBER|MEMBER_NOT_FOUND|DIRECT_CHAT|LAST_OWNER)$/;
    for (const turn of upTo(12)) {
      // In every third turn Anna may become the last owner of a chat, and then her account does not end.
      const isBurdened = turn % 3 === 0;
      const [anna, ...others] = (await people(6)) as [Account, ...Account[]];
      const teas = await Promise.all(
        others.map((other) => group(other, ...others.slice(0, 2).filter((o) => o !== other))),
      );
      const letters = await direct(others[0]!, anna);
      const mine = await group(anna);
      const side = turn % 2 ? here : there;
      const add = (at: number, role: "CHAT_ROLE_MEMBER" | "CHAT_ROLE_OWNER") =>
        here.chats.addChatMember({ chat_id: teas[at]!, user_id: anna.id, role }, others[at]!.call);
      const racing: Promise<unknown>[] = [
        ...others.flatMap((other, at) => [
          later(() => add(at, isBurdened ? "CHAT_ROLE_OWNER" : "CHAT_ROLE_MEMBER")),
          later(() => add(at, "CHAT_ROLE_MEMBER")),
          later(() => direct(other, anna)),
          later(() => direct(anna, other)),
          later(() => group(other, anna, ...others.filter((each) => each !== other))),
          later(() => say(teas[at]!, anna)),
          later(() =>
            here.chats.leaveChat({ chat_id: teas[at]!, ...(isBurdened && { new_owner_id: anna.id }) }, other.call),
          ),
        ]),
        later(() => group(anna)),
        later(() => say(letters, others[0]!)),
        later(() => say(letters, anna)),
        later(() => here.chats.readChat({ chat_id: letters, seq: 1 }, anna.call)),
        later(() =>
          here.chats.addChatMember({ chat_id: mine, user_id: others[0]!.id, role: "CHAT_ROLE_OWNER" }, anna.call),
        ),
        ...upTo(4).map(() => later(() => side.auth.login(anna, side.as()))),
        ...upTo(4).map(() => later(() => side.auth.refresh(anna.tokens, side.as()))),
        later(() => side.auth.logout({}, side.as(anna.caller))),
        later(() => end(anna)),
        later(() => side.auth.deleteMe({ password: anna.password }, side.as(anna.caller))),
      ];
      const { reasons } = await outcomes(racing);
      expect(reasons.filter((reason) => !expected.test(reason))).to.deep.equal([]);
      const [row] = await here.sql<{ is_gone: boolean }>(
        "select deleted_at is not null as is_gone from users where id = $1",
        [anna.id],
      );
      if (!isBurdened) expect(row!.is_gone).to.equal(true);
      await expectSound();
    }
  });

  it("causes no deadlock", async () => {
    // Postgres publishes the statistics of a session within a second.
    await pause(1_200);
    const [row] = await here.sql<{ deadlocks: number }>(
      "select deadlocks from pg_stat_database where datname = current_database()",
    );
    expect(row!.deadlocks).to.equal(0);
  });
});
