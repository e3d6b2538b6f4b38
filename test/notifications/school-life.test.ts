// What happens in the life of the school becomes notifications: achievements, medals, events, posts and comments.
import { expect } from "chai";
import type { Call } from "../../src/call.js";
import type { Notification } from "../../src/gen/lyceum/v1/notification.js";
import { notifications } from "../../src/notifications/consumer.js";
import type { StoredUpdate } from "../../src/platform/updates/consumer.js";
import { recordUpdates, type Topic, type UpdateKind } from "../../src/platform/updates/updates.js";
import { openSchool, type School } from "../support/call-as.js";
import { upTo } from "../support/numbers.js";

describe("the life of the school", function () {
  this.timeout(60_000);
  this.slow(3_000);
  let school: School;
  let teacher: number;

  beforeEach(async () => {
    school = await openSchool();
    teacher = await school.person("Teacher");
    await school.sql("update users set role = 'ROLE_TEACHER', nick = 'teacher' where id = $1", [teacher]);
  });
  afterEach(() => school.close());

  const idOf = async (insert: string, values: readonly unknown[]): Promise<number> =>
    (await school.sql<{ id: number }>(`${insert} returning id`, values))[0]!.id;
  const happened = (actorId: number | undefined, kind: UpdateKind, subjectId: number, ...topics: Topic[]) =>
    school.database.transaction((queries) =>
      recordUpdates(
        queries,
        actorId,
        topics.map((topic) => ({ topic, kind, subjectId })),
      ),
    );
  /** Has the consumer take all updates there are: at once as twenty processes, then each by itself. */
  async function take(): Promise<void> {
    const updates = await school.sql<StoredUpdate>("select * from updates order by id");
    const own = updates.filter(({ kind }) => notifications.kinds.includes(kind));
    await Promise.all(upTo(20).map(() => notifications.take(school.database, own)));
    for (const update of own) await notifications.take(school.database, [update]);
  }
  const list = async (id: number, language: "en" | "ru" = "en"): Promise<Notification[]> => {
    const call = school.as(id);
    const reader = { ...call, user: call.user, database: call.database, client: { ...call.client, language } } as Call;
    const own = school.services["lyceum.v1.NotificationService"];
    return (await own.listNotifications({ types: [] }, reader)).notifications;
  };
  const texts = async (id: number, language?: "en" | "ru") => (await list(id, language)).map(({ text }) => text);

  it("tells of an achievement whether it was accepted or rejected, once for both topics", async () => {
    const anna = await school.person();
    const handIn = async (title: string, state: string, points: number | undefined, reason: string | undefined) => {
      const file = await idOf(
        "insert into files (owner_id, purpose, name, media_type) values ($1, 'FILE_PURPOSE_DIPLOMA', 'a', 'image/png')",
        [anna],
      );
      return idOf(
        `insert into achievements (user_id, kind, title, description, file_id, state, points, reason, moderator_id, moderated_at)
         values ($1, 'ACHIEVEMENT_KIND_EVENT', $2, '', $3, $4, $5, $6, $7, now())`,
        [anna, title, file, `ACHIEVEMENT_STATE_${state}`, points, reason, teacher],
      );
    };
    const accepted = await handIn("Кубок", "ACCEPTED", 21, undefined);
    const rejected = await handIn("Медаль", "REJECTED", undefined, "Нет диплома");
    await happened(teacher, "achievement.accepted", accepted, `user:${anna}`, "staff");
    await happened(teacher, "achievement.rejected", rejected, `user:${anna}`, "staff");
    await take();
    expect(await texts(anna, "ru")).members([
      "Ваше достижение «Кубок» принято: 21 балл",
      "Ваше достижение «Медаль» отклонено: Нет диплома",
    ]);
    expect((await list(anna)).map(({ actor_id }) => actor_id)).deep.equal([teacher, teacher]);
  });

  it("tells of a medal in both languages", async () => {
    const anna = await school.person();
    const award = await idOf("insert into user_medals (user_id, medal_id) values ($1, 1)", [anna]);
    await happened(undefined, "medal.awarded", award, `user:${anna}`);
    await take();
    const [told, ...others] = await list(anna);
    expect(others).deep.equal([]);
    expect(told).deep.include({
      type: "NOTIFICATION_TYPE_MEDAL_AWARDED",
      medal_awarded: { medal_id: 1, medal: "First Hundred" },
      text: "You were awarded the medal “First Hundred”",
    });
    expect(await texts(anna, "ru")).deep.equal(["Вы получили медаль «Первая сотня»"]);
  });

  const event = (title: string, isForAll = true): Promise<number> =>
    idOf(
      `insert into events (author_id, title, text, place, starts_at, ends_at, time_zone, is_for_all)
       values ($1, $2, '', '', '2027-09-01T11:30:00Z', '2027-09-01T12:30:00Z', 'Europe/Moscow', $3)`,
      [teacher, title, isForAll],
    );

  it("tells of a new event everybody, or the people of its groups, and not its author", async () => {
    const [anna, boris] = [await school.person(), await school.person()];
    const groups = await school.sql<{ id: number }>(
      "insert into groups (name, colour) values ('10-А', '#000000'), ('10-Б', '#000000') returning id",
    );
    await school.sql("update users set group_id = $2 where id = $1", [anna, groups[0]!.id]);
    const all = await event("Концерт");
    const some = await event("Поход", false);
    await happened(teacher, "event.published", all, "school");
    await happened(teacher, "event.published", some, ...groups.map(({ id }): Topic => `group:${id}`));
    await take();
    expect(await texts(anna)).members(["New event: “Концерт”", "New event: “Поход”"]);
    expect(await texts(boris, "ru")).deep.equal(["Новое событие: «Концерт»"]);
    expect(await list(teacher)).deep.equal([]);
  });

  it("tells of a new event thousands, each once", async () => {
    await school.sql(
      `insert into users (email, first_name, last_name)
       select 'p' || n || '@example.org', 'P', 'P' from generate_series(1, 2500) n`,
    );
    await happened(teacher, "event.published", await event("Концерт"), "school");
    await take();
    const counts = await school.sql("select count(*) as count, count(distinct user_id) as people from notifications");
    expect(counts).deep.equal([{ count: 2500, people: 2500 }]);
  });

  it("tells those who come of a change, once for each, and of a cancellation, a seat and the start", async () => {
    const [anna, boris] = [await school.person(), await school.person()];
    const id = await event("Концерт", false);
    await school.sql(
      "insert into event_registrations (event_id, user_id, state) values ($1, $2, 'REGISTRATION_STATE_REGISTERED')",
      [id, anna],
    );
    await happened(teacher, "event.changed", id, "group:1", "group:2");
    await take();
    await take();
    expect(await texts(anna)).deep.equal(["The event “Концерт” has changed"]);
    await school.sql("update events set version = version + 1 where id = $1", [id]);
    await happened(teacher, "event.changed", id, "group:1", "group:2");
    await happened(undefined, "event.seat_freed", id, `user:${anna}`);
    await happened(undefined, "event.reminder", id, `user:${anna}`);
    await take();
    expect(await texts(anna)).members([
      "The event “Концерт” has changed",
      "The event “Концерт” has changed",
      "A seat became free, and it is yours: “Концерт”",
      "“Концерт” begins on 1 September 2027, 14:30",
    ]);
    await school.sql("update events set version = version + 1, cancelled_at = now() where id = $1", [id]);
    await happened(teacher, "event.cancelled", id, "group:1", "group:2");
    await take();
    expect((await texts(anna))[0]).equal("The event “Концерт” is cancelled");
    expect(await list(anna)).lengthOf(5);
    expect(await list(boris)).deep.equal([]);
  });

  it("tells whom a comment answers, and whom a post or a comment names, if they may see it, each once", async () => {
    const [author, anna, boris] = [await school.person(), await school.person(), await school.person()];
    for (const [id, nick] of [
      [author, "author"],
      [anna, "anna"],
      [boris, "boris"],
    ] as const)
      await school.sql("update users set nick = $2 where id = $1", [id, nick]);
    const [group] = await school.sql<{ id: number }>(
      "insert into groups (name, colour) values ('10-А', '#000000') returning id",
    );
    await school.sql("update users set group_id = $1 where id = any($2::bigint[])", [group!.id, [author, anna]]);
    const post = await idOf("insert into posts (author_id, is_for_all, published_at) values ($1, false, now())", [
      author,
    ]);
    await school.sql("insert into post_groups (post_id, group_id) values ($1, $2)", [post, group!.id]);
    await school.sql(
      `insert into post_texts (post_id, number, title, text, is_current)
       values ($1, 1, 'Hike', 'with @anna, @boris, @author and @teacher', true)`,
      [post],
    );
    await happened(author, "post.published", post, `group:${group!.id}`);
    await take();
    for (const [id, count] of [
      [anna, 1],
      [teacher, 1],
      [boris, 0],
      [author, 0],
    ] as const)
      expect(await list(id)).lengthOf(count);
    expect((await list(anna))[0]).deep.include({
      mention: { post_id: post, title: "Hike" },
      text: "You were mentioned in the post “Hike”",
    });
    const comment = (by: number, text: string, to?: number): Promise<number> =>
      idOf("insert into comments (post_id, author_id, text, root_id, reply_to_id) values ($1, $2, $3, $4, $4)", [
        post,
        by,
        text,
        to,
      ]);
    const first = await comment(anna, "@author: when? @boris");
    await happened(anna, "comment.created", first, `group:${group!.id}`);
    await take();
    expect((await list(author)).map(({ type, post_reply }) => ({ type, post_reply }))).deep.equal([
      { type: "NOTIFICATION_TYPE_POST_REPLY", post_reply: { post_id: post, comment_id: first, title: "Hike" } },
    ]);
    await happened(teacher, "comment.created", await comment(teacher, "@author soon", first), `group:${group!.id}`);
    await happened(anna, "comment.created", await comment(anna, "thanks", first), `group:${group!.id}`);
    await take();
    expect((await list(anna)).map(({ type }) => type)).deep.equal([
      "NOTIFICATION_TYPE_POST_REPLY",
      "NOTIFICATION_TYPE_MENTION",
    ]);
    expect((await list(author)).map(({ type }) => type)).deep.equal([
      "NOTIFICATION_TYPE_MENTION",
      "NOTIFICATION_TYPE_POST_REPLY",
    ]);
    expect(await list(boris)).deep.equal([]);
  });
});
