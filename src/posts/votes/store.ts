// The SQL of votes: a row for each person and post, and their number in the row of the post. The user is locked first, against the end
// of the account, then the vote, then the post.
import type { Caller } from "../../call.js";
import type { PostVotes } from "../../gen/lyceum/v1/post.js";
import type { Queries } from "../../platform/database/database.js";
import { statement } from "../../platform/database/statement.js";
import { updatesInsert } from "../../platform/updates/updates-store.js";
import { isListed, isSeen, topicsOf } from "../visibility-store.js";

/** A post after a vote. The count is absent when the vote was as asked for already. */
interface Counted {
  readonly post_id: number;
  readonly vote_count?: number;
}

const findVoteCountRow = statement<{ vote_count: number }>(
  "read",
  "find-post-vote-count",
  "select vote_count from posts where id = $1",
);

// A statement that finds the vote in place has perhaps waited for it, and reads the count of before.
async function votesOf(
  queries: Queries,
  counted: Counted | undefined,
  is_voted: boolean,
): Promise<PostVotes | undefined> {
  if (!counted) return undefined;
  const { post_id } = counted;
  const vote_count = counted.vote_count ?? (await queries.one(findVoteCountRow, [post_id]))?.vote_count ?? 0;
  return { post_id, vote_count, is_voted };
}

const voter = "voter as materialized (select id from users where id = $1 and deleted_at is null for share)";

const insertVoteRow = statement<Counted>(
  "write",
  "insert-post-vote",
  `with ${voter}, post as materialized (
     select p.id from posts p, voter
      where p.id = $3 and p.author_id <> $1 and ${isListed("p")} and ${isSeen("p")}
   ), vote as (
     insert into post_votes (post_id, user_id) select id, $1 from post on conflict do nothing returning post_id
   ), counted as (
     update posts p set vote_count = p.vote_count + 1, has_new_votes = true from vote where p.id = vote.post_id
     returning p.vote_count
   )
   select post.id as post_id, (select vote_count from counted) as vote_count from post`,
);

/** Votes for a post of another person, once; undefined when there is none that the voter may see and that is published. */
export async function insertVote(queries: Queries, voter: Caller, postId: number): Promise<PostVotes | undefined> {
  return votesOf(queries, await queries.one(insertVoteRow, [voter.id, voter.role, postId]), true);
}

const deleteVoteRow = statement<Counted>(
  "write",
  "delete-post-vote",
  `with ${voter}, post as materialized (
     select p.id from posts p, voter where p.id = $3 and ${isSeen("p")}
   ), vote as (
     delete from post_votes v using post where v.post_id = post.id and v.user_id = $1 returning v.post_id
   ), counted as (
     update posts p set vote_count = p.vote_count - 1, has_new_votes = true from vote where p.id = vote.post_id
     returning p.vote_count
   )
   select post.id as post_id, (select vote_count from counted) as vote_count from post`,
);

/** Takes a vote back, if there is one; undefined when there is no post that the voter may see. */
export async function deleteVote(queries: Queries, voter: Caller, postId: number): Promise<PostVotes | undefined> {
  return votesOf(queries, await queries.one(deleteVoteRow, [voter.id, voter.role, postId]), false);
}

const tellVoteRows = statement<{ id: number }>(
  "pool",
  "tell-post-votes",
  `with due as materialized (
     select p.id from posts p where p.has_new_votes order by p.id limit $1 for no key update skip locked
   ), cleared as (
     update posts p set has_new_votes = false from due where p.id = due.id
     returning p.id, p.author_id, p.is_for_all, p.removed_at
   ), alive as (
     select * from cleared where removed_at is null
   ), ${topicsOf("alive")}, ${updatesInsert("told", {
     topic: "told.topic",
     kind: "'post.votes'",
     subjectId: "told.post_id",
     actorId: "null::bigint",
     place: "told.post_id",
   })}
   select id from cleared`,
);

/** Records one update for each of at most `limit` posts whose votes have changed, and forgets that they have; returns how many. */
export async function tellVotes(queries: Queries, limit: number): Promise<number> {
  return (await queries.many(tellVoteRows, [limit])).length;
}

const lockVotedPostRows = statement<object>(
  "pool",
  "lock-voted-posts",
  `select from posts p where p.id in (select post_id from post_votes where user_id = $1) order by p.id for no key update`,
);

const deleteVotesRow = statement<object>(
  "pool",
  "delete-votes-of-user",
  `with gone as (delete from post_votes where user_id = $1 returning post_id)
   update posts p set vote_count = p.vote_count - 1, has_new_votes = true from gone where p.id = gone.post_id`,
);

/** Takes back all votes of a locked user, with the posts locked in the order of ids. */
export async function deleteVotes(queries: Queries, userId: number): Promise<void> {
  await queries.many(lockVotedPostRows, [userId]);
  await queries.one(deleteVotesRow, [userId]);
}
