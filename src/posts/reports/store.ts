// The SQL of reports: people report posts and comments, and the staff resolve what is reported. Who has written a thing sees no report of
// it.
import type { Caller } from "../../call.js";
import type { Report } from "../../gen/lyceum/v1/report.js";
import type { Queries } from "../../platform/database/database.js";
import { statement } from "../../platform/database/statement.js";
import { updateInsert } from "../../platform/updates/updates-store.js";
import { isListed, isSeen } from "../visibility-store.js";

const insertReport = (name: string, kind: "post" | "comment", reported: string) =>
  statement<{ id?: number }>(
    "write",
    name,
    `with reported as materialized (${reported}), created as (
     insert into post_reports (post_id, comment_id, author_id, reporter_id, reason)
     select post_id, comment_id, author_id, $1, $4 from reported
     on conflict (post_id, coalesce(comment_id, 0), reporter_id) where state = 'REPORT_STATE_OPEN' do nothing
     returning id
   ), ${updateInsert("created", { topic: "'staff'", kind: `'${kind}.reported'`, subjectId: "created.id", actorId: "$1::bigint" })}
   select (select id from created) as id from reported`,
  );

const insertPostReportRow = insertReport(
  "insert-post-report",
  "post",
  `select p.id as post_id, null::bigint as comment_id, p.author_id from posts p
      where p.id = $3 and p.author_id <> $1 and ${isListed("p")} and ${isSeen("p")}`,
);

const insertCommentReportRow = insertReport(
  "insert-comment-report",
  "comment",
  `select c.post_id, c.id as comment_id, c.author_id from comments c join posts p on p.id = c.post_id
      where c.id = $3 and c.author_id <> $1 and c.removed_at is null and ${isSeen("p")}`,
);

/** What came of a report. */
export type Reported = "reported" | "already" | "nothing";

async function inserted(row: Promise<{ id?: number } | undefined>): Promise<Reported> {
  const found = await row;
  if (!found) return "nothing";
  return found.id === undefined ? "already" : "reported";
}

/** Reports a published post of somebody else; "nothing" when there is none that the reporter may see. */
export function reportPost(queries: Queries, reporter: Caller, id: number, reason: string): Promise<Reported> {
  return inserted(queries.one(insertPostReportRow, [reporter.id, reporter.role, id, reason]));
}

/** The same of a comment. */
export function reportComment(queries: Queries, reporter: Caller, id: number, reason: string): Promise<Reported> {
  return inserted(queries.one(insertCommentReportRow, [reporter.id, reporter.role, id, reason]));
}

/** The columns of a report `r`, named as its fields. */
export const columns = (text: string, isCut: string): string => `r.id, r.post_id, r.comment_id, r.author_id, t.title,
          ${text} as text, ${isCut} as is_text_cut,
          case when r.comment_id is null then p.removed_at else coalesce(c.removed_at, p.removed_at) end as removed_at, r.reporter_id,
          r.reason, r.created_at, r.state, r.resolved_at, r.resolved_by_id, r.note,
          (select count(*)::integer from post_reports o
            where o.post_id = r.post_id and coalesce(o.comment_id, 0) = coalesce(r.comment_id, 0) and o.state = 'REPORT_STATE_OPEN'
          ) as open_count`;

/** What the columns need beside the report. */
export const joins = `join posts p on p.id = r.post_id
     join post_texts t on t.post_id = r.post_id and t.is_current
     left join comments c on c.id = r.comment_id`;

/** SQL for what is reported. */
export const reportedText = "case when r.comment_id is null then t.text else c.text end";

const findReportRow = statement<Report>(
  "read",
  "find-report",
  `select ${columns(reportedText, "false")} from post_reports r ${joins} where r.id = $2 and r.author_id <> $1`,
);

/** A report of what others than the viewer have written; undefined when there is none. */
export async function findReport(queries: Queries, viewerId: number, id: number): Promise<Report | undefined> {
  return queries.one(findReportRow, [viewerId, id]);
}
