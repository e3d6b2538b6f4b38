// Reading the audit. What is in it is written by platform/audit/.
import type { Handlers } from "../call.js";
import type { AuditService } from "../gen/lyceum/v1/audit.js";
import { pageOf, readPage } from "../platform/page.js";
import { listEvents } from "./store.js";

/** The handlers of AuditService. */
export function auditHandlers(): Handlers<AuditService> {
  return {
    async listAuditEvents(request, { database }) {
      const { actor_id, action, target_type, target_id, outcome, created_after, created_before, request_id } = request;
      const filters = { actor_id, action, target_type, target_id, outcome, created_after, created_before, request_id };
      const page = readPage(request, {
        scope: ["audit", ...Object.values(filters)],
        key: [0, 0],
        isOldestFirst: false,
      });
      const rows = await listEvents(database, filters, page);
      const { rows: events, next_page_token } = pageOf(rows, page, ({ created_at, id }) => [
        Date.parse(created_at),
        id,
      ]);
      return { events, next_page_token };
    },
  };
}
