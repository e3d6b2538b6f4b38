// What becomes of notifications without a request: they are told, end with an account, and are deleted long after they were read.
import type { EndAccountStep } from "../accounts/end-account.js";
import { batchSweep } from "../platform/sweep/batch-sweep.js";
import { deleteNotificationsOf, deleteReadNotifications, tellNotifications } from "./telling-store.js";

/** As many topics are locked at once, each until the statement has ended: whatever else is for those people waits no longer. */
const toldTogether = 500;

/** Tells people of their new notifications. */
export const tellOfNotifications = batchSweep("new notifications", tellNotifications, toldTogether);

/** Deletes notifications that were read 180 days ago. */
export const sweepNotifications = batchSweep("read notifications", deleteReadNotifications);

export const endNotifications: EndAccountStep = (queries, { id }) => deleteNotificationsOf(queries, id);
