// The SQL of who may follow which topic, where topics are, and what was missed. Membership is decided in each statement.
import type { Queries } from "../platform/database/database.js";
import { statement } from "../platform/database/statement.js";
import type { KeysetPage } from "../platform/page.js";
import type { StoredUpdate } from "../platform/updates/consumer.js";
import type { Position } from "./topics.js";

/** Whether the user `u` may follow `topic`. A case evaluates no branch before it is chosen, so no id is read from another topic. */
const mayFollow = (topic: string): string => `case
       when ${topic} = 'school' then true
       when ${topic} = 'staff' then u.role <> 'ROLE_STUDENT'
       when ${topic} like 'user:%' then ${topic} = 'user:' || u.id
       when ${topic} like 'group:%' then ${topic} = 'group:' || u.group_id
         or u.role <> 'ROLE_STUDENT' and exists (select from groups g where g.id = substr(${topic}, 7)::bigint)
       when ${topic} like 'chat:%' then exists (
         select from chat_members m where m.chat_id = substr(${topic}, 6)::bigint and m.user_id = u.id)
       else false end`;

/** A user who may do anything. */
const isActive = "u.deleted_at is null and u.suspended_at is null";

/** A topic that may be followed: the pts of its last update, and of the first one that is kept, or of the next where none is. */
export interface Followed {
  readonly topic: string;
  readonly newest: number;
  readonly oldest: number;
}

const listFollowedRows = statement<Followed>(
  "read",
  "list-followed-topics",
  `select w.topic, coalesce(t.pts, 0) as newest,
          coalesce((select min(d.pts) from updates d where d.topic = w.topic), t.pts + 1, 1) as oldest
     from unnest($2::text[]) with ordinality as w (topic, place)
     join users u on u.id = $1 and ${isActive}
     left join update_topics t on t.topic = w.topic
    where ${mayFollow("w.topic")}
    order by w.place`,
);

/** Those of some topics that a user may follow, in the same order. */
export async function listFollowed(queries: Queries, userId: number, topics: readonly string[]): Promise<Followed[]> {
  return queries.many(listFollowedRows, [userId, topics]);
}

const listOwnRows = statement<{ topic: string }>(
  "read",
  "list-own-topics",
  `select topic from (
     select 1 as place, 'user:' || u.id as topic, null::timestamptz as at, null::bigint as id
       from users u where u.id = $1 and ${isActive}
     union all select 2, 'school', null, null
     union all select 3, 'staff', null, null from users u where u.id = $1 and u.role <> 'ROLE_STUDENT'
     union all select 4, 'group:' || u.group_id, null, null from users u where u.id = $1 and u.group_id is not null
     union all (
       select 5, 'chat:' || m.chat_id, s.last_message_at, m.chat_id
         from chat_members m join chat_sequences s on s.chat_id = m.chat_id
        where m.user_id = $1 order by s.last_message_at desc nulls last, m.chat_id desc limit $2)
   ) own order by place, at desc nulls last, id desc limit $2`,
);

/** All topics of a user, at most `limit`: their own, then those of their chats, the ones first in which something was sent last. */
export async function listOwn(
  queries: Queries,
  userId: number,
  { limit }: Pick<KeysetPage, "limit">,
): Promise<string[]> {
  return (await queries.many(listOwnRows, [userId, limit])).map(({ topic }) => topic);
}

const listMissedRows = statement<StoredUpdate>(
  "read",
  "list-missed-updates",
  `select d.id, d.topic, d.pts, d.kind, d.subject_id, d.actor_id, d.created_at
     from unnest($2::text[], $3::bigint[], $4::bigint[]) with ordinality as w (topic, after, until, place)
     join users u on u.id = $1 and ${isActive}
    cross join lateral (
      select * from updates d where d.topic = w.topic and d.pts > w.after and d.pts <= w.until order by d.pts
    ) d
    where ${mayFollow("w.topic")}
    order by w.place, d.pts`,
);

/** A part of a topic that somebody has missed. */
export interface Missed {
  readonly topic: string;
  readonly after: number;
  readonly until: number;
}

/** The updates of such parts, of each in the order of pts; fewer than a part has when they are kept no more, or the right has ended. */
export async function listMissed(queries: Queries, userId: number, parts: readonly Missed[]): Promise<StoredUpdate[]> {
  if (parts.length === 0) return [];
  const columns = [parts.map(({ topic }) => topic), parts.map(({ after }) => after), parts.map(({ until }) => until)];
  return queries.many(listMissedRows, [userId, ...columns]);
}

/** A user and a topic that they follow. */
export interface Following {
  readonly topic: string;
  readonly user_id: number;
}

const listEndedRows = statement<Following>(
  "read",
  "list-ended-followings",
  `select w.topic, w.user_id
     from unnest($1::text[], $2::bigint[]) as w (topic, user_id)
     left join users u on u.id = w.user_id and ${isActive}
    where u.id is null or (${mayFollow("w.topic")}) is not true`,
);

/** Those of some users and topics where the user may not follow the topic any more: as a rule none. */
export async function listEnded(queries: Queries, following: readonly Following[]): Promise<Following[]> {
  if (following.length === 0) return [];
  return queries.many(listEndedRows, [following.map(({ topic }) => topic), following.map(({ user_id }) => user_id)]);
}

const listNewestRows = statement<{ topic: string; pts: number }>(
  "read",
  "list-stored-pts",
  "select topic, pts from update_topics where topic = any($1::text[])",
);

/** The newest pts of topics in which something has happened. No right is asked: they are those of who follows them. */
export async function listNewest(queries: Queries, topics: readonly string[]): Promise<Position[]> {
  return queries.many(listNewestRows, [topics]);
}
