// The SQL of the queue of reports. Their places never change.
import type { Report, ReportState } from "../../gen/lyceum/v1/report.js";
import type { Queries } from "../../platform/database/database.js";
import { type Statement, statement } from "../../platform/database/statement.js";
import type { KeysetPage } from "../../platform/page.js";
import { columns, joins, reportedText } from "./store.js";

/** Which reports to list: of what others than the viewer have written. */
export interface ReportFilter {
  readonly viewerId: number;
  readonly state: ReportState;
  readonly postId: number | undefined;
  readonly authorId: number | undefined;
}

const cut = columns(`left(${reportedText}, 1000)`, `length(${reportedText}) > 1000`);

/** A name for a statement with these conditions, and the conditions; their parameters begin with $`first`. */
function conditionsOf({ postId, authorId }: ReportFilter, first: number): { name: string; sql: string } {
  const post = postId === undefined ? "" : ` and r.post_id = $${first}`;
  const author = authorId === undefined ? "" : ` and r.author_id = $${postId === undefined ? first : first + 1}`;
  return { name: `${post && "-of-post"}${author && "-of-author"}`, sql: post + author };
}

const valuesOf = ({ postId, authorId }: ReportFilter): number[] =>
  [postId, authorId].filter((value) => value !== undefined);

const lists = new Map<string, Statement<Report>>();
const counts = new Map<string, Statement<{ open_count: number }>>();

function known<Row>(statements: Map<string, Statement<Row>>, name: string, text: string): Statement<Row> {
  const made = statements.get(name) ?? statement<Row>("pool", name, text);
  statements.set(name, made);
  return made;
}

/** The reports that the filter chooses, the oldest first. `page.after` is an id. */
export async function listReports(
  queries: Queries,
  filter: ReportFilter,
  { after, limit, skip }: KeysetPage,
): Promise<Report[]> {
  const { name, sql } = conditionsOf(filter, 6);
  const list = known(
    lists,
    `list-reports${name}`,
    `select ${cut} from (
       select * from post_reports r
        where r.author_id <> $1 and r.state = $2 and r.id > $3${sql}
        order by r.id limit $4 offset $5
     ) r ${joins}
      order by r.id`,
  );
  return queries.many(list, [filter.viewerId, filter.state, ...(after ?? [0]), limit, skip, ...valuesOf(filter)]);
}

/** How many open reports the filter chooses, whatever its state is. */
export async function countOpen(queries: Queries, filter: ReportFilter): Promise<number> {
  const { name, sql } = conditionsOf(filter, 2);
  const count = known(
    counts,
    `count-open-reports${name}`,
    `select count(*)::integer as open_count from post_reports r where r.author_id <> $1 and r.state = 'REPORT_STATE_OPEN'${sql}`,
  );
  return (await queries.one(count, [filter.viewerId, ...valuesOf(filter)]))!.open_count;
}
