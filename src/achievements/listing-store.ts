// The SQL of lists of achievements, in the order in which they were handed in, which never changes: those of a person, and those that
// wait.
import type { Achievement } from "../gen/lyceum/v1/achievement.js";
import type { Queries } from "../platform/database/database.js";
import { searchStatement, type Statement, statement } from "../platform/database/statement.js";
import type { KeysetPage } from "../platform/page.js";
import { type AchievementFilter, chosenBy } from "./filters-store.js";
import { columns, isVisible, type Viewer } from "./store.js";

/** A page of those that wait, and how many there are on all pages. */
export interface PendingPage {
  readonly rows: Achievement[];
  readonly total_count: number;
}

/** One row without an achievement when the page is empty. */
type PendingRow = Partial<Achievement> & { readonly total_count: number };

const statements = new Map<string, Statement<never>>();

function known<Row>(name: string, make: () => Statement<Row>): Statement<Row> {
  const found = statements.get(name) as Statement<Row> | undefined;
  if (found) return found;
  const made = make();
  statements.set(name, made as Statement<never>);
  return made;
}

const direction = ({ isOldestFirst }: KeysetPage): "asc" | "desc" => (isOldestFirst ? "asc" : "desc");

/** SQL for a page of the achievements that the conditions choose: behind the id $3, at most $4 but the first $5. */
function pageOf(conditions: string, page: KeysetPage): string {
  const order = `order by a.id ${direction(page)}`;
  const after = `a.id ${page.isOldestFirst ? ">" : "<"} $3::bigint`;
  return `select ${columns}
     from (select * from achievements a where ${after} and ${conditions} ${order} limit $4::bigint offset $5::bigint) a
    ${order}`;
}

/** Before the first id of a list, in either direction. */
const beforeFirst = ({ isOldestFirst }: KeysetPage): number => (isOldestFirst ? 0 : Number.MAX_SAFE_INTEGER);

/** The achievements of a person that the viewer may see. `page.after` is an id. */
export async function listOfUser(
  queries: Queries,
  viewer: Viewer,
  filter: AchievementFilter & { readonly userId: number },
  page: KeysetPage,
): Promise<Achievement[]> {
  const chosen = chosenBy(filter, 5);
  const name = `list-achievements-${direction(page)}${chosen.name}`;
  const found = known(name, () => statement<Achievement>("pool", name, pageOf(`${isVisible}${chosen.sql}`, page)));
  return queries.many(found, valuesOf(viewer, page, chosen.values));
}

const isPending = "a.state = 'ACHIEVEMENT_STATE_PENDING'";

/** Those that wait and that the filter chooses, for staff. `page.after` is an id. */
export async function listPending(
  queries: Queries,
  viewer: Viewer,
  filter: Omit<AchievementFilter, "state">,
  page: KeysetPage,
): Promise<PendingPage> {
  const chosen = chosenBy(filter, 5);
  const name = `list-pending-${direction(page)}${chosen.name}`;
  const conditions = `${isPending}${chosen.sql}`;
  const found = known(name, () => {
    const text = `
   select counted.total_count, page.*
     from (select count(*)::integer as total_count from achievements a where ${conditions}) counted
     left join lateral (${pageOf(conditions, page)}) page on true
    order by page.id ${direction(page)}`;
    return filter.words?.length ? searchStatement<PendingRow>(name, text) : statement<PendingRow>("pool", name, text);
  });
  const rows = await queries.many(found, valuesOf(viewer, page, chosen.values));
  return {
    rows: rows.filter((row): row is Achievement & PendingRow => row.id !== undefined),
    total_count: rows[0]!.total_count,
  };
}

function valuesOf(viewer: Viewer, page: KeysetPage, chosen: readonly unknown[]): unknown[] {
  const { after, limit, skip } = page;
  return [viewer.id, viewer.role, after?.[0] ?? beforeFirst(page), limit, skip, ...chosen];
}
