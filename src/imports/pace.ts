// The pace of an import: most of the time is for the requests of others.
import { setTimeout as delay } from "node:timers/promises";

/** In multiples of the time that a step took, and in milliseconds. */
const restOfStep = 3;
const leastMs = 20;

/** Waits three times as long as the step since `begunAt` (performance.now()) took, and 20 ms at least. Rejects when it is aborted. */
export async function giveWay(begunAt: number, signal: AbortSignal): Promise<void> {
  const ms = Math.max(leastMs, restOfStep * (performance.now() - begunAt));
  await delay(ms, undefined, { signal });
}
