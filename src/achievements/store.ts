// The SQL of achievements: their rows, and who may see them.
import type { Achievement, CreateAchievementRequest } from "../gen/lyceum/v1/achievement.js";
import type { Role } from "../gen/lyceum/v1/user.js";
import type { Queries } from "../platform/database/database.js";
import { statement } from "../platform/database/statement.js";

/** Somebody who wants to see achievements. */
export interface Viewer {
  readonly id: number;
  readonly role: Role;
}

const isStaff = "$2::text in ('ROLE_TEACHER', 'ROLE_SUPER_ADMIN')";

/** SQL for whether the user $1 with the role $2 sees achievement `a` in every state, and its file. */
export const isOpen = `(a.user_id = $1::bigint or ${isStaff})`;

/** SQL for whether that user sees it at all. */
export const isVisible = `(${isOpen} or a.state = 'ACHIEVEMENT_STATE_ACCEPTED')`;

const timestamp = (column: string): string => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** The columns of an achievement `a`, as that user may see it. */
export const columns = `a.id, a.user_id, a.kind, a.title, a.description, a.state, a.points, a.reason, a.moderator_id, a.moderated_at,
  a.revoked_by_id, a.revoked_at, a.created_at, a.version,
  case when ${isOpen} then (
    select json_build_object('id', f.id, 'name', f.name, 'media_type', f.media_type, 'size', c.size,
                             'sha256', encode(c.sha256, 'hex'), 'purpose', f.purpose, 'created_at', ${timestamp("f.created_at")},
                             'claimed_at', ${timestamp("f.claimed_at")})
      from files f join file_contents c on c.file_id = f.id and c.side = 0
     where f.id = a.file_id) end as file`;

const findRow = statement<Achievement>(
  "read",
  "find-achievement",
  `select ${columns} from achievements a where a.id = $3 and ${isVisible}`,
);

/** An achievement that the viewer may see; undefined for every other. */
export async function findAchievement(queries: Queries, id: number, viewer: Viewer): Promise<Achievement | undefined> {
  return queries.one(findRow, [viewer.id, viewer.role, id]);
}

const insertRow = statement<Achievement>(
  "pool",
  "insert-achievement",
  `with a as (
     insert into achievements (user_id, kind, title, description, file_id) values ($1, $3, $4, $5, $6) returning *
   )
   select ${columns} from a`,
);

/** Inserts an achievement of a person who is locked. Its file is claimed. */
export async function insertAchievement(
  queries: Queries,
  owner: Viewer,
  { kind, title, description, file_id }: CreateAchievementRequest,
): Promise<Achievement> {
  return (await queries.one(insertRow, [owner.id, owner.role, kind, title, description, file_id]))!;
}

const updateRow = statement<{ id: number }>(
  "pool",
  "update-achievement",
  `update achievements
      set kind = coalesce($2, kind), title = coalesce($3, title), description = coalesce($4, description),
          file_id = coalesce($5, file_id), version = version + 1
    where id = $1 and state = 'ACHIEVEMENT_STATE_PENDING'
      and (kind, title, description, file_id)
          is distinct from (coalesce($2, kind), coalesce($3, title), coalesce($4, description), coalesce($5, file_id))
   returning id`,
);

/** What to change of an achievement. What is absent stays. */
export type AchievementChange = Partial<Pick<CreateAchievementRequest, "kind" | "title" | "description" | "file_id">>;

/** Changes an achievement that waits, of a person who is locked; false when everything is equal already, which changes nothing. */
export async function updateAchievement(
  queries: Queries,
  id: number,
  { kind, title, description, file_id }: AchievementChange,
): Promise<boolean> {
  return (await queries.one(updateRow, [id, kind, title, description, file_id])) !== undefined;
}

const deleteRow = statement<object>(
  "pool",
  "delete-achievement",
  "delete from achievements where id = $1 and state = 'ACHIEVEMENT_STATE_PENDING'",
);

/** Deletes an achievement that waits, of a person who is locked. Its file is released after it. */
export async function deletePending(queries: Queries, id: number): Promise<void> {
  await queries.one(deleteRow, [id]);
}

const deleteRows = statement<object>(
  "pool",
  "delete-achievements-of-user",
  "delete from achievements where user_id = $1",
);

/** Deletes all achievements of a person who is locked. Their files are released after it. */
export async function deleteAllOf(queries: Queries, userId: number): Promise<void> {
  await queries.many(deleteRows, [userId]);
}
