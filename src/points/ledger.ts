// The ledger of points: a row for each giving and each taking back, of which the rating is the sum. Whoever gives points does so here.
import type { Queries } from "../platform/database/database.js";
import { recordUpdates, type Update } from "../platform/updates/updates.js";
import { addToRating } from "../users/standing.js";
import * as store from "./store.js";

/** Points that are given or taken back. */
export interface NewPoints extends store.NewRow {
  readonly reason: "achievement" | "by_hand";
}

/**
 * Gives points to a person or takes them back, keeps the rating, which may become negative, and records `points.changed`. Points that
 * were given or taken back for their source already change nothing, and neither do those of a person whose account has ended. The
 * transaction has locked the person (lockUsersToChange), before it locked anything else. Topics stay locked, so this comes last in it:
 * `alongside` are the updates of the same act, which are recorded in any case, in one order of locks. Returns the id of the row;
 * undefined when nothing has changed.
 */
export async function addPoints(
  queries: Queries,
  entry: NewPoints,
  alongside: readonly Update[] = [],
): Promise<number | undefined> {
  const { userId, amount, byUserId } = entry;
  const id = await store.insertPoints(queries, { ...entry, reason: `POINTS_REASON_${upper(entry.reason)}` });
  if (id !== undefined) await addToRating(queries, userId, amount);
  await recordUpdates(queries, byUserId, [...(id === undefined ? [] : [changed(userId, id)]), ...alongside]);
  return id;
}

/** A rating that somebody sets. */
export interface NewRating {
  readonly userId: number;
  readonly rating: number;
  readonly byUserId: number;
  /** Whether the transaction has given the person a new version already. */
  readonly hasNewVersion: boolean;
}

/**
 * Makes the rating of a person what is given, by a row of the difference, as addPoints does. Returns the update that the transaction is
 * to record with its others; undefined when the rating is so already.
 */
export async function setRating(
  queries: Queries,
  { userId, rating, byUserId, hasNewVersion }: NewRating,
): Promise<Update | undefined> {
  const row = await store.insertDifference(queries, userId, rating, byUserId);
  if (!row) return undefined;
  await addToRating(queries, userId, row.amount, hasNewVersion);
  return changed(userId, row.id);
}

const changed = (userId: number, id: number): Update => ({
  topic: `user:${userId}`,
  kind: "points.changed",
  subjectId: id,
});

const upper = <Text extends string>(text: Text): Uppercase<Text> => text.toUpperCase() as Uppercase<Text>;
