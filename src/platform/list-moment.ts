// The moment of the first page of a list whose order can change. The pages after it are of the same moment, whatever has
// changed since: the page token carries it, and the SQL of a list tells by it what was there (docs/adr/0033-pages-are-of-one-moment.md).
import { invalidPageToken, type KeysetPage } from "./page.js";

/** A longer snapshot, which more than a hundred transactions at once would need, is cut: a page token has a bound. */
const longestSnapshot = 800;

/**
 * SQL for the moment of its statement, as text: a mark, and a pg_snapshot where the mark does not tell what was there. `mark` is SQL for
 * a number that grows with each change of a key, and `age` for the milliseconds since the last one. The mark is the whole moment
 * when no transaction is running that could have made a change with a smaller mark: none at all, or the last change was five
 * minutes ago. So the token of an unchanged page stays the same, and with it the tag of the page. Within two seconds of a change
 * there is always a snapshot: the time of a send may be a little before its transaction.
 */
export const currentMoment = (mark: string, age = "2000"): string =>
  `(select coalesce(${mark}, 0)
              || case when ${age} >= 300000 or (${age} >= 2000 and pg_snapshot_xmin(seen) = pg_snapshot_xmax(seen))
                      then '' else ' ' || seen end
         from pg_current_snapshot() seen)`;

/** SQL for a row (mark, snapshot) from a moment, such as `$5`. */
export const readMoment = (moment: string): string =>
  `select split_part(${moment}::text, ' ', 1)::bigint as mark,
              nullif(split_part(${moment}::text, ' ', 2), '')::pg_snapshot as snapshot`;

/**
 * SQL for whether a change was there at the moment, a row that readMoment made: `mark` is that of the change, `transaction` what made
 * it, null if long ago.
 */
export const wasThere = (mark: string, transaction: string, moment: string): string =>
  `case when ${moment}.snapshot is null then ${mark} <= ${moment}.mark
           else coalesce(pg_visible_in_snapshot(${transaction}, ${moment}.snapshot), true) end`;

/**
 * A moment for a page token, in at most 820 characters. In one that was cut, what was committed while older transactions
 * were still running counts as not there yet.
 */
export function shortMoment(moment: string): string {
  const [mark, snapshot = ""] = moment.split(" ");
  if (snapshot.length <= longestSnapshot) return moment;
  const [oldest] = snapshot.split(":");
  return `${mark} ${oldest}:${oldest}:`;
}

/** Throws INVALID_PAGE_TOKEN when the last part of a page's key is no moment. */
export function requireMoment({ after }: KeysetPage): void {
  if (after && !isMoment(String(after.at(-1)))) throw invalidPageToken();
}

/** Whether Postgres can read it: a token is not signed. */
function isMoment(text: string): boolean {
  const [, snapshot] = /^\d{1,15}(?: ([\d:,]+))?$/.exec(text) ?? ["", ""];
  return snapshot === undefined || isSnapshot(snapshot);
}

function isSnapshot(text: string): boolean {
  const [, oldest, next, running] = /^(\d{1,18}):(\d{1,18}):((?:\d{1,18}(?:,\d{1,18})*)?)$/.exec(text) ?? [];
  if (oldest === undefined) return false;
  const ids = [oldest, ...(running ? running.split(",") : []), next!].map(BigInt);
  const isAscending = ids.every((id, at) => at === 0 || ids[at - 1]! <= id);
  return ids[0]! > 0n && isAscending && (!running || ids.at(-2)! < ids.at(-1)!);
}
