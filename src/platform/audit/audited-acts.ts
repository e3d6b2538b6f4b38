// An act on several things at once that is recorded for each of them, in its own transaction.
import type { Database, Queries } from "../database/database.js";
import { type AuditedCall, type AuditEvent, recordAudits } from "./audit.js";

/** Does an act, which returns the ids of the things that it was done to, and records it for each of them; returns how many they are. */
export function auditedActs(
  call: AuditedCall & { readonly database: Database },
  action: AuditEvent["action"],
  thing: string,
  act: (queries: Queries) => Promise<readonly number[]>,
): Promise<number> {
  return call.database.transaction(async (queries) => {
    const ids = await act(queries);
    await recordAudits(
      queries,
      call,
      ids.map((id) => ({ action, target: [thing, id] })),
    );
    return ids.length;
  });
}
