// The SQL of medals and of who has them. The rules are in the table of medals, and awarding-store.ts applies them.
import type { Language } from "../call.js";
import type { Medal, UserMedal } from "../gen/lyceum/v1/medal.js";
import type { Queries } from "../platform/database/database.js";
import { type Statement, statement } from "../platform/database/statement.js";
import type { KeysetPage } from "../platform/page.js";

/** SQL for a medal `m`; $1 is the language. */
const texts = `case when $1::text = 'ru' then m.name_ru else m.name_en end as name,
  case when $1::text = 'ru' then m.description_ru else m.description_en end as description`;
const rule = `case when m.counter is not null
                   then json_build_object('counter', m.counter, 'threshold', m.threshold) end as rule`;
const medal = `(select json_strip_nulls(row_to_json(k)) from (select m.id, ${texts}, m.grade, ${rule}) k) as medal`;
const columns = `h.id, h.user_id, ${medal}, h.awarded_at, h.awarded_by_id, h.reason`;

const listMedalRows = statement<Medal>(
  "read",
  "list-medals",
  `select m.id, ${texts}, m.grade, ${rule} from medals m order by m.id`,
);

/** The kinds of medals, in a language. */
export async function listMedals(queries: Queries, language: Language): Promise<Medal[]> {
  return queries.many(listMedalRows, [language]);
}

const findMedalRow = statement<object>("read", "find-medal", "select id from medals where id = $1");

/** Whether there is such a medal. */
export async function isMedal(queries: Queries, id: number): Promise<boolean> {
  return (await queries.one(findMedalRow, [id])) !== undefined;
}

const listHolderRows = [
  "",
  "and exists (select from users u where u.id = user_medals.user_id and u.group_id = $6)",
].map((condition) =>
  statement<UserMedal>(
    "pool",
    condition ? "list-medal-holders-of-group" : "list-medal-holders",
    `select ${columns}
         from (select * from user_medals
                where medal_id = $2 and revoked_at is null and id < coalesce($3::bigint, 9223372036854775807) ${condition}
                order by id desc limit $4 offset $5) h
         join medals m on m.id = h.medal_id
        order by h.id desc`,
  ),
) as [Statement<UserMedal>, Statement<UserMedal>];

/** Who has a medal. */
export interface HolderFilter {
  readonly medalId: number;
  /** Absent for everybody. */
  readonly groupId?: number | undefined;
}

/** Who has a medal, the newest first. `page.after` is the id of an award. */
export async function listHolders(
  queries: Queries,
  language: Language,
  { medalId, groupId }: HolderFilter,
  { after, limit, skip }: KeysetPage,
): Promise<UserMedal[]> {
  const values = [language, medalId, after?.[0], limit, skip];
  const [ofAll, ofGroup] = listHolderRows;
  return groupId === undefined ? queries.many(ofAll, values) : queries.many(ofGroup, [...values, groupId]);
}

const ofUser = `select ${columns} from user_medals h join medals m on m.id = h.medal_id
                 where h.user_id = $2 and h.revoked_at is null`;

const listUserMedalRows = statement<UserMedal>("read", "list-user-medals", `${ofUser} order by h.id desc`);

/** The medals of a person, the newest first: at most one of each kind. */
export async function listAllOfUser(queries: Queries, language: Language, userId: number): Promise<UserMedal[]> {
  return queries.many(listUserMedalRows, [language, userId]);
}

const findUserMedalRow = statement<UserMedal>("read", "find-user-medal", `${ofUser} and h.medal_id = $3`);

/** A medal of a person; undefined when they do not have it. */
export async function findUserMedal(
  queries: Queries,
  language: Language,
  userId: number,
  medalId: number,
): Promise<UserMedal | undefined> {
  return queries.one(findUserMedalRow, [language, userId, medalId]);
}

/** A medal that is awarded by hand. */
export interface Award {
  readonly userId: number;
  readonly medalId: number;
  readonly byUserId: number;
  readonly reason: string;
}

const insertUserMedalRow = statement<{ id: number }>(
  "pool",
  "insert-user-medal",
  // One that was revoked has a new id: it is the newest. It stays one that was awarded by rule.
  `insert into user_medals as h (user_id, medal_id, awarded_by_id, reason, is_by_rule) values ($1, $2, $3, $4, false)
   on conflict (user_id, medal_id) do update
     set id = default, awarded_by_id = excluded.awarded_by_id, reason = excluded.reason, awarded_at = excluded.awarded_at,
         revoked_at = null
   where h.revoked_at is not null
   returning id`,
);

/** Awards a medal to a locked person; returns the id of the award, or undefined when they have it already. */
export async function insertUserMedal(
  queries: Queries,
  { userId, medalId, byUserId, reason }: Award,
): Promise<number | undefined> {
  return (await queries.one(insertUserMedalRow, [userId, medalId, byUserId, reason]))?.id;
}

const revokeRow = statement<{ id: number }>(
  "pool",
  "revoke-user-medal",
  `with deleted as (
     delete from user_medals where user_id = $1 and medal_id = $2 and not is_by_rule returning id
   ), kept as (
     update user_medals set revoked_at = now()
      where user_id = $1 and medal_id = $2 and is_by_rule and revoked_at is null returning id
   )
   select id from deleted union all select id from kept`,
);

/**
 * Takes a medal from a locked person; returns the id of the award, or undefined when they do not have it. The row of one that was
 * ever awarded by itself stays, and keeps it from being awarded by itself again.
 */
export async function revokeUserMedal(queries: Queries, userId: number, medalId: number): Promise<number | undefined> {
  return (await queries.one(revokeRow, [userId, medalId]))?.id;
}

const deleteRows = statement<object>("pool", "delete-user-medals", "delete from user_medals where user_id = $1");

/** Deletes the medals of a person who is locked. */
export async function deleteUserMedals(queries: Queries, userId: number): Promise<void> {
  await queries.one(deleteRows, [userId]);
}
