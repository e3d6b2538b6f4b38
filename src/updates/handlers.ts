// The updates that could not be taken, for those who mend the cause. What is in them is written by platform/updates/.
import type { Handlers } from "../call.js";
import type { UpdateService } from "../gen/lyceum/v1/update.js";
import { auditedActs } from "../platform/audit/audited-acts.js";
import { discardFailed, listFailed, retryFailed } from "../platform/updates/failed-updates-store.js";

/** The handlers of UpdateService. */
export function updateHandlers(): Handlers<UpdateService> {
  return {
    async listFailedUpdates({ is_set_aside = false }, { database }) {
      const failed_updates = await listFailed(database, is_set_aside);
      return { failed_updates, count: failed_updates[0]?.count ?? 0 };
    },

    async retryFailedUpdates({ ids }, call) {
      return {
        count: await auditedActs(call, "failed_update.retry", "failed_update", (queries) => retryFailed(queries, ids)),
      };
    },

    async discardFailedUpdates({ ids }, call) {
      return {
        count: await auditedActs(call, "failed_update.discard", "failed_update", (queries) =>
          discardFailed(queries, ids),
        ),
      };
    },
  };
}
