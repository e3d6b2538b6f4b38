// The SQL of the ledger. A row is never changed; those of a person end with the account.
import type { PointsEntry } from "../gen/lyceum/v1/point.js";
import type { Queries } from "../platform/database/database.js";
import { statement } from "../platform/database/statement.js";
import type { KeysetPage } from "../platform/page.js";

/** A row of the ledger that is not inserted yet. */
export interface NewRow {
  readonly userId: number;
  /** A negative amount takes back; never 0. */
  readonly amount: number;
  /** What they are for. It gives points once, and takes them back once; without it each row counts. */
  readonly sourceId?: number | undefined;
  /** Absent for the system. */
  readonly byUserId?: number | undefined;
  /** What the person is told beside the reason. */
  readonly note?: string | undefined;
}

/** With the lock, so that the rating is the newest one, whatever the transaction has locked before. */
const person =
  "person as materialized (select id, rating from users where id = $1 and deleted_at is null for no key update)";

const insertPointsRow = statement<{ id: number }>(
  "pool",
  "insert-points",
  `with ${person}
   insert into points (user_id, amount, total, reason, source_id, by_user_id, note)
   select id, $2::bigint, rating + $2::bigint, $3, $4, $5, coalesce($6, '') from person
   on conflict do nothing
   returning id`,
);

/** Inserts a row; returns its id. Undefined when there is one for the source already, or the account has ended. */
export async function insertPoints(
  queries: Queries,
  { userId, amount, reason, sourceId, byUserId, note }: NewRow & { readonly reason: string },
): Promise<number | undefined> {
  return (await queries.one(insertPointsRow, [userId, amount, reason, sourceId, byUserId, note]))?.id;
}

const insertDifferenceRow = statement<{ id: number; amount: number }>(
  "pool",
  "insert-points-difference",
  `with ${person}
   insert into points (user_id, amount, total, reason, by_user_id)
   select id, $2::bigint - rating, $2::bigint, 'POINTS_REASON_RATING_SET', $3::bigint from person where rating <> $2::bigint
   returning id, amount`,
);

/** Inserts the row that makes a rating what is given; undefined when it is so already, or the account has ended. */
export async function insertDifference(
  queries: Queries,
  userId: number,
  rating: number,
  byUserId: number,
): Promise<{ id: number; amount: number } | undefined> {
  return queries.one(insertDifferenceRow, [userId, rating, byUserId]);
}

const columns = "id, user_id, amount, total, reason, source_id, note, by_user_id, created_at";

const findEntryRow = statement<PointsEntry>(
  "read",
  "find-points-entry",
  `select ${columns} from points where id = $2 and user_id = $1`,
);

/** An entry of a person; undefined when there is none. */
export async function findEntry(queries: Queries, userId: number, id: number): Promise<PointsEntry | undefined> {
  return queries.one(findEntryRow, [userId, id]);
}

const listEntryRows = statement<PointsEntry>(
  "pool",
  "list-points-entries",
  `select ${columns} from points
    where user_id = $1 and id < coalesce($2::bigint, 9223372036854775807)
    order by id desc limit $3 offset $4`,
);

/** The entries of a person, the newest first. `page.after` is an id. */
export async function listEntries(
  queries: Queries,
  userId: number,
  { after, limit, skip }: KeysetPage,
): Promise<PointsEntry[]> {
  return queries.many(listEntryRows, [userId, after?.[0], limit, skip]);
}

const deleteRows = statement<object>("pool", "delete-points", "delete from points where user_id = $1");

/** Deletes the rows of a person who is locked. */
export async function deletePoints(queries: Queries, userId: number): Promise<void> {
  await queries.one(deleteRows, [userId]);
}
