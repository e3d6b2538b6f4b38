// Periodic cleanup: runs an ordered list of steps in the background, at once and then at intervals. Knows no table; a
// domain defines what its step deletes.
import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "pino";
import type { Database } from "../database/database.js";

/** Deletes rows that nothing needs any more. Any number of processes may run one step at the same time. */
export interface SweepStep {
  /** The kind of rows that are deleted, for the log. */
  readonly name: string;
  /**
   * Each of its transactions is complete in itself, so that a process that is killed leaves nothing half done; the next
   * run deletes the rest. Returns early when `signal` is aborted.
   */
  readonly run: (database: Database, signal: AbortSignal) => Promise<Swept>;
}

/** What a run of a step did. */
export interface Swept {
  /** The number of deleted rows. */
  readonly rows: number;
  /** False when something may be left, such as what another transaction has locked: that one may be of a killed process. */
  readonly isComplete: boolean;
}

export interface SweepOptions {
  readonly steps: readonly SweepStep[];
  readonly database: Database;
  /** For the sweep itself and for its statements. */
  readonly log: Logger;
  /** Milliseconds from the end of one run to the start of the next. */
  readonly everyMs: number;
  /** The same after a run that failed or left something; doubled with each further one, up to `everyMs`. */
  readonly soonMs: number;
  /** At which level it is logged that a step has done something; info when absent. */
  readonly doneLevel?: "info" | "debug";
}

export interface Sweeper {
  /** Starts no further step, and resolves when the transaction under way has ended. */
  close(): Promise<void>;
}

/**
 * Starts the periodic sweep; the first run begins at once. A step that fails is logged and does not keep the others
 * from running; the next run, which comes soon, repeats it. Does not keep the process alive.
 */
export function startSweep({ steps, database, log, everyMs, soonMs, doneLevel = "info" }: SweepOptions): Sweeper {
  const stop = new AbortController();
  const { signal } = stop;
  const logged = database.with(log);

  async function runStep({ name, run }: SweepStep): Promise<boolean> {
    const start = performance.now();
    try {
      const { rows, isComplete } = await run(logged, signal);
      const line = { step: name, rows, duration_ms: Math.round(performance.now() - start) };
      if (rows > 0) log[doneLevel](line, "swept");
      else log.debug(line, "nothing to sweep");
      return isComplete;
    } catch (error) {
      log.error({ step: name, err: error }, "a sweep step failed; the next sweep repeats it");
      return false;
    }
  }

  async function runForever(): Promise<void> {
    let soon = soonMs;
    while (!signal.aborted) {
      let isComplete = true;
      for (const step of steps) if (!signal.aborted) isComplete = (await runStep(step)) && isComplete;
      const wait = isComplete ? everyMs : Math.min(soon, everyMs);
      soon = isComplete ? soonMs : wait * 2;
      // Rejects only when it is aborted.
      await delay(wait, undefined, { ref: false, signal }).catch(() => undefined);
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
