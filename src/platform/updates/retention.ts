// How long updates are kept.
import { batchSweep } from "../sweep/batch-sweep.js";
import type { SweepStep } from "../sweep/sweep.js";
import type { Consumer } from "./consumer.js";
import { deleteOld } from "./consumers-store.js";

/** For so many days a client that was away can catch up. */
const days = 30;

/** Deletes updates that are too old, and that every consumer has read. */
export const sweepUpdates = (consumers: readonly Consumer[]): SweepStep =>
  batchSweep("updates", (queries, limit) =>
    deleteOld(
      queries,
      limit,
      days,
      consumers.map(({ name }) => name),
    ),
  );
