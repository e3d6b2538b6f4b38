// The SQL of votes in polls. The voter is locked first, against the end of the account, then the poll, then the vote; a trigger counts.
import type { Caller } from "../../call.js";
import type { PollAnswer } from "../../gen/lyceum/v1/poll.js";
import type { Queries } from "../../platform/database/database.js";
import { statement } from "../../platform/database/statement.js";
import type { KeysetPage } from "../../platform/page.js";
import { isSeen } from "../visibility-store.js";
import { openPoll, viewedPolls } from "./store.js";

/** What somebody votes for. */
export interface Choice {
  /** The numbers of options, in their order; none with an answer. */
  readonly options: readonly number[];
  readonly answer: string | undefined;
}

const insertVoteRow = statement<{ id: number }>(
  "write",
  "insert-poll-vote",
  `with ${openPoll}, vote as (
     insert into poll_votes as v (poll_id, user_id, options, answer) select poll.id, $1, $4::bigint[], $5 from poll
     on conflict (poll_id, user_id) do update
       set id = default, options = excluded.options, answer = excluded.answer, voted_at = excluded.voted_at
     where (v.options, v.answer) is distinct from (excluded.options, excluded.answer)
   )
   select id from poll`,
);

/** Votes in place of a former vote, if there is one; false when there is no open poll, of a published post, that the voter may see. */
export async function insertVote(queries: Queries, voter: Caller, pollId: number, vote: Choice): Promise<boolean> {
  const { options, answer } = vote;
  return (await queries.one(insertVoteRow, [voter.id, voter.role, pollId, options, answer])) !== undefined;
}

const deleteVoteRow = statement<{ id: number }>(
  "write",
  "delete-poll-vote",
  `with ${openPoll}, vote as (
     delete from poll_votes v using poll where v.poll_id = poll.id and v.user_id = $1
   )
   select id from poll`,
);

/** Takes a vote back, if there is one; false as insertVote. */
export async function deleteVote(queries: Queries, voter: Caller, pollId: number): Promise<boolean> {
  return (await queries.one(deleteVoteRow, [voter.id, voter.role, pollId])) !== undefined;
}

const lockVotedPollRows = statement<object>(
  "pool",
  "lock-voted-polls",
  "select from polls q where q.id in (select poll_id from poll_votes where user_id = $1) order by q.id for no key update",
);

const deleteVoteRows = statement<object>(
  "pool",
  "delete-poll-votes-of-user",
  "delete from poll_votes where user_id = $1",
);

/** Takes back all votes of a locked user, in closed polls too, with the polls locked in the order of ids. */
export async function deleteVotes(queries: Queries, userId: number): Promise<void> {
  await queries.many(lockVotedPollRows, [userId]);
  await queries.one(deleteVoteRows, [userId]);
}

const listAnswerRows = statement<PollAnswer>(
  "pool",
  "list-poll-answers",
  `select v.id, v.answer as text, case when n.is_named then v.user_id end as voter_id, case when n.is_named then v.voted_at end as voted_at
     from ${viewedPolls}
    cross join lateral (select terms.is_managed and not q.is_anonymous as is_named) n
     join poll_votes v on v.poll_id = q.id
    where q.id = $3 and ${isSeen("p")} and terms.are_results_shown and v.id < $4 and v.answer is not null
    order by v.id desc limit $5 offset $6`,
);

/** The answers of a poll whose results the viewer is shown, the newest first. `page.after` is an id. */
export async function listAnswers(
  queries: Queries,
  viewer: Caller,
  pollId: number,
  { after, limit, skip }: KeysetPage,
): Promise<PollAnswer[]> {
  const values = [viewer.id, viewer.role, pollId, ...(after ?? [Number.MAX_SAFE_INTEGER]), limit, skip];
  return queries.many(listAnswerRows, values);
}

/** A vote as it is exported. */
export interface ExportedVote {
  readonly place: string;
  readonly user_id: number;
  readonly first_name: string;
  readonly last_name: string;
  readonly voted_at: string;
  readonly options: readonly number[];
  readonly answer?: string;
}

const listVoteRows = statement<ExportedVote>(
  "pool",
  "list-poll-votes",
  `select v.place::text as place, v.user_id, u.first_name, u.last_name, v.voted_at, v.options, v.answer
     from poll_votes v join users u on u.id = v.user_id
    where v.poll_id = $1 and v.place > $2::uuid
    order by v.place limit $3 offset $4`,
);

/** The votes of a poll, in an order that says nothing. `page.after` is a place. */
export async function listVotes(
  queries: Queries,
  pollId: number,
  { after, limit, skip }: KeysetPage,
): Promise<ExportedVote[]> {
  // A place is random, and never zero.
  return queries.many(listVoteRows, [pollId, ...(after ?? ["00000000-0000-0000-0000-000000000000"]), limit, skip]);
}
