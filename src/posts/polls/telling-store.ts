// The SQL that tells of polls: of votes that have come or gone, and of closing times that have come.
import type { Queries } from "../../platform/database/database.js";
import { statement } from "../../platform/database/statement.js";
import { updatesInsert } from "../../platform/updates/updates-store.js";
import { isListed, topicsOf } from "../visibility-store.js";
import { isOpen } from "./store.js";

const tell = (name: string, kind: string, condition: string, order: string, change: string) =>
  statement<{ id: number }>(
    "pool",
    name,
    `with due as materialized (
       select q.id from polls q where ${condition} order by ${order} limit $1 for no key update skip locked
     ), told_polls as (
       update polls q set ${change} from due where q.id = due.id returning q.id, q.post_id
     ), alive as (
       select p.id, p.author_id, p.is_for_all from told_polls q join posts p on p.id = q.post_id where ${isListed("p")}
     ), ${topicsOf("alive")}, ${updatesInsert(
       "(select told.topic, q.id from told join told_polls q on q.post_id = told.post_id) told",
       { topic: "told.topic", kind: `'${kind}'`, subjectId: "told.id", actorId: "null::bigint", place: "told.id" },
     )}
     select id from told_polls`,
  );

const tellVoteRows = tell("tell-poll-votes", "poll.voted", "q.has_new_votes", "q.id", "has_new_votes = false");
const tellClosedRows = tell(
  "tell-closed-polls",
  "poll.closed",
  `not q.is_closing_told and q.closes_at is not null and not ${isOpen("q")}`,
  "q.closes_at, q.id",
  "is_closing_told = true",
);

/** Records one update for each of at most `limit` polls whose votes have changed, and forgets that they have; returns how many. */
export async function tellVotes(queries: Queries, limit: number): Promise<number> {
  return (await queries.many(tellVoteRows, [limit])).length;
}

/** The same for polls whose closing time has come. */
export async function tellClosed(queries: Queries, limit: number): Promise<number> {
  return (await queries.many(tellClosedRows, [limit])).length;
}
