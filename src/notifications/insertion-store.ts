// The SQL that inserts notifications of what happened, for the causes: whom each concerns is decided by the SQL of each.
import type { Queries } from "../platform/database/database.js";
import { type Statement, statement } from "../platform/database/statement.js";
import type { StoredUpdate } from "../platform/updates/consumer.js";

/**
 * SQL for the notifications to insert, of the rows of `source` (user_id, type, payload, actor_id, cause, rank): none for who did it themselves,
 * who is suspended or gone, and who does not want that type. Of two rows of one cause for one person, the one with the lower rank counts.
 * Nobody is told yet (telling-store.ts), so that nothing here waits for topics.
 */
const wanted = (source: string): string => `
     select distinct on (d.user_id, d.cause) d.user_id, d.type, d.payload, d.actor_id, d.cause
       from ${source} d
       join users u on u.id = d.user_id and u.deleted_at is null and u.suspended_at is null
      where d.user_id is distinct from d.actor_id
        and not exists (select from muted_notification_types m where m.user_id = d.user_id and m.type = d.type)
      order by d.user_id, d.cause, d.rank`;

/** SQL for the updates that are given as parameters, from $1 to $5. */
const given = `
   given as (
     select * from unnest($1::bigint[], $2::text[], $3::text[], $4::bigint[], $5::bigint[])
                as g (id, topic, kind, subject_id, actor_id)
   )`;

/**
 * A statement that inserts what is due of updates. `due` is SQL for a row (user_id, type, payload, actor_id, cause, rank) for each person, over
 * `given`, the updates (id, topic, kind, subject_id, actor_id).
 */
export const dueStatement = (name: string, due: string): Statement<object> =>
  statement<object>(
    "pool",
    name,
    `with ${given}, due as (${due})
     insert into notifications (user_id, type, payload, actor_id, cause) ${wanted("due")}
     on conflict (user_id, cause) do nothing`,
  );

/** Runs a statement that `dueStatement` made. Any number of times: what is there is not inserted again. */
export async function insertDue(
  queries: Queries,
  due: Statement<object>,
  updates: readonly StoredUpdate[],
): Promise<void> {
  if (updates.length > 0) await queries.one(due, valuesOf(updates));
}

/** The last person of a chunk; without one there is nobody left. */
interface Chunk {
  readonly last_id?: number;
}

/**
 * The same for an update that may concern thousands, of whom a statement takes $7 at most, by their ids: those after $6. `audience` is SQL
 * for the people (user_id, payload, cause) of the one row of `given`.
 */
export const chunkStatement = (name: string, type: string, audience: string): Statement<Chunk> =>
  statement<Chunk>(
    "pool",
    name,
    `with ${given}, chunk as (
       select a.* from (${audience}) a where a.user_id > $6::bigint order by a.user_id limit $7::bigint
     ), due as (
       select chunk.*, '${type}' as type, given.actor_id, 0 as rank from chunk, given
     ), inserted as (
       insert into notifications (user_id, type, payload, actor_id, cause) ${wanted("due")}
       on conflict (user_id, cause) do nothing
     )
     select max(user_id) as last_id from chunk`,
  );

const peopleOfChunk = 1_000;

/** Runs a statement that `chunkStatement` made, for each update, a thousand people after the other. Any number of times, as insertDue. */
export async function insertInChunks(
  queries: Queries,
  chunk: Statement<Chunk>,
  updates: readonly StoredUpdate[],
): Promise<void> {
  for (const update of updates) {
    for (let last: number | undefined = 0; last !== undefined;)
      last = (await queries.one(chunk, [...valuesOf([update]), last, peopleOfChunk]))?.last_id;
  }
}

const valuesOf = (updates: readonly StoredUpdate[]): unknown[] => [
  updates.map(({ id }) => id),
  updates.map(({ topic }) => topic),
  updates.map(({ kind }) => kind),
  updates.map(({ subject_id }) => subject_id),
  updates.map(({ actor_id }) => actor_id ?? null),
];
