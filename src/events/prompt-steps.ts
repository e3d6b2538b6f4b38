// What is due about events without an act of its own, every two seconds, and reminders every minute: in short transactions, so that the topics of many people are not
// locked for long.
import type { Database, Queries } from "../platform/database/database.js";
import type { Task } from "../platform/jobs/job.js";
import type { SweepStep } from "../platform/sweep/sweep.js";
import { remind, tellCounts, tellSeats } from "./prompt-store.js";

const most = 500;

function promptStep(name: string, tell: (queries: Queries, limit: number) => Promise<number>): SweepStep {
  return {
    name,
    async run(database: Database, signal: AbortSignal) {
      let rows = 0;
      while (!signal.aborted) {
        const done = await database.transaction((queries) => tell(queries, most));
        rows += done;
        if (done < most) break;
      }
      return { rows, isComplete: true };
    },
  };
}

const reminders = promptStep("reminders of events", remind);

/** Reminds those who registered. A reminder is recorded with the time of the next one, so that nobody gets one twice. */
export const remindOfEvents: Task = {
  name: "reminders of events",
  cron: "* * * * *",
  async run(_, { database, log, signal }) {
    const { rows } = await reminders.run(database, signal);
    if (rows > 0) log.info({ rows }, "reminded");
  },
};

/** Seats that were given to who waited, and counts that changed. */
export const eventSteps: readonly SweepStep[] = [
  promptStep("seats at events", tellSeats),
  promptStep("counts of events", tellCounts),
];
