// Chains what was committed, in the background. Writers do not know of it: it reads what they have left in the queue at their
// commits. Any number of processes may do so; one of them at a time does it.
import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "pino";
import { ApiError } from "../../errors.js";
import type { Database } from "../database/database.js";
import { type ChainKey, entriesOf, noHead } from "./chain.js";
import { findHead, hasQueued, insertEntries, lockChain, takeQueued } from "./chain-store.js";

/** The most events of one transaction. */
const batch = 500;

/** Gives every committed event its entry; returns how many it has chained. Stops when another process is at it. */
export async function chainCommitted(database: Database, key: ChainKey, signal?: AbortSignal): Promise<number> {
  let chained = 0;
  while (!signal?.aborted && (await hasQueued(database))) {
    const count = await database.transaction(async (queries) => {
      if (!(await lockChain(queries))) return 0;
      const events = await takeQueued(queries, batch);
      // After the lock, so that the entries of the process before are seen.
      const head = (await findHead(queries)) ?? noHead;
      await insertEntries(queries, entriesOf(events, head, key));
      return events.length;
    });
    if (count === 0) break;
    chained += count;
  }
  return chained;
}

export interface ChainingOptions {
  readonly database: Database;
  readonly key: ChainKey;
  readonly log: Logger;
  /** Milliseconds between two looks at the queue; 1,000 when absent. */
  readonly everyMs?: number;
}

export interface Chaining {
  /** Resolves when the transaction under way has ended. */
  close(): Promise<void>;
}

/**
 * Starts to chain: an event has its entry about a second after its commit. It looks, and is not notified: a notification would make the
 * commits of writers wait for each other. Does not keep the process alive.
 */
export function startChaining({ database, key, log, everyMs = 1_000 }: ChainingOptions): Chaining {
  const stop = new AbortController();
  const { signal } = stop;
  const logged = database.with(log);

  async function run(): Promise<void> {
    while (!signal.aborted) {
      await chainCommitted(logged, key, signal).catch((error: unknown) => {
        // An outage is logged by the database itself.
        if (!(error instanceof ApiError)) log.error({ err: error }, "the audit could not be chained; this is repeated");
      });
      // Rejects only when it is aborted.
      await delay(everyMs, undefined, { ref: false, signal }).catch(() => undefined);
    }
  }

  const running = run();
  return {
    async close() {
      stop.abort();
      await running;
    },
  };
}
