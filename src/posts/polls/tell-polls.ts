// Polls are told of once a second: that votes have come or gone, however many, and that a closing time has come.
import type { Queries } from "../../platform/database/database.js";
import type { SweepStep } from "../../platform/sweep/sweep.js";
import * as store from "./telling-store.js";

const batch = 500;

const stepOf = (name: string, tell: (queries: Queries, limit: number) => Promise<number>): SweepStep => ({
  name,
  async run(database, signal) {
    let rows = 0;
    while (!signal.aborted) {
      const told = await database.transaction((queries) => tell(queries, batch));
      rows += told;
      if (told < batch) break;
    }
    return { rows, isComplete: true };
  },
});

/** Records `poll.voted` for the polls whose votes have changed since it last was. */
export const tellPollVotes = stepOf("poll votes", store.tellVotes);

/** Records `poll.closed`, once, for the polls whose closing time has come. */
export const tellClosedPolls = stepOf("closed polls", store.tellClosed);
