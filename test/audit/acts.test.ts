// What is recorded of each act: one row with it, and none without it.
import { expect } from "chai";
import type { Call } from "../../src/call.js";
import { createAdmin } from "../../src/accounts/create-account.js";
import { type Account, openSchool, type School, somebody } from "../support/call-as.js";
import { upTo } from "../support/numbers.js";
import { outcomes, reasonOf } from "../support/outcomes.js";

/** A row, as far as an act determines it. */
interface Row {
  readonly action: string;
  readonly actor_id: number | undefined;
  readonly target: string;
  readonly outcome: string;
  readonly means: string;
}

describe("the audit of an act", function () {
  this.timeout(30_000);
  let school: School;
  let [alice, bob]: Account[] = [];
  let seen = 0;

  before(async () => {
    school = await openSchool();
    [alice, bob] = [await school.account(), await school.account()];
  });
  after(() => school.close());
  beforeEach(async () => void (await recorded()));

  /** The rows since the last call, the oldest first. */
  async function recorded(): Promise<Row[]> {
    const rows = await school.sql<Row & { id: number }>(
      `select id, action, actor_id, target_type || ' ' || target_id as target, outcome, means
         from audit_events where id > $1 order by id`,
      [seen],
    );
    seen = rows.at(-1)?.id ?? seen;
    return rows.map(({ action, actor_id, target, outcome, means }) => ({ action, actor_id, target, outcome, means }));
  }
  const done = (action: string, actor_id: number, target: string, means = "BEARER", outcome = "SUCCESS"): Row => ({
    action,
    actor_id,
    target,
    means: `AUDIT_MEANS_${means}`,
    outcome: `AUDIT_OUTCOME_${outcome}`,
  });
  const sessionOf = async (id: string): Promise<string> => {
    const [row] = await school.sql<{ number: number }>("select number from sessions where id = $1", [id]);
    return `session ${row!.number}`;
  };
  const rightsOf = (account: Account): Call => school.as({ ...account.caller, role: "ROLE_SUPER_ADMIN" });
  const chat = async (): Promise<number> => {
    const id = await school.chat(alice!.id, bob!.id);
    await recorded();
    return id;
  };

  it("of a new account, of its login and logout, and of its end", async () => {
    const { id, caller, call, password } = await school.account();
    const session = await sessionOf(caller.sessionId);
    await school.auth.logout({}, call);
    // It has ended already.
    await school.auth.logout({}, call);
    await school.auth.deleteMe({ password }, call);
    expect(await recorded()).to.deep.equal([
      done("account.create", id, `user ${id}`, "NONE"),
      done("session.begin_with_password", id, session, "NONE"),
      done("session.end", id, session),
      done("user.delete", id, `user ${id}`),
    ]);
  });

  it("of twenty logouts at once is one row", async () => {
    const { id, caller, call } = await school.account();
    await recorded();
    await Promise.all(upTo(20).map(() => school.auth.logout({}, call)));
    expect(await recorded()).to.deep.equal([done("session.end", id, await sessionOf(caller.sessionId))]);
  });

  it("of an admin that an operator makes", async () => {
    const { id } = await createAdmin(school.database, school.accounts.passwords, { ...somebody(), appName: "Lyceum" });
    expect(await recorded()).to.deep.equal([
      { ...done("account.create", 0, `user ${id}`, "OPERATOR"), actor_id: undefined },
    ]);
  });

  it("of a refresh token that is used twice, and not of one that is used as it is meant", async () => {
    const { id, caller, tokens } = await school.account();
    await recorded();
    const refresh = (refresh_token: string) => school.auth.refresh({ refresh_token }, school.as());
    const second = await refresh(tokens.refresh_token);
    await refresh(second.refresh_token!);
    expect(await recorded()).to.be.empty;
    const replays = await outcomes(upTo(20).map(() => refresh(tokens.refresh_token)));
    expect(replays.answers).to.be.empty;
    expect(await recorded()).to.deep.equal([
      done("session.end_by_replay", id, await sessionOf(caller.sessionId), "NONE", "FAILURE"),
    ]);
  });

  it("of what an owner does to members, and not of what members do themselves", async () => {
    const chat_id = await chat();
    const member = `chat_member ${chat_id}/${bob!.id}`;
    const { addChatMember, updateChatMember, removeChatMember, leaveChat } = school.chats;
    const user_id = bob!.id;
    await updateChatMember({ chat_id, user_id, role: "CHAT_ROLE_OWNER" }, alice!.call);
    // Nothing changes.
    await updateChatMember({ chat_id, user_id, role: "CHAT_ROLE_OWNER" }, alice!.call);
    await updateChatMember({ chat_id, user_id, role: "CHAT_ROLE_MEMBER" }, alice!.call);
    await leaveChat({ chat_id }, bob!.call);
    await addChatMember({ chat_id, user_id, role: "CHAT_ROLE_MEMBER" }, alice!.call);
    await removeChatMember({ chat_id, user_id }, alice!.call);
    await addChatMember({ chat_id, user_id, role: "CHAT_ROLE_OWNER" }, alice!.call);
    await removeChatMember({ chat_id, user_id }, bob!.call);
    await addChatMember({ chat_id, user_id, role: "CHAT_ROLE_MEMBER" }, alice!.call);
    await leaveChat({ chat_id, new_owner_id: user_id }, alice!.call);
    expect(await recorded()).to.deep.equal([
      done("chat_member.make_owner", alice!.id, member),
      done("chat_member.make_member", alice!.id, member),
      done("chat_member.remove", alice!.id, member),
      done("chat_member.make_owner", alice!.id, member),
      done("chat_member.make_owner", alice!.id, member),
    ]);
  });

  it("of a message of somebody else that an owner or a super admin deletes, once for twenty at once", async () => {
    const chat_id = await chat();
    const send = async (): Promise<number> =>
      (await school.messages.sendMessage({ chat_id, text: "hello", file_ids: [] }, bob!.call)).id;
    const [byOwner, byAdmin, own] = [await send(), await send(), await send()];
    const { deleteMessage } = school.messages;
    await outcomes(upTo(20).map(() => deleteMessage({ message_id: byOwner }, alice!.call)));
    const carol = await school.account();
    await recorded();
    await deleteMessage({ message_id: byAdmin }, rightsOf(carol));
    await deleteMessage({ message_id: own }, bob!.call);
    expect(await recorded()).to.deep.equal([done("message.delete", carol.id, `message ${byAdmin}`)]);
    const [{ count }] = (await school.sql<{ count: number }>(
      "select count(*) as count from audit_events where target_type = 'message' and target_id = $1",
      [String(byOwner)],
    )) as [{ count: number }];
    expect(count).to.equal(1);
  });

  it("of a deleted chat, and of what a super admin changes in the chat of others", async () => {
    const chat_id = await chat();
    const carol = await school.account();
    await recorded();
    const admin = rightsOf(carol);
    const picture = { content_type: "image/jpeg", data: Buffer.from("/9j/4AAQSkZJRgABAQ==", "base64") };
    for (const call of [alice!.call, admin]) {
      await school.chats.updateChat({ chat_id, title: "Another" }, call);
      await school.chats.updateChatPicture({ chat_id, picture }, call);
      await school.chats.deleteChatPicture({ chat_id }, call);
    }
    await school.chats.deleteChat({ chat_id }, alice!.call);
    const target = `chat ${chat_id}`;
    expect(await recorded()).to.deep.equal([
      done("chat.update", carol.id, target),
      done("chat.update_picture", carol.id, target),
      done("chat.delete_picture", carol.id, target),
      done("chat.delete", alice!.id, target),
    ]);
  });

  describe("where one of the two fails", () => {
    let chat_id: number;
    let message_id: number;
    let person: Account;

    before(() =>
      school.sql(
        `create function fail_late() returns trigger language plpgsql as $$ begin raise exception 'too late'; end $$`,
      ),
    );
    beforeEach(async () => {
      chat_id = await school.chat(alice!.id, bob!.id);
      message_id = (await school.messages.sendMessage({ chat_id, text: "hello", file_ids: [] }, bob!.call)).id;
      person = await school.account();
      await recorded();
    });

    /** Runs `work` while every insert or change of the table makes its transaction fail at the commit. */
    async function failing(table: string, event: string, work: () => Promise<unknown>): Promise<void> {
      await school.sql(`create constraint trigger fail_late after ${event} on ${table} deferrable initially deferred
                          for each row execute function fail_late()`);
      const failure = await work().then(
        () => undefined,
        (error: Error) => error.message,
      );
      await school.sql(`drop trigger fail_late on ${table}`);
      expect(failure).to.equal("too late");
    }
    const acts: Readonly<Record<string, readonly [table: string, event: string, act: () => Promise<unknown>]>> = {
      "the removal of a member": [
        "chat_members",
        "delete",
        () => school.chats.removeChatMember({ chat_id, user_id: bob!.id }, alice!.call),
      ],
      "the end of a chat": ["chat_members", "delete", () => school.chats.deleteChat({ chat_id }, alice!.call)],
      "the deletion of a message": [
        "messages",
        "update",
        () => school.messages.deleteMessage({ message_id }, alice!.call),
      ],
      "a logout": ["sessions", "update", () => school.auth.logout({}, person.call)],
      "the end of an account": ["users", "update", () => school.auth.deleteMe(person, person.call)],
      "a new account": ["credentials", "insert", () => school.auth.register(somebody(), school.as())],
      "a login": ["sessions", "insert", () => school.auth.login(person, school.as())],
    };
    const state = (): Promise<unknown> =>
      school.sql(
        `select (select count(*) from chat_members where chat_id = $1) as members,
                (select deleted_at from messages where id = $2) as deleted_at,
                (select count(*) from sessions where user_id = $3 and revoked_at is null) as sessions,
                (select deleted_at from users where id = $3) as ended_at,
                (select count(*) from users) as users`,
        [chat_id, message_id, person.id],
      );

    for (const [what, [table, event, act]] of Object.entries(acts)) {
      it(`${what} that fails at its commit leaves no record`, async () => {
        const before = await state();
        await failing(table, event, act);
        expect(await recorded()).to.be.empty;
        expect(await state()).to.deep.equal(before);
      });
      it(`${what} that cannot be recorded does not happen`, async () => {
        const before = await state();
        await failing("audit_events", "insert", act);
        expect(await state()).to.deep.equal(before);
        expect(await recorded()).to.be.empty;
      });
    }
  });

  it("leaves nothing of an act that is refused", async () => {
    const chat_id = await chat();
    const refused = await Promise.all([
      reasonOf(school.chats.updateChatMember({ chat_id, user_id: alice!.id, role: "CHAT_ROLE_MEMBER" }, alice!.call)),
      reasonOf(school.chats.removeChatMember({ chat_id, user_id: alice!.id }, bob!.call)),
      reasonOf(school.chats.leaveChat({ chat_id, new_owner_id: 999_999_999 }, alice!.call)),
      reasonOf(school.chats.deleteChat({ chat_id }, bob!.call)),
      reasonOf(school.chats.deleteChat({ chat_id }, school.as(alice!.caller, { ifMatch: [77] }))),
      reasonOf(school.auth.register({ ...somebody(), email: alice!.email }, school.as())),
    ]);
    expect(refused).to.deep.equal([
      "LAST_OWNER",
      "PERMISSION_DENIED",
      "MEMBER_NOT_FOUND",
      "PERMISSION_DENIED",
      "PRECONDITION_FAILED",
      "EMAIL_TAKEN",
    ]);
    expect(await recorded()).to.be.empty;
  });
});
