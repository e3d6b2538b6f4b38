// The updates of events: which topics hear of one.
import type { EventAudience } from "../gen/lyceum/v1/event.js";
import type { Queries } from "../platform/database/database.js";
import { recordUpdates, type Topic, type UpdateKind } from "../platform/updates/updates.js";

/** The topics of an audience. */
export function topicsOf({ is_for_all, group_ids }: EventAudience): Topic[] {
  return is_for_all ? ["school"] : group_ids.map((id): Topic => `group:${id}`);
}

/** Records an update of an event for each of the topics, last in a transaction. */
export async function announce(
  queries: Queries,
  actorId: number | undefined,
  kind: UpdateKind & `event.${string}`,
  eventId: number,
  topics: Iterable<Topic>,
): Promise<void> {
  await recordUpdates(
    queries,
    actorId,
    Array.from(topics, (topic) => ({ topic, kind, subjectId: eventId })),
  );
}
