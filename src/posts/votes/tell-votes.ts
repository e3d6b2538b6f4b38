// Votes are told of once a second for each post, however many came: a vote only marks its post.
import type { SweepStep } from "../../platform/sweep/sweep.js";
import * as store from "./store.js";

const batch = 500;

/** Records `post.votes` for the posts whose votes have changed since it last was. */
export const tellPostVotes: SweepStep = {
  name: "post votes",
  async run(database, signal) {
    let rows = 0;
    while (!signal.aborted) {
      const told = await database.transaction((queries) => store.tellVotes(queries, batch));
      rows += told;
      if (told < batch) break;
    }
    return { rows, isComplete: true };
  },
};
