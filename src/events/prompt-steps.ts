// What is due about events without an act of its own, every two seconds: in short transactions, so that the topics of many people are not
// locked for long.
import type { Database, Queries } from "../platform/database/database.js";
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

/** Reminders, seats that were given to who waited, and counts that changed. */
export const eventSteps: readonly SweepStep[] = [
  promptStep("reminders of events", remind),
  promptStep("seats at events", tellSeats),
  promptStep("counts of events", tellCounts),
];
