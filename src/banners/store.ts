// The SQL of banners. A change is told to the school in its own statement.
import type { Banner, CreateBannerRequest } from "../gen/lyceum/v1/banner.js";
import type { Queries } from "../platform/database/database.js";
import { statement } from "../platform/database/statement.js";
import type { KeysetPage } from "../platform/page.js";
import { updatesInsert } from "../platform/updates/updates-store.js";

const columns = "b.id, b.level, b.text, b.active_from, b.active_until, b.created_at, b.version";

/** SQL for whether a banner is shown now. */
const isShown = "(coalesce(b.active_from <= now(), true) and coalesce(b.active_until, 'infinity') > now())";

const page = (condition: string): string => `
  select ${columns} from banners b
   where ($1::bigint is null or b.id < $1) and ${condition}
   order by b.id desc limit $2 offset $3`;

const listAll = statement<Banner>("pool", "list-banners", page("true"));
const listShown = statement<Banner>("read", "list-active-banners", page(isShown));

/** The banners, the newest first: all, or those that are shown now. `page.after` is an id. */
export async function listBanners(
  queries: Queries,
  which: "all" | "shown",
  { after: [id] = [], limit, skip }: KeysetPage,
): Promise<Banner[]> {
  return queries.many(which === "all" ? listAll : listShown, [id, limit, skip]);
}

const findBannerRow = statement<Banner>("read", "find-banner", `select ${columns} from banners b where b.id = $1`);

/** A banner; undefined when there is none. */
export async function findBanner(queries: Queries, id: number): Promise<Banner | undefined> {
  return queries.one(findBannerRow, [id]);
}

const insertBannerRow = statement<Banner>(
  "pool",
  "insert-banner",
  `insert into banners as b (level, text, active_from, active_until, is_shown)
   values ($1, $2, $3, $4, coalesce($3 <= now(), true) and coalesce($4 > now(), true))
   returning ${columns}`,
);

/** Inserts a banner. `active_from` must be before `active_until`. */
export async function insertBanner(
  queries: Queries,
  { level, text, active_from, active_until }: CreateBannerRequest,
): Promise<Banner> {
  return (await queries.one(insertBannerRow, [level, text, active_from, active_until]))!;
}

const lockBannerRow = statement<Banner>(
  "pool",
  "lock-banner",
  `select ${columns} from banners b where b.id = $1 for update`,
);

/** Locks a banner against every other change; undefined when there is none. */
export async function lockBanner(queries: Queries, id: number): Promise<Banner | undefined> {
  return queries.one(lockBannerRow, [id]);
}

const updateBannerRow = statement<Banner>(
  "pool",
  "update-banner",
  `update banners as b
      set level = $2, text = $3, active_from = $4, active_until = $5, version = b.version + 1,
          is_shown = coalesce($4 <= now(), true) and coalesce($5 > now(), true)
    where b.id = $1 and (b.level, b.text, b.active_from, b.active_until) is distinct from ($2, $3, $4::timestamptz(3), $5::timestamptz(3))
   returning ${columns}`,
);

/** Changes a locked banner; undefined when it is like this already. */
export async function updateBanner(queries: Queries, banner: Banner): Promise<Banner | undefined> {
  const { id, level, text, active_from, active_until } = banner;
  return queries.one(updateBannerRow, [id, level, text, active_from, active_until]);
}

const deleteBannerRow = statement<object>("pool", "delete-banner", "delete from banners where id = $1");

/** Deletes a locked banner. */
export async function deleteBanner(queries: Queries, id: number): Promise<void> {
  await queries.one(deleteBannerRow, [id]);
}

const tellRows = statement<{ count: number }>(
  "pool",
  "tell-banners",
  `with due as (
     select b.id, ${isShown} as is_shown from banners b
      where b.is_shown <> ${isShown}
      order by b.id limit $1 for update skip locked
   ), told as (
     update banners b set is_shown = due.is_shown from due where b.id = due.id returning b.id
   ), ${updatesInsert("told", {
     topic: "'school'",
     kind: "'banner.changed'",
     subjectId: "id",
     actorId: "null::bigint",
     place: "id",
   })}
   select count(*) as count from told`,
);

/** Tells of at most `limit` banners whose time has come or gone, each once; returns how many. */
export async function tellBanners(queries: Queries, limit: number): Promise<number> {
  return (await queries.one(tellRows, [limit]))!.count;
}
