// Removing posts and comments, and the end of the reports of them: by the author, or by the staff, which is recorded.
import type { Call } from "../call.js";
import type { Comment } from "../gen/lyceum/v1/comment.js";
import { recordAudits, type AuditEvent } from "../platform/audit/audit.js";
import type { Queries } from "../platform/database/database.js";
import type { Update } from "../platform/updates/updates.js";
import { updatesOf } from "./audience.js";
import { removeComment, removePost, type ReportedThing, type Resolution, resolveReports } from "./removal-store.js";
import type { LockedPost } from "./store.js";

/** Removes a locked, published post, in a transaction that ends with recording the updates that this returns. */
export async function removeWhole(queries: Queries, { user: { id } }: Call, post: LockedPost): Promise<Update[]> {
  await removePost(queries, post.id, id);
  return updatesOf("post.removed", post);
}

/** Removes a locked comment that is not removed, with its post locked; the same. */
export async function removeOne(
  queries: Queries,
  { user: { id } }: Call,
  comment: Pick<Comment, "id">,
  post: LockedPost,
): Promise<Update[]> {
  await removeComment(queries, comment.id, id);
  return updatesOf("comment.removed", post, { subjectId: comment.id });
}

/** Records an act of the staff, and resolves the open reports of the thing; returns the updates to record. */
export async function resolveAll(
  queries: Queries,
  call: Call,
  thing: ReportedThing,
  resolution: Resolution,
): Promise<Update[]> {
  const ids = await resolveReports(queries, thing, resolution);
  const action = resolution.state === "REPORT_STATE_REMOVED" ? "report.remove" : "report.dismiss";
  await recordAudits(
    queries,
    call,
    ids.map((id): AuditEvent => ({ action, target: ["report", id] })),
  );
  return ids.map((id): Update => ({ topic: "staff", kind: "report.resolved", subjectId: id }));
}
