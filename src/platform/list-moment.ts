// The moment of the first page of a list whose order can change. The pages after it are of the same moment, whatever has
// changed since: the page token carries it, and the SQL of a list tells by it what was there (docs/adr/0033-pages-are-of-one-moment.md).
import { invalidPageToken, type KeysetPage } from "./page.js";

/** A longer snapshot, which more than a hundred transactions at once would need, is cut: a page token has a bound. */
const longestSnapshot = 800;

/** SQL for the moment of its statement, as text: a time in milliseconds, a space, and a pg_snapshot. */
export const currentMoment =
  "(select (extract(epoch from statement_timestamp()) * 1000)::bigint || ' ' || pg_current_snapshot())";

/** SQL for a row (at, snapshot) from a moment, such as `$5`. */
export const readMoment = (moment: string): string =>
  `select to_timestamp(split_part(${moment}::text, ' ', 1)::float8 / 1000) as at,
              split_part(${moment}::text, ' ', 2)::pg_snapshot as snapshot`;

/** SQL for whether what a transaction did was there at the moment of a row that readMoment made. True for null: long ago. */
export const wasThere = (transaction: string, moment: string): string =>
  `coalesce(pg_visible_in_snapshot(${transaction}, ${moment}.snapshot), true)`;

/**
 * A moment for a page token, in at most 820 characters. In one that was cut, what was committed while older transactions
 * were still running counts as not there yet.
 */
export function shortMoment(moment: string): string {
  const [at, snapshot = ""] = moment.split(" ");
  if (snapshot.length <= longestSnapshot) return moment;
  const [oldest] = snapshot.split(":");
  return `${at} ${oldest}:${oldest}:`;
}

/** The moment at the end of the key of a page; undefined for a first page. Throws INVALID_PAGE_TOKEN when it is none. */
export function momentOf({ after }: KeysetPage): string | undefined {
  if (!after) return undefined;
  const moment = String(after.at(-1));
  if (!isMoment(moment)) throw invalidPageToken();
  return moment;
}

/** Whether Postgres can read it: a token is not signed. */
function isMoment(text: string): boolean {
  const [, oldest, next, running] = /^\d{1,15} (\d{1,18}):(\d{1,18}):((?:\d{1,18}(?:,\d{1,18})*)?)$/.exec(text) ?? [];
  if (oldest === undefined) return false;
  const ids = [oldest, ...(running ? running.split(",") : []), next!].map(BigInt);
  const isAscending = ids.every((id, at) => at === 0 || ids[at - 1]! <= id);
  return ids[0]! > 0n && isAscending && (!running || ids.at(-2)! < ids.at(-1)!);
}
