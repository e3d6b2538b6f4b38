// A step of the sweep as a task: every ten minutes by one process, and at the start of each.
import { RetryLater, type Task } from "../jobs/job.js";
import type { SweepStep } from "./sweep.js";

const soonMs = 2_000;
const everyMs = 600_000;

/** The task that runs a step. A step that has left something is run again soon, later and later. */
export function sweepTask({ name, run }: SweepStep): Task {
  return {
    name: `sweep ${name}`,
    cron: "*/10 * * * *",
    atStart: true,
    async run(_, { database, log, signal, attempt }) {
      const begunAt = performance.now();
      const { rows, isComplete } = await run(database, signal);
      const line = { step: name, rows, duration_ms: Math.round(performance.now() - begunAt) };
      if (rows > 0) log.info(line, "swept");
      else log.debug(line, "nothing to sweep");
      if (!isComplete && !signal.aborted) throw new RetryLater(soonAfter(attempt));
    },
  };
}

function soonAfter(attempt: number): Date {
  return new Date(Date.now() + Math.min(soonMs * 2 ** (attempt - 1), everyMs));
}
