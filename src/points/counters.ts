// Counters of people: what they have done so many times. Medals are awarded at thresholds of them.
import type { Queries } from "../platform/database/database.js";
import { recordUpdates } from "../platform/updates/updates.js";
import * as store from "./counters-store.js";

/** What is counted of a person. */
export type Counter = "tasks_solved" | "day_challenges" | "merged_requests";

/**
 * Adds to a counter of a person, and records `counter.changed`, of which they are the subject. A negative amount takes back, and fails
 * when less than nothing would be left. Nothing happens to a person whose account has ended. As with addPoints, the person is locked
 * first in the transaction, and this comes last. It counts each call: the caller knows what was counted already.
 */
export async function addToCounter(queries: Queries, userId: number, counter: Counter, amount: number): Promise<void> {
  const name = `MEDAL_COUNTER_${counter.toUpperCase() as Uppercase<Counter>}` as const;
  if (!(await store.addToCounter(queries, userId, name, amount))) return;
  await recordUpdates(queries, undefined, [{ topic: `user:${userId}`, kind: "counter.changed", subjectId: userId }]);
}
