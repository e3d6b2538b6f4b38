// The SQL that inserts updates, in the transaction of the act. Nothing else writes the tables.
import type { Queries } from "../database/database.js";
import { statement } from "../database/statement.js";

/** SQL for an update, over the columns of its source. */
interface UpdateColumns {
  readonly topic: string;
  readonly kind: string;
  readonly subjectId: string;
  readonly actorId: string;
}

/**
 * The two parts of a WITH that insert one update for the one row of `source`, or none without a row: for the statement of an act that
 * runs often. `updatesInsert` is for more rows.
 */
export const updateInsert = (source: string, { topic, kind, subjectId, actorId }: UpdateColumns): string => `
   update_place as (
     insert into update_topics as t (topic) select ${topic} from ${source}
     on conflict (topic) do update set pts = t.pts + 1
     returning t.topic, t.pts
   ), update_told as (
     insert into updates (topic, pts, kind, subject_id, actor_id)
     select update_place.topic, update_place.pts, ${kind}, ${subjectId}, ${actorId} from update_place, ${source}
   )`;

/**
 * The parts of a WITH that insert an update for each row of `source`, whatever their topics, in the order of `place` within each.
 * Topics are locked in their order, so that no two statements wait for each other.
 */
export const updatesInsert = (
  source: string,
  { topic, kind, subjectId, actorId, place }: UpdateColumns & { readonly place: string },
): string => `
   update_rows as (
     select ${topic} as topic, ${kind} as kind, ${subjectId} as subject_id, ${actorId} as actor_id, ${place} as place from ${source}
   ), update_places as (
     insert into update_topics as t (topic, pts) select topic, count(*) from update_rows group by topic order by topic
     on conflict (topic) do update set pts = t.pts + excluded.pts
     returning t.topic, t.pts
   ), updates_told as (
     insert into updates (topic, pts, kind, subject_id, actor_id)
     select r.topic, p.pts + 1 - row_number() over (partition by r.topic order by r.place desc), r.kind, r.subject_id, r.actor_id
       from update_rows r join update_places p on p.topic = r.topic
      order by r.topic, r.place
   )`;

/** An update that is not inserted yet. */
export interface UpdateRow {
  readonly topic: string;
  readonly kind: string;
  readonly subject_id: number;
  /** Absent for the system itself. */
  readonly actor_id: number | undefined;
}

const insertUpdateRows = statement<object>(
  "pool",
  "insert-updates",
  `with given as (
     select * from unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[]) with ordinality
                as given (topic, kind, subject_id, actor_id, place)
   ), ${updatesInsert("given", {
     topic: "topic",
     kind: "kind",
     subjectId: "subject_id",
     actorId: "actor_id",
     place: "place",
   })}
   select`,
);

/** Inserts updates. */
export async function insertUpdates(queries: Queries, updates: readonly UpdateRow[]): Promise<void> {
  await queries.one(insertUpdateRows, [
    updates.map(({ topic }) => topic),
    updates.map(({ kind }) => kind),
    updates.map(({ subject_id }) => subject_id),
    updates.map(({ actor_id }) => actor_id ?? null),
  ]);
}
