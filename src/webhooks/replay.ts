// Sending again what happened from a time on: part by part, so that each takes a moment.
import type { Database } from "../platform/database/database.js";
import { wholeMsUntil } from "../platform/milliseconds.js";
import { findBounds, findTime, replay } from "./deliveries-store.js";
import { sendSoon } from "./jobs.js";

/** The most events of one request, and of how many ids they are looked for. */
const mostEvents = 1_000;
const span = 100_000;
/** Two updates with ids so far apart are in the order of their times. */
const margin = 1_000;

/** Has a part of what happened sent to an endpoint; returns how much, and where to go on, undefined at the end. */
export async function replayPart(
  database: Database,
  webhookId: number,
  since: string,
  afterId: number | undefined,
): Promise<{ count: number; next_update_id?: number }> {
  const from = wholeMsUntil(since);
  const { first, last } = await findBounds(database);
  const after = Math.max(first - 1, afterId ?? (await findStart(database, from, first, last)));
  const upTo = Math.min(last, after + span);
  return database.transaction(async (queries) => {
    const { count, last_id } = await replay(queries, webhookId, { after, upTo }, from, mostEvents);
    await sendSoon(queries, [webhookId]);
    const reached = count === mostEvents ? last_id! : upTo;
    return { count, ...(reached < last && { next_update_id: reached }) };
  });
}

/** An id before which everything happened before a time. */
async function findStart(database: Database, time: string, first: number, last: number): Promise<number> {
  let [low, high] = [first, last];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const at = await findTime(database, middle);
    if (at !== undefined && at < time) low = middle + 1;
    else high = middle;
  }
  return Math.max(low - margin, 0);
}
