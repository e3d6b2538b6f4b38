// Comments: writing, listing, reading, changing and removing them.
import { lockCaller } from "../../accounts/above.js";
import type { Call, Handlers } from "../../call.js";
import { ApiError } from "../../errors.js";
import type { Empty } from "../../gen/google/protobuf/empty.js";
import type { Comment, CommentService } from "../../gen/lyceum/v1/comment.js";
import { recordAudit } from "../../platform/audit/audit.js";
import type { Queries } from "../../platform/database/database.js";
import { pageOf, readPage } from "../../platform/page.js";
import { recordUpdates } from "../../platform/updates/updates.js";
import { includedPeople } from "../../users/people.js";
import { isStaff, updatesOf } from "../audience.js";
import { removeOne, resolveAll } from "../removal.js";
import { notPublished, requirePost } from "../require.js";
import { lockAnyPost } from "../store.js";
import { listComments, listVersions } from "./listing-store.js";
import { commentNotFound, requireComment } from "./require.js";
import * as store from "./store.js";

/** The handlers of CommentService. */
export function commentHandlers(): Handlers<CommentService> {
  return {
    async createComment({ post_id, text, reply_to_id }, { user, database }) {
      for (;;) {
        const draft = { postId: post_id, text, replyToId: reply_to_id };
        const comment = await store.insertComment(database, user, draft);
        if (comment) return comment;
        const post = await requirePost(database, user, post_id);
        if (post.state === "POST_STATE_DRAFT") throw notPublished(post_id);
        if (reply_to_id !== undefined) {
          const answered = await store.findComment(database, user, reply_to_id);
          if (answered?.post_id !== post_id) throw commentNotFound(reply_to_id);
        }
        // The post was published, or shown to the caller, between the statements; or the account has ended.
        await lockCaller(database, user);
      }
    },

    async listComments(request, { user, database }) {
      const { post_id, root_id } = request;
      const page = readPage(request, { scope: ["comments", post_id, root_id], key: [0, 0] });
      const rows = await listComments(database, user, request, page);
      if (rows.length === 0) await requirePost(database, user, post_id);
      const { rows: comments, next_page_token } = pageOf(rows, page, ({ thread_id, id }) => [thread_id, id]);
      const ids = comments.map(({ author_id }) => author_id);
      return { comments, next_page_token, people: await includedPeople(database, user, request, ids) };
    },

    async getComment({ comment_id }, { user, database }) {
      return requireComment(database, user, comment_id);
    },

    async updateComment({ comment_id, text }, call) {
      const { user, database } = call;
      return database.transaction(async (queries) => {
        await lockCaller(queries, user);
        const { comment, post } = await lock(queries, call, comment_id);
        if (comment.author_id !== user.id) throw notYours(comment_id);
        requireVersion(call, comment);
        if (text === undefined || text === comment.text) return comment;
        const changed = await store.updateComment(queries, comment_id, text);
        await recordUpdates(queries, user.id, updatesOf("comment.edited", post, { subjectId: comment_id }));
        return changed;
      });
    },

    async deleteComment({ comment_id }, call): Promise<Empty> {
      const { user, database } = call;
      return database.transaction(async (queries) => {
        await lockCaller(queries, user);
        const { comment, post } = await lock(queries, call, comment_id);
        if (comment.author_id !== user.id && !isStaff(user)) throw notYours(comment_id);
        requireVersion(call, comment);
        const updates = await removeOne(queries, call, comment, post);
        if (comment.author_id !== user.id) {
          await recordAudit(queries, call, { action: "comment.remove", target: ["comment", comment_id] });
          const decision = { state: "REPORT_STATE_REMOVED", byId: user.id, note: "" } as const;
          updates.push(...(await resolveAll(queries, call, { postId: post.id, commentId: comment_id }, decision)));
        }
        await recordUpdates(queries, user.id, updates);
        return {};
      });
    },

    async listCommentVersions(request, { user, database }) {
      const { comment_id } = request;
      const page = readPage(request, { scope: ["comment-versions", comment_id], key: [0] });
      await requireComment(database, user, comment_id);
      const rows = await listVersions(database, comment_id, page);
      const { rows: versions, next_page_token } = pageOf(rows, page, ({ number }) => [number]);
      return { versions, next_page_token };
    },
  };
}

/** Locks the post of a comment, then the comment, which the caller may see. Throws COMMENT_NOT_FOUND. */
async function lock(queries: Queries, { user }: Call, id: number) {
  const { post_id } = await requireComment(queries, user, id);
  const post = await lockAnyPost(queries, post_id);
  await store.lockComment(queries, id);
  // Again, after the locks: it may have been removed meanwhile, or its post.
  return { post, comment: await requireComment(queries, user, id) };
}

function notYours(id: number): ApiError {
  return new ApiError("PERMISSION_DENIED", `Comment with id=${id} is someone else's`);
}

function requireVersion({ precondition }: Call, { id, version }: Comment): void {
  if (!precondition.permitsVersion(version))
    throw new ApiError("PRECONDITION_FAILED", `Comment with id=${id} has changed`);
}
