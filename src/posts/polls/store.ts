// The SQL of polls: making, reading, closing and deleting them. Who may see a poll is decided in each statement: whoever sees its post.
import type { Caller } from "../../call.js";
import type { CreatePollRequest, Poll } from "../../gen/lyceum/v1/poll.js";
import type { Queries } from "../../platform/database/database.js";
import { statement } from "../../platform/database/statement.js";
import { isListed, isSeen } from "../visibility-store.js";

/** SQL for whether a poll takes votes, by the clock of the database at the moment at which it is asked, after a wait for a lock too. */
export const isOpen = (poll: string): string => `(${poll}.closes_at is null or ${poll}.closes_at > clock_timestamp())`;

/** A poll that is not inserted yet, for a locked post. */
export type NewPoll = Omit<CreatePollRequest, "min_choices" | "max_choices"> & {
  readonly authorId: number;
  readonly min_choices: number;
  readonly max_choices: number;
};

const insertPollRow = statement<{ id: number }>(
  "pool",
  "insert-poll",
  `insert into polls (post_id, author_id, question, kind, options, min_choices, max_choices, closes_at, results, is_anonymous, option_counts)
   values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, array_fill(0, array[cardinality($5::text[])]))
   on conflict (post_id) do nothing returning id`,
);

/** Inserts a poll and returns its id; undefined when its post has one. */
export async function insertPoll(queries: Queries, poll: NewPoll): Promise<number | undefined> {
  const { post_id, authorId, question, kind, options, min_choices, max_choices, closes_at, results, is_anonymous } =
    poll;
  const values = [post_id, authorId, question, kind, options, min_choices, max_choices, closes_at, results];
  return (await queries.one(insertPollRow, [...values, is_anonymous]))?.id;
}

/** A poll, and what is asked of it beside what is shown. */
export interface SeenPoll extends Poll {
  /** Whether the viewer is the author of the post, or of the staff. */
  readonly is_managed: boolean;
  readonly is_post_published: boolean;
}

/**
 * SQL for polls `q` with their posts `p` and the votes `own` of the viewer, $1 with the role $2: in `terms` what they may do and see
 * (is_managed, is_closed, are_results_shown). Whether they see the post is asked beside.
 */
export const viewedPolls = `polls q
     join posts p on p.id = q.post_id
     left join poll_votes own on own.poll_id = q.id and own.user_id = $1
    cross join lateral (select p.author_id = $1 or $2::text <> 'ROLE_STUDENT' as is_managed, not ${isOpen("q")} as is_closed) m
    cross join lateral (
      select m.*, m.is_managed or m.is_closed or q.results = 'POLL_RESULTS_ALWAYS'
                  or (q.results = 'POLL_RESULTS_AFTER_VOTE' and own.user_id is not null) as are_results_shown) terms`;

const findPollRow = statement<SeenPoll>(
  "read",
  "find-poll",
  `select q.id, q.post_id, q.author_id, q.question, q.kind, q.min_choices, q.max_choices, q.results, q.is_anonymous, q.created_at,
          q.closes_at, terms.is_closed, q.voter_count, terms.are_results_shown, coalesce(own.options, '{}') as chosen_options, own.answer, own.voted_at,
          q.version, terms.is_managed, p.published_at is not null as is_post_published,
          (select coalesce(json_agg(json_strip_nulls(json_build_object('number', o.number, 'text', o.text,
                    'vote_count', case when terms.are_results_shown then q.option_counts[o.number] end)) order by o.number), '[]')
             from unnest(q.options) with ordinality as o (text, number)) as options
     from ${viewedPolls}
    where q.id = $3 and ${isSeen("p")}`,
);

/** A poll as the viewer sees it; undefined when there is none that they may see. */
export async function findPoll(queries: Queries, viewer: Caller, id: number): Promise<SeenPoll | undefined> {
  return queries.one(findPollRow, [viewer.id, viewer.role, id]);
}

const lockPollRow = statement<object>("pool", "lock-poll", "select from polls where id = $1 for no key update");

/** Locks a poll, whose post is locked, against votes. */
export async function lockPoll(queries: Queries, id: number): Promise<void> {
  await queries.one(lockPollRow, [id]);
}

const movePollRow = statement<object>(
  "pool",
  "move-poll",
  `update polls q set closes_at = $2, version = version + 1
    where q.id = $1 and ${isOpen("q")} and q.closes_at is distinct from $2::timestamptz(3) returning q.id`,
);

/** Moves the closing time of a locked poll, undefined for none; false when it is closed, and when it has that time already. */
export async function movePoll(queries: Queries, id: number, closesAt: string | undefined): Promise<boolean> {
  return (await queries.one(movePollRow, [id, closesAt])) !== undefined;
}

const closePollRow = statement<object>(
  "pool",
  "close-poll",
  `update polls q set closes_at = date_trunc('milliseconds', clock_timestamp()), is_closing_told = true, version = version + 1
    where q.id = $1 and ${isOpen("q")} returning q.id`,
);

/** Closes a locked poll, whose closing the caller tells of; false when it is closed already. */
export async function closePoll(queries: Queries, id: number): Promise<boolean> {
  return (await queries.one(closePollRow, [id])) !== undefined;
}

const deletePollRow = statement<object>(
  "pool",
  "delete-poll",
  "delete from polls where id = $1 and voter_count = 0 returning id",
);

/** Deletes a locked poll; false when it has votes. */
export async function deletePoll(queries: Queries, id: number): Promise<boolean> {
  return (await queries.one(deletePollRow, [id])) !== undefined;
}

/** SQL for a poll that takes votes from the caller $1 with the role $2, locked: a row `poll` of a `with`. The poll is $3. */
export const openPoll = `voter as materialized (select id from users where id = $1 and deleted_at is null for share),
   poll as materialized (
     select q.id from polls q, posts p, voter
      where q.id = $3 and p.id = q.post_id and ${isListed("p")} and ${isSeen("p")} and ${isOpen("q")}
        for no key update of q
   )`;
