// Notifications: that they are counted, read and told exactly, and what ends them.
import { expect } from "chai";
import type { Call } from "../../src/call.js";
import type { ReadNotificationsRequest, SendAnnouncementRequest } from "../../src/gen/lyceum/v1/notification.js";
import { endNotifications, sweepNotifications, tellOfNotifications } from "../../src/notifications/steps.js";
import { notificationCounts } from "../../src/notifications/counts-store.js";
import { deleteUser, lockUserToDelete } from "../../src/users/people.js";
import { type Account, openSchool, type School } from "../support/call-as.js";
import { upTo } from "../support/numbers.js";
import { reasonOf } from "../support/outcomes.js";

const nobody = { user_ids: [], group_ids: [], school_classes: [] };
const open = new AbortController().signal;

describe("notifications", function () {
  this.timeout(60_000);
  this.slow(5_000);
  let school: School;
  let teacher: Account;

  beforeEach(async () => {
    school = await openSchool();
    teacher = await school.account("ROLE_TEACHER");
  });
  afterEach(() => school.close());

  const own = () => school.services["lyceum.v1.NotificationService"];
  const send = (changes: Partial<SendAnnouncementRequest>, call: Call = teacher.call) =>
    school.services["lyceum.v1.AnnouncementService"].sendAnnouncement(
      { type: "NOTIFICATION_TYPE_INFO", text: "Lessons begin at 9", ...nobody, ...changes },
      call,
    );
  const list = async (id: number) => (await own().listNotifications({ types: [] }, school.as(id))).notifications;
  const unread = async (id: number) => (await own().getUnreadCount({}, school.as(id))).unread_count;
  const updates = (kind: string) =>
    school.sql<{ topic: string; pts: number; subject_id: number; actor_id?: number }>(
      "select topic, pts, subject_id, actor_id from updates where kind = $1 order by id",
      [kind],
    );
  const read = (id: number, choice: Partial<ReadNotificationsRequest>) =>
    own().readNotifications({ notification_ids: [], until: undefined, ...choice }, school.as(id));
  const tell = () => tellOfNotifications.run(school.database, open);

  it("are told once each, however many processes tell, and in chunks", async () => {
    await school.sql(
      `insert into users (email, first_name, last_name)
       select 'p' || n || '@example.org', 'P', 'P' from generate_series(1, 1200) n`,
    );
    await send({ is_for_all: true });
    expect(await updates("notification.created")).lengthOf(0);
    await Promise.all(upTo(20).map(tell));
    await tell();
    const told = await updates("notification.created");
    expect(told).lengthOf(1200);
    expect(new Set(told.map(({ topic }) => topic)).size).equal(1200);
    expect(told.every(({ pts, actor_id }) => pts === 1 && actor_id === teacher.id)).equal(true);
    const largest = await school.sql<{ count: number }>(
      "select count(*) as count from updates where kind = 'notification.created' group by xmin order by 1 desc limit 1",
    );
    expect(largest[0]!.count).at.most(500);
    expect(await school.sql(notificationCounts[0]!.sql)).deep.equal([]);
    await school.sql("update notifications set is_told = false where id = (select min(id) from notifications)");
    await tell();
    expect(await school.sql(notificationCounts[0]!.sql)).lengthOf(1);
  });

  it("are marked once of twenty at once, all of which see the time, and are listed and counted as they were", async () => {
    const anna = await school.person();
    await send({ user_ids: [anna] });
    await send({ user_ids: [anna] });
    const [last, first] = await list(anna);
    expect([last!.read_at, first!.read_at]).deep.equal([undefined, undefined]);
    expect(await unread(anna)).equal(2);
    const answers = await Promise.all(
      upTo(20).map(() => own().readNotification({ notification_id: first!.id }, school.as(anna))),
    );
    expect(new Set(answers.map(({ read_at }) => read_at)).size).equal(1);
    expect(answers[0]!.read_at).match(/Z$/);
    expect(await unread(anna)).equal(1);
    expect(await updates("notification.read")).deep.equal([
      { topic: `user:${anna}`, pts: 1, subject_id: first!.id, actor_id: anna },
    ]);
    expect(await reasonOf(own().readNotification({ notification_id: last!.id }, teacher.call))).equal(
      "NOTIFICATION_NOT_FOUND",
    );
  });

  it("are counted exactly while twenty mark some, all, and those of before, and more arrive", async () => {
    const anna = await school.person();
    for (const number of upTo(10)) await send({ user_ids: [anna], text: `${number}` });
    const before = await list(anna);
    const calls: readonly ((at: number) => Promise<unknown>)[] = [
      (at) => own().readNotification({ notification_id: before[at % 10]!.id }, school.as(anna)),
      (at) => read(anna, { notification_ids: before.slice(at % 5, 8).map(({ id }) => id) }),
      () => read(anna, { until: before[3]!.created_at }),
      () => send({ user_ids: [anna] }, school.as(teacher.caller)),
    ];
    await Promise.all(upTo(20).map((at) => calls[at % 4]!(at)));
    const [counted] = await school.sql<{ count: number }>(
      "select count(*) as count from notifications where user_id = $1 and read_at is null",
      [anna],
    );
    expect(await unread(anna)).equal(counted!.count);
    const rounds = await Promise.all(upTo(20).map(() => read(anna, { all: true })));
    expect(rounds.reduce((sum, { read_count }) => sum + read_count, 0)).equal(counted!.count);
    expect(rounds.every(({ unread_count }) => unread_count === 0)).equal(true);
    expect(await list(anna)).lengthOf(15);
  });

  it("tell other devices once of many that are read, and not of none", async () => {
    const anna = await school.person();
    for (const text of ["one", "two", "three"]) await send({ user_ids: [anna], text });
    const all = () => read(anna, { all: true });
    expect(await all()).deep.equal({ read_count: 3, unread_count: 0 });
    expect(await all()).deep.equal({ read_count: 0, unread_count: 0 });
    expect(await updates("notification.read")).deep.equal([
      { topic: `user:${anna}`, pts: 1, subject_id: anna, actor_id: anna },
    ]);
  });

  it("of an announcement are for whom it names, each once, and not for who is suspended, gone, the sender, or wants none", async () => {
    const [anna, boris, clara, dina, fedor] = [
      await school.person("Anna"),
      await school.person("Boris"),
      await school.person("Clara"),
      await school.person("Dina"),
      await school.person("Fedor"),
    ];
    const group = (await school.groups.createGroup({ name: "10-А", with_chat: false }, teacher.call)).id;
    await school.sql("update users set group_id = $1, school_class = 10 where id = any($2::bigint[])", [
      group,
      [anna, boris, dina],
    ]);
    await school.sql("update users set suspended_at = now() where id = $1", [dina]);
    await own().updateNotificationPreferences({ muted: { types: ["NOTIFICATION_TYPE_INFO"] } }, school.as(boris));
    const sent = await send({ user_ids: [anna, clara, teacher.id], group_ids: [group], school_classes: [10] });
    expect(sent.recipient_count).equal(2);
    expect(await Promise.all([anna, boris, clara, dina, fedor].map(unread))).deep.equal([1, 0, 1, 0, 0]);
    const warned = await send({ type: "NOTIFICATION_TYPE_WARNING", is_for_all: true });
    expect(warned.recipient_count).equal(4);
    expect(await Promise.all([anna, boris, clara, dina, fedor, teacher.id].map(unread))).deep.equal([2, 1, 2, 0, 1, 0]);
    expect(
      (await list(anna)).map(({ type, actor_id, info, warning }) => ({ type, actor_id, info, warning })),
    ).deep.equal([
      {
        type: "NOTIFICATION_TYPE_WARNING",
        actor_id: teacher.id,
        info: undefined,
        warning: { text: "Lessons begin at 9", announcement_id: warned.id },
      },
      {
        type: "NOTIFICATION_TYPE_INFO",
        actor_id: teacher.id,
        info: { text: "Lessons begin at 9", announcement_id: sent.id },
        warning: undefined,
      },
    ]);
    expect(await reasonOf(send({ user_ids: [anna, 999_999] }))).equal("USER_NOT_FOUND");
    expect(await reasonOf(send({ group_ids: [999_999] }))).equal("GROUP_NOT_FOUND");
    expect(await reasonOf(send({}))).equal("INVALID_FIELDS");
    const acts = await school.sql("select target_id from audit_events where action = 'announcement.send' order by id");
    expect(acts).deep.equal([sent, warned].map(({ id }) => ({ target_id: String(id) })));
  });

  it("for ten thousand are one statement, beside which others read and write", async () => {
    await school.sql(
      `insert into users (email, first_name, last_name)
       select 'p' || n || '@example.org', 'P', 'P' from generate_series(1, 10000) n`,
    );
    const anna = await school.person();
    const chat = await school.chat(anna);
    let isSent = false;
    const sending = send({ is_for_all: true }).finally(() => (isSent = true));
    let others = 0;
    while (!isSent) {
      await school.messages.sendMessage({ chat_id: chat, text: "meanwhile", file_ids: [] }, school.as(anna));
      await read(anna, { all: true });
      others += 1;
    }
    expect((await sending).recipient_count).equal(10_001);
    expect(others).above(2);
  });

  it("end with the account, also those that are sent and told while it ends", async () => {
    const [anna, boris] = [await school.person("Anna"), await school.person("Boris")];
    await send({ user_ids: [anna, boris] });
    await own().updateNotificationPreferences({ muted: { types: ["NOTIFICATION_TYPE_MENTION"] } }, school.as(anna));
    await school.database.transaction(async (queries) => {
      await lockUserToDelete(queries, anna);
      await deleteUser(queries, { id: anna, actorId: anna });
      await endNotifications(queries, { id: anna, actorId: anna });
      // For others her account is there, and so is her notification.
      expect((await send({ is_for_all: true })).recipient_count).equal(2);
      await tell();
      expect(await updates("notification.created")).lengthOf(2);
    });
    await tell();
    const left = await school.sql("select user_id, is_told from notifications order by id");
    expect(left).deep.equal([
      { user_id: boris, is_told: true },
      { user_id: boris, is_told: true },
    ]);
    expect(await school.sql("select from muted_notification_types")).deep.equal([]);
  });

  it("are deleted 180 days after they were read, and never unread", async () => {
    const anna = await school.person();
    for (const text of ["old", "newer", "unread"]) await send({ user_ids: [anna], text });
    await school.sql(
      `update notifications n set created_at = now() - interval '1 year', read_at = now() - days * interval '1 day'
         from (values ('announcement:1', 180.1), ('announcement:2', 179.9), ('announcement:3', null)) v (cause, days)
        where v.cause = n.cause`,
    );
    expect((await sweepNotifications.run(school.database, open)).rows).equal(1);
    expect((await list(anna)).map(({ text }) => text)).deep.equal(["unread", "newer"]);
  });
});
