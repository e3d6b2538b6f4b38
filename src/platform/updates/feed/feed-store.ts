// The SQL of the feed.
import type { Queries } from "../../database/database.js";
import { statement } from "../../database/statement.js";
import type { StoredUpdate } from "../consumer.js";
import type { IdRange } from "./unseen-ids.js";

const unseenRows = statement<StoredUpdate>(
  "read",
  "list-unseen-updates",
  `select u.id, u.topic, u.pts, u.kind, u.subject_id, u.actor_id, u.created_at
     from unnest($1::bigint[], $2::bigint[]) as range (first, last)
    cross join lateral (
      select * from updates where id between range.first and range.last order by id limit $3
    ) u
    order by u.id limit $3`,
);

/** The first `limit` updates with ids in these ranges, in the order of their ids, as one moment has them. */
export async function listUnseen(queries: Queries, ranges: readonly IdRange[], limit: number): Promise<StoredUpdate[]> {
  const values = [ranges.map(({ first }) => first), ranges.map(({ last }) => last), limit];
  return queries.many(unseenRows, values);
}

const readByAnyRow = statement<{ last_id: number }>(
  "read",
  "find-last-id-that-was-read",
  "select coalesce(max(last_id), 0) as last_id from update_consumers",
);

/** An id up to which all is settled, since a consumer has read so far; 0 without any. */
export async function findReadByAny(queries: Queries): Promise<number> {
  return (await queries.one(readByAnyRow, []))!.last_id;
}

const newestRows = statement<{ topic: string; pts: number }>(
  "read",
  "list-newest-pts",
  "select topic, pts from update_topics where topic = any ($1::text[])",
);

/** The pts of the newest update of each of these topics that has had any. */
export async function listNewestPts(
  queries: Queries,
  topics: readonly string[],
): Promise<{ topic: string; pts: number }[]> {
  return queries.many(newestRows, [topics]);
}
