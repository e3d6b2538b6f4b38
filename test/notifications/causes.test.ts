// What happens becomes notifications: for whom, in which words, and once however often an update comes.
import { expect } from "chai";
import type { Call } from "../../src/call.js";
import { notifications } from "../../src/notifications/consumer.js";
import type { StoredUpdate } from "../../src/platform/updates/consumer.js";
import { deleteUser } from "../../src/users/people.js";
import { recordUpdates, type Update } from "../../src/platform/updates/updates.js";
import { openSchool, type School } from "../support/call-as.js";
import { upTo } from "../support/numbers.js";

describe("what happens", function () {
  this.timeout(60_000);
  this.slow(3_000);
  let school: School;

  before(async () => (school = await openSchool()));
  after(() => school.close());

  let made = 0;
  /** A person with a nick. */
  async function person(nick?: string): Promise<number> {
    const id = await school.person();
    if (nick !== undefined) await school.sql("update users set nick = $2 where id = $1", [id, nick]);
    return id;
  }
  const name = (word: string): string => `${word}${++made}`;

  /** Has the consumer take all updates there are, as often as `times`, at once. */
  async function take(times = 1): Promise<void> {
    const updates = await school.sql<StoredUpdate>("select * from updates order by id");
    const own = updates.filter(({ kind }) => notifications.kinds.includes(kind));
    await Promise.all(upTo(times).map(() => notifications.take(school.database, own)));
  }
  const happened = (actorId: number | undefined, ...updates: readonly Update[]): Promise<void> =>
    school.database.transaction((queries) => recordUpdates(queries, actorId, updates));
  async function send(sender: number, chat_id: number, text: string): Promise<number> {
    const { id } = await school.messages.sendMessage({ chat_id, text, file_ids: [] }, school.as(sender));
    await happened(sender, { topic: `chat:${chat_id}`, kind: "message.sent", subjectId: id });
    return id;
  }
  const list = async (id: number, language: "en" | "ru" = "en") => {
    const call: Call = school.as(id);
    const reader = { ...call, user: call.user, database: call.database, client: { ...call.client, language } } as Call;
    const { notifications: all } = await school.services["lyceum.v1.NotificationService"].listNotifications(
      { types: [] },
      reader,
    );
    return all;
  };
  const texts = async (id: number, language?: "en" | "ru"): Promise<string[]> =>
    (await list(id, language)).map(({ text }) => text);

  it("in a message notifies the members whom it names, once for a message, and not its sender", async () => {
    const [anna, vera, outside] = [name("Anna"), name("vera.i"), name("Outside")];
    const [sender, one, two, three] = [await person(anna), await person(vera), await person(outside), await person()];
    const chat = await school.chat(sender, one, three);
    const id = await send(sender, chat, `@${vera.toUpperCase()} and @${vera}, @${anna}, @${outside}: look. @nobody`);
    await take(20);
    await take();
    const expected = { chat_id: chat, message_id: id, title: "Tea" };
    expect(
      (await list(one)).map(({ type, actor_id, mention, text }) => ({ type, actor_id, mention, text })),
    ).deep.equal([
      {
        type: "NOTIFICATION_TYPE_MENTION",
        actor_id: sender,
        mention: expected,
        text: "You were mentioned in the chat “Tea”",
      },
    ]);
    expect(await texts(one, "ru")).deep.equal(["Вас упомянули в чате «Tea»"]);
    for (const other of [sender, two, three]) expect(await list(other)).deep.equal([]);
  });

  const places: readonly (readonly [text: (nick: string) => string, isNamed: boolean])[] = [
    [(nick) => `@${nick}`, true],
    [(nick) => `(@${nick})`, true],
    [(nick) => `Привет,@${nick}!`, true],
    [(nick) => `ask @${nick}.`, true],
    [(nick) => `ask @${nick}...`, true],
    [(nick) => `@${nick}-`, true],
    [(nick) => `\n@${nick}\n`, true],
    [(nick) => `@${nick}ова`, true],
    [(nick) => `mail@${nick}`, false],
    [(nick) => `mail.@${nick}`, false],
    [(nick) => `почта@${nick}`, false],
    [(nick) => `t.me/@${nick}`, false],
    [(nick) => `@@${nick}`, false],
    [(nick) => `@${nick}x`, false],
    [(nick) => `@ ${nick}`, false],
    [(nick) => nick, false],
  ];
  it("in a message names people behind an @ that is no part of an address", async () => {
    const sender = await person();
    for (const [text, isNamed] of places) {
      const nick = name("Nick");
      const named = await person(nick);
      await send(sender, await school.chat(sender, named), text(nick));
      await take();
      expect(await list(named), text("nick")).lengthOf(isNamed ? 1 : 0);
    }
  });

  it("in a message names the longer nick, where a dot may be its end or that of the sentence", async () => {
    const nick = name("Petr");
    const [sender, short, long] = [await person(), await person(nick), await person(`${nick}.`)];
    const chat = await school.chat(sender, short, long);
    await send(sender, chat, `ask @${nick}.`);
    await take();
    expect([(await list(short)).length, (await list(long)).length]).deep.equal([0, 1]);
  });

  it("of a type that is not wanted notifies nobody, nor who is suspended or gone", async () => {
    const nicks = [name("muted"), name("suspended"), name("gone"), name("there")];
    const ids: number[] = [];
    for (const nick of nicks) ids.push(await person(nick));
    const sender = await person();
    const chat = await school.chat(sender, ...ids);
    const own = school.services["lyceum.v1.NotificationService"];
    await own.updateNotificationPreferences({ muted: { types: ["NOTIFICATION_TYPE_MENTION"] } }, school.as(ids[0]!));
    await school.sql("update users set suspended_at = now() where id = $1", [ids[1]]);
    await send(sender, chat, nicks.map((nick) => `@${nick}`).join(" "));
    await school.database.transaction(async (queries) => {
      await deleteUser(queries, { id: ids[2]!, actorId: ids[2]! });
    });
    await take();
    const counts: number[] = [];
    for (const id of ids) counts.push((await list(id)).length);
    expect(counts).deep.equal([0, 0, 0, 1]);
  });

  it("in a message that is deleted meanwhile, in a chat that is left, and in a direct chat", async () => {
    const nick = name("Boris");
    const [sender, boris] = [await person(), await person(nick)];
    const chat = await school.chat(sender, boris);
    const id = await send(sender, chat, `@${nick}`);
    await school.messages.deleteMessage({ message_id: id }, school.as(sender));
    await take();
    expect(await list(boris)).deep.equal([]);
    await send(sender, chat, `@${nick}`);
    await school.chats.removeChatMember({ chat_id: chat, user_id: boris }, school.as(sender));
    await take();
    expect(await list(boris)).deep.equal([]);
    const direct = await school.chats.openDirectChat({ user_id: boris }, school.as(sender));
    await send(sender, direct.id, `@${nick}`);
    await take();
    expect(await texts(boris)).deep.equal(["You were mentioned in a message"]);
    expect(await texts(boris, "ru")).deep.equal(["Вас упомянули в сообщении"]);
  });
});
