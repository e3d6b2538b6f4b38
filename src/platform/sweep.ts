// Periodic cleanup: runs an ordered list of steps in the background, at once and then at intervals. Knows no table; a
// domain defines what its step deletes.
import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "pino";
import type { Database } from "./database/database.js";

/** Deletes rows that nothing needs any more. Any number of processes may run one step at the same time. */
export interface SweepStep {
  /** The kind of rows that are deleted, for the log. */
  readonly name: string;
  /**
   * Returns the number of deleted rows. Each of its transactions is complete in itself, so that a process that is
   * killed leaves nothing half deleted; the next run deletes the rest. Returns early when `signal` is aborted.
   */
  readonly run: (database: Database, signal: AbortSignal) => Promise<number>;
}

export interface SweepOptions {
  readonly steps: readonly SweepStep[];
  readonly database: Database;
  /** For the sweep itself and for its statements. */
  readonly log: Logger;
  /** Milliseconds from the end of one run to the start of the next. */
  readonly everyMs: number;
}

export interface Sweeper {
  /** Starts no further step, and resolves when the transaction under way has ended. */
  close(): Promise<void>;
}

/**
 * Starts the periodic sweep; the first run begins at once. A step that fails is logged and does not keep the others
 * from running; the next run repeats it. Does not keep the process alive.
 */
export function startSweep({ steps, database, log, everyMs }: SweepOptions): Sweeper {
  const stop = new AbortController();
  const { signal } = stop;
  const logged = database.with(log);

  async function runStep({ name, run }: SweepStep): Promise<void> {
    const start = performance.now();
    try {
      const rows = await run(logged, signal);
      const line = { step: name, rows, duration_ms: Math.round(performance.now() - start) };
      if (rows > 0) log.info(line, "swept");
      else log.debug(line, "nothing to sweep");
    } catch (error) {
      log.error({ step: name, err: error }, "a sweep step failed; the next sweep repeats it");
    }
  }

  async function runForever(): Promise<void> {
    while (!signal.aborted) {
      for (const step of steps) if (!signal.aborted) await runStep(step);
      // Rejects only when it is aborted.
      await delay(everyMs, undefined, { ref: false, signal }).catch(() => undefined);
    }
  }

  const running = runForever();
  return {
    async close() {
      stop.abort();
      await running;
    },
  };
}
