// Polls: making, reading, closing and deleting them, voting in them, and what came of it.
import { lockCaller } from "../../accounts/above.js";
import type { Call, Handlers } from "../../call.js";
import { StreamedBody } from "../../contract/streams/streamed-body.js";
import { ApiError } from "../../errors.js";
import type { Empty } from "../../gen/google/protobuf/empty.js";
import type { Poll, PollService } from "../../gen/lyceum/v1/poll.js";
import { recordAudit } from "../../platform/audit/audit.js";
import type { Queries } from "../../platform/database/database.js";
import { pageOf, readPage } from "../../platform/page.js";
import { recordUpdates, type UpdateKind } from "../../platform/updates/updates.js";
import { includedPeople } from "../../users/people.js";
import { isStaff, updatesOf } from "../audience.js";
import { notPublished, postNotFound } from "../require.js";
import { type LockedPost, lockPost } from "../store.js";
import { exportVotes } from "./export.js";
import {
  askedChoice,
  askedPoll,
  lockManaged,
  pollClosed,
  requireManaged,
  requirePoll,
  requireResults,
  requireVersion,
} from "./require.js";
import * as store from "./store.js";
import { deleteVote, insertVote, listAnswers } from "./votes-store.js";

/** The handlers of PollService. */
export function pollHandlers(): Handlers<PollService> {
  return {
    async createPoll(request, call) {
      const { user, database } = call;
      const draft = askedPoll(request, user.id);
      return database.transaction(async (queries) => {
        await lockCaller(queries, user);
        const post = await lockPost(queries, user, draft.post_id);
        if (!post) throw postNotFound(draft.post_id);
        if (post.author_id !== user.id && !isStaff(user))
          throw new ApiError("PERMISSION_DENIED", `Post with id=${post.id} is someone else's`);
        const id = await store.insertPoll(queries, draft);
        if (id === undefined) throw new ApiError("POST_HAS_POLL", `Post with id=${post.id} has a poll`);
        return changed(queries, call, post, { id, act: "create" });
      });
    },

    async getPoll({ poll_id }, { user, database }) {
      return requirePoll(database, user, poll_id);
    },

    async updatePoll({ poll_id, closes_at, never_closes }, call) {
      return change(call, poll_id, async (queries, { post, poll }) => {
        requireVersion(call, poll);
        if (poll.is_closed) throw pollClosed(poll_id);
        if (closes_at === undefined && !never_closes) return poll;
        if (await store.movePoll(queries, poll_id, never_closes ? undefined : closes_at))
          return changed(queries, call, post, { id: poll_id, act: "move" });
        const kept = await requirePoll(queries, call.user, poll_id);
        // Its time has come since it was read.
        if (kept.is_closed) throw pollClosed(poll_id);
        return kept;
      });
    },

    async closePoll({ poll_id }, call) {
      return change(call, poll_id, async (queries, { post }) =>
        (await store.closePoll(queries, poll_id))
          ? changed(queries, call, post, { id: poll_id, act: "close", kind: "poll.closed" })
          : requirePoll(queries, call.user, poll_id),
      );
    },

    async deletePoll({ poll_id }, call): Promise<Empty> {
      return change(call, poll_id, async (queries, { post, poll }) => {
        requireVersion(call, poll);
        if (!(await store.deletePoll(queries, poll_id)))
          throw new ApiError("POLL_HAS_VOTES", `Poll with id=${poll_id} has votes`);
        await record(queries, call, post, { id: poll_id, act: "delete" });
        return {};
      });
    },

    async voteInPoll(request, { user, database }) {
      const { poll_id } = request;
      const choice = askedChoice(request, await requirePoll(database, user, poll_id));
      while (!(await insertVote(database, user, poll_id, choice))) await requireOpen(database, user, poll_id);
      return requirePoll(database, user, poll_id);
    },

    async takeBackPollVote({ poll_id }, { user, database }) {
      for (;;) {
        if (await deleteVote(database, user, poll_id)) return requirePoll(database, user, poll_id);
        const poll = await requirePoll(database, user, poll_id);
        // Nobody has voted in the poll of a draft.
        if (!poll.is_post_published) return poll;
        await requireOpen(database, user, poll_id);
      }
    },

    async listPollAnswers(request, { user, database }) {
      const { poll_id } = request;
      const page = readPage(request, { scope: ["poll-answers", poll_id], key: [0], isOldestFirst: false });
      const rows = await listAnswers(database, user, poll_id, page);
      if (rows.length === 0) await requireResults(database, user, poll_id);
      const { rows: answers, next_page_token } = pageOf(rows, page, ({ id }) => [id]);
      const ids = answers.map(({ voter_id }) => voter_id);
      return { answers, next_page_token, people: await includedPeople(database, user, request, ids) };
    },

    async exportPollVotes({ poll_id }, call) {
      const poll = await requireManaged(call.database, call.user, poll_id);
      const name = `poll-${poll_id}-${call.now.toISOString().slice(0, 10)}.csv`;
      call.headers.add("Content-Disposition", `attachment; filename="${name}"`);
      return new StreamedBody("text/csv", exportVotes(call, poll));
    },
  };
}

/** Changes a poll that the caller manages, in one transaction. */
async function change<Answer>(
  call: Call,
  id: number,
  act: (queries: Queries, locked: Awaited<ReturnType<typeof lockManaged>>) => Promise<Answer>,
): Promise<Answer> {
  return call.database.transaction(async (queries) => {
    await lockCaller(queries, call.user);
    return act(queries, await lockManaged(queries, call.user, id));
  });
}

/** What was done to a poll. */
interface Act {
  readonly id: number;
  readonly act: "create" | "move" | "close" | "delete";
  /** `poll.changed` when absent. */
  readonly kind?: UpdateKind;
}

/** The poll as it is now, after what was done to it is recorded. */
async function changed(queries: Queries, call: Call, post: LockedPost, act: Act): Promise<Poll> {
  const poll = await requirePoll(queries, call.user, act.id);
  await record(queries, call, post, act);
  return poll;
}

/** Records what was done to others' polls in the audit, and tells of what those who read the post can see. */
async function record(queries: Queries, call: Call, post: LockedPost, { id, act, kind = "poll.changed" }: Act) {
  const { user } = call;
  if (post.author_id !== user.id) await recordAudit(queries, call, { action: `poll.${act}`, target: ["poll", id] });
  if (post.is_published) await recordUpdates(queries, user.id, updatesOf(kind, post, { subjectId: id }));
}

/** Finds out why a poll took no vote. Returns when it does by now. Throws POLL_NOT_FOUND, POST_NOT_PUBLISHED and POLL_CLOSED. */
async function requireOpen(queries: Queries, user: Call["user"], id: number): Promise<void> {
  const poll = await requirePoll(queries, user, id);
  if (!poll.is_post_published) throw notPublished(poll.post_id);
  if (poll.is_closed) throw pollClosed(id);
  // It was shown to the caller between the two statements; or the account has ended.
  await lockCaller(queries, user);
}
