// The sweep of uploads that killed processes have left half written.
import type { SweepStep } from "../sweep/sweep.js";
import type { BlobStore } from "./blob-store.js";

/** Longer than any upload goes without a byte: then its connection has ended. */
const olderThanMs = 60 * 60_000;

/** A step that removes parts to which nothing was written for an hour. */
export function sweepParts(store: Pick<BlobStore, "sweepParts">): SweepStep {
  return {
    name: "parts of uploads",
    run: async () => ({ rows: await store.sweepParts(olderThanMs), isComplete: true }),
  };
}
