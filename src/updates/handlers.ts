// The updates that could not be taken, for those who mend the cause. What is in them is written by platform/updates/.
import type { Call, Handlers } from "../call.js";
import type { UpdateService } from "../gen/lyceum/v1/update.js";
import { type AuditEvent, recordAudits } from "../platform/audit/audit.js";
import type { Queries } from "../platform/database/database.js";
import { discardFailed, listFailed, retryFailed } from "../platform/updates/failed-updates-store.js";

/** The handlers of UpdateService. */
export function updateHandlers(): Handlers<UpdateService> {
  return {
    async listFailedUpdates({ is_set_aside = false }, { database }) {
      const failed_updates = await listFailed(database, is_set_aside);
      return { failed_updates, count: failed_updates[0]?.count ?? 0 };
    },

    async retryFailedUpdates({ ids }, call) {
      return { count: await recorded(call, "failed_update.retry", (queries) => retryFailed(queries, ids)) };
    },

    async discardFailedUpdates({ ids }, call) {
      return { count: await recorded(call, "failed_update.discard", (queries) => discardFailed(queries, ids)) };
    },
  };
}

/** Does an act on several failures, and records each. */
async function recorded(
  call: Call,
  action: AuditEvent["action"],
  act: (queries: Queries) => Promise<readonly number[]>,
): Promise<number> {
  return call.database.transaction(async (queries) => {
    const ids = await act(queries);
    await recordAudits(
      queries,
      call,
      ids.map((id) => ({ action, target: ["failed_update", id] })),
    );
    return ids.length;
  });
}
