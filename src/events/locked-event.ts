// An event that an act changes: locked, and refused where the act is not possible.
import type { Call } from "../call.js";
import { ApiError } from "../errors.js";
import type { Queries } from "../platform/database/database.js";
import { lockEvent, type LockedEvent } from "./store.js";

/** The error for an event that does not exist, or that the caller may not see. */
export function eventNotFound(id: number): ApiError {
  return new ApiError("EVENT_NOT_FOUND", `Event with id=${id} not found`);
}

/** Locks an event until the transaction ends; people and groups are locked before. Throws EVENT_NOT_FOUND and EVENT_CANCELLED. */
export async function lockLiveEvent(queries: Queries, { user }: Call, id: number): Promise<LockedEvent> {
  const event = await lockEvent(queries, user, id);
  if (!event) throw eventNotFound(id);
  return requireLive(event, id);
}

/**
 * As lockLiveEvent, for a change of the event. Throws PRECONDITION_FAILED when it may not be changed in this version, also
 * when it was cancelled since.
 */
export async function lockEventToChange(
  queries: Queries,
  { user, precondition }: Call,
  id: number,
): Promise<LockedEvent> {
  const event = await lockEvent(queries, user, id);
  if (!event) throw eventNotFound(id);
  if (!precondition.permitsVersion(event.version))
    throw new ApiError("PRECONDITION_FAILED", `Event with id=${id} has changed`);
  return requireLive(event, id);
}

function requireLive(event: LockedEvent, id: number): LockedEvent {
  if (event.cancelled_at !== undefined) throw new ApiError("EVENT_CANCELLED", `Event with id=${id} was cancelled`);
  return event;
}

/** As lockLiveEvent, for a change of who comes. Throws EVENT_OVER when the event has begun. */
export async function lockOpenEvent(queries: Queries, call: Call, id: number): Promise<LockedEvent> {
  const event = await lockLiveEvent(queries, call, id);
  if (event.has_begun) throw new ApiError("EVENT_OVER", `Event with id=${id} has begun`);
  return event;
}
