// The consumer that makes deliveries of updates.
import type { Consumer } from "../platform/updates/consumer.js";
import { insertDeliveries } from "./deliveries-store.js";
import { sendSoon } from "./jobs.js";
import { kindsOfUpdates } from "./kinds.js";
import { isAnyEnabled } from "./store.js";

/** Makes a delivery of each update for each endpoint that it is for, once however often it comes, and has them sent. */
export const webhooks: Consumer = {
  name: "webhooks",
  kinds: kindsOfUpdates,
  async take(database, updates) {
    if (!(await isAnyEnabled(database))) return;
    await database.transaction(async (queries) => sendSoon(queries, await insertDeliveries(queries, updates)));
  },
};
