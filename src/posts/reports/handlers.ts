// Reports: people say what is wrong with posts and comments, and the staff decide.
import { lockCaller } from "../../accounts/above.js";
import type { Call, Handlers } from "../../call.js";
import { ApiError } from "../../errors.js";
import type { Empty } from "../../gen/google/protobuf/empty.js";
import type { Report, ReportService } from "../../gen/lyceum/v1/report.js";
import { recordAudit } from "../../platform/audit/audit.js";
import type { Queries } from "../../platform/database/database.js";
import { pageOf, readPage } from "../../platform/page.js";
import { recordUpdates, type Update } from "../../platform/updates/updates.js";
import { requireComment } from "../comments/require.js";
import { lockComment } from "../comments/store.js";
import { removeOne, removeWhole, resolveAll } from "../removal.js";
import { requirePost } from "../require.js";
import { lockAnyPost, type LockedPost } from "../store.js";
import { countOpen, listReports } from "./listing-store.js";
import * as store from "./store.js";

/** The handlers of ReportService. */
export function reportHandlers(): Handlers<ReportService> {
  return {
    async reportPost({ post_id, reason }, { user, database }): Promise<Empty> {
      for (;;) {
        const reported = await store.reportPost(database, user, post_id, reason);
        if (reported !== "nothing") return done(reported);
        const post = await requirePost(database, user, post_id);
        if (post.author_id === user.id) throw ownThing();
        // It was published between the two statements.
      }
    },

    async reportComment({ comment_id, reason }, { user, database }): Promise<Empty> {
      for (;;) {
        const reported = await store.reportComment(database, user, comment_id, reason);
        if (reported !== "nothing") return done(reported);
        const comment = await requireComment(database, user, comment_id);
        if (comment.author_id === user.id) throw ownThing();
      }
    },

    async listReports(request, { user, database }) {
      const { state = "REPORT_STATE_OPEN", post_id, author_id } = request;
      const filter = { viewerId: user.id, state, postId: post_id, authorId: author_id };
      const page = readPage(request, { scope: ["reports", filter], key: [0] });
      const [rows, open_count] = await Promise.all([listReports(database, filter, page), countOpen(database, filter)]);
      const { rows: reports, next_page_token } = pageOf(rows, page, ({ id }) => [id]);
      return { reports, next_page_token, open_count };
    },

    async getReport({ report_id }, { user, database }) {
      return requireReport(database, user.id, report_id);
    },

    async resolveReport({ report_id, decision, note = "" }, call) {
      const { user, database } = call;
      return database.transaction(async (queries) => {
        await lockCaller(queries, user);
        const { post_id, comment_id } = await requireReport(queries, user.id, report_id);
        const post = await lockAnyPost(queries, post_id);
        // Again, after the lock, under which all decisions are made.
        const report = await requireReport(queries, user.id, report_id);
        if (report.state !== "REPORT_STATE_OPEN") throw resolved(report);
        const isRemoved = decision === "remove";
        const thing = { postId: post_id, commentId: comment_id, withComments: isRemoved && comment_id === undefined };
        const state = isRemoved ? "REPORT_STATE_REMOVED" : "REPORT_STATE_DISMISSED";
        const updates = isRemoved ? await remove(queries, call, post, comment_id) : [];
        updates.push(...(await resolveAll(queries, call, thing, { state, byId: user.id, note })));
        const answer = await requireReport(queries, user.id, report_id);
        await recordUpdates(queries, user.id, updates);
        return answer;
      });
    },
  };
}

/** Removes what is reported, unless somebody has: its author, or who decided on another report. */
async function remove(
  queries: Queries,
  call: Call,
  post: LockedPost,
  commentId: number | undefined,
): Promise<Update[]> {
  if (commentId === undefined) {
    if (post.is_removed) return [];
    await recordAudit(queries, call, { action: "post.remove", target: ["post", post.id] });
    return removeWhole(queries, call, post);
  }
  const comment = await lockComment(queries, commentId);
  if (comment.removed_at !== undefined) return [];
  await recordAudit(queries, call, { action: "comment.remove", target: ["comment", commentId] });
  return removeOne(queries, call, comment, post);
}

function done(reported: store.Reported): Empty {
  if (reported === "already")
    throw new ApiError("ALREADY_REPORTED", "You have reported this, and nobody has decided yet");
  return {};
}

function ownThing(): ApiError {
  return new ApiError("PERMISSION_DENIED", "Nobody reports what they have written themselves");
}

async function requireReport(queries: Queries, viewerId: number, id: number): Promise<Report> {
  const report = await store.findReport(queries, viewerId, id);
  if (!report) throw new ApiError("REPORT_NOT_FOUND", `Report with id=${id} not found`);
  return report;
}

function resolved({ resolved_by_id, state }: Report): ApiError {
  const what = state === "REPORT_STATE_REMOVED" ? "removed it" : "dismissed the report";
  return new ApiError("REPORT_RESOLVED", `User with id=${resolved_by_id} has ${what} already`);
}
