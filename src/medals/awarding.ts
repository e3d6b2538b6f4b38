// Medals are awarded by themselves: who has reached a threshold is told by the updates of points and counters.
import type { Consumer, StoredUpdate } from "../platform/updates/consumer.js";
import { awardMedals } from "./awarding-store.js";

/**
 * Awards what is due to the people whose points or counters have changed, or who lost a medal that was awarded by hand and may be due
 * by rule. What is due follows from the tables alone, so updates may come twice and in any order, in several processes.
 */
export const medals: Consumer = {
  name: "medals",
  kinds: ["points.changed", "counter.changed", "medal.revoked"],
  async take(database, updates) {
    await awardMedals(database, [...new Set(updates.map(personOf))]);
  },
};

/** All of these are for one person: `user:17`. */
const personOf = ({ topic }: StoredUpdate): number => Number(topic.slice("user:".length));
