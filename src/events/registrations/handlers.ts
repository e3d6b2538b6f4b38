// Who comes to events: registering, the waiting list, and who was there.
import { lockOther, lockOthers } from "../../accounts/above.js";
import { invalidToken } from "../../accounts/challenge.js";
import type { Call, Handlers } from "../../call.js";
import { ApiError } from "../../errors.js";
import type { EventService } from "../../gen/lyceum/v1/event.js";
import { recordAudit, recordAudits } from "../../platform/audit/audit.js";
import type { Queries } from "../../platform/database/database.js";
import { pageOf, readPage } from "../../platform/page.js";
import { recordUpdates } from "../../platform/updates/updates.js";
import { includedPeople, lockUsers } from "../../users/people.js";
import { announce } from "../announce.js";
import { eventNotFound, lockLiveEvent, lockOpenEvent } from "../locked-event.js";
import * as registrations from "./store.js";
import { findEvent } from "../store.js";

type RegistrationMethods =
  | "registerForEvent"
  | "cancelRegistration"
  | "listEventParticipants"
  | "addEventParticipant"
  | "removeEventParticipant"
  | "markAttendance";

export const registrationHandlers: Pick<Handlers<EventService>, RegistrationMethods> = {
  async registerForEvent({ event_id }, call) {
    const { user, database } = call;
    return database.transaction(async (queries) => {
      await lockOwnAccount(queries, call);
      await lockOpenEvent(queries, call, event_id);
      return register(queries, user.id, event_id, user.id, () => Promise.resolve());
    });
  },

  async cancelRegistration({ event_id }, call) {
    const { user, database } = call;
    return database.transaction(async (queries) => {
      await lockOwnAccount(queries, call);
      await lockOpenEvent(queries, call, event_id);
      return unregister(queries, user.id, event_id, user.id, () => Promise.resolve());
    });
  },

  async listEventParticipants(request, { user, database }) {
    const { event_id, state } = request;
    const page = readPage(request, { scope: ["event-participants", event_id, state], key: [0] });
    const rows = await registrations.listParticipants(database, event_id, state, page);
    if (rows.length === 0 && !(await findEvent(database, user, event_id))) throw eventNotFound(event_id);
    const { rows: participants, next_page_token } = pageOf(rows, page, ({ arrival }) => [arrival]);
    const ids = participants.map(({ user_id }) => user_id);
    return { participants, next_page_token, people: await includedPeople(database, user, request, ids) };
  },

  async addEventParticipant({ event_id, user_id }, call) {
    const { user, database } = call;
    return database.transaction(async (queries) => {
      await lockOther(queries, user, user_id);
      await lockOpenEvent(queries, call, event_id);
      return register(queries, user.id, event_id, user_id, () =>
        recordAudit(queries, call, { action: "event_participant.add", target: target(event_id, user_id) }),
      );
    });
  },

  async removeEventParticipant({ event_id, user_id }, call) {
    const { user, database } = call;
    return database.transaction(async (queries) => {
      await lockOthers(queries, user, [user_id]);
      await lockOpenEvent(queries, call, event_id);
      return unregister(queries, user.id, event_id, user_id, () =>
        recordAudit(queries, call, { action: "event_participant.remove", target: target(event_id, user_id) }),
      );
    });
  },

  async markAttendance({ event_id, marks }, call) {
    const { user, database } = call;
    const byUser = new Map(marks.map(({ user_id, attendance }) => [user_id, attendance]));
    const ids = [...byUser.keys()];
    await database.transaction(async (queries) => {
      await lockOthers(queries, user, []);
      const event = await lockLiveEvent(queries, call, event_id);
      if (!event.has_begun) throw new ApiError("EVENT_NOT_BEGUN", `Event with id=${event_id} has not begun`);
      if ((await registrations.countSeated(queries, event_id, ids)) < ids.length)
        throw new ApiError(
          "REGISTRATION_NOT_FOUND",
          `Not all of these people have a seat at event with id=${event_id}`,
        );
      const marked = await registrations.markAttendance(queries, event_id, byUser);
      await recordAudits(
        queries,
        call,
        marked.map((id) => ({ action: "event_participant.mark", target: target(event_id, id) })),
      );
      const told = marked.map((id) => ({ topic: `user:${id}`, kind: "event.attendance_marked", subjectId: event_id }));
      await recordUpdates(queries, user.id, told as Parameters<typeof recordUpdates>[2]);
    });
    return {};
  },
};

/** The account cannot end before the transaction does: its end takes back what is registered before. */
async function lockOwnAccount(queries: Queries, { user }: Call): Promise<void> {
  if ((await lockUsers(queries, [user.id])) !== undefined) throw invalidToken();
}

const target = (eventId: number, userId: number) => ["event_participant", `${eventId}/${userId}`] as const;

/** Registers a locked person for a locked event; `recorded` is called when they were not registered before. */
async function register(
  queries: Queries,
  actorId: number,
  eventId: number,
  userId: number,
  recorded: () => Promise<void>,
) {
  const isNew = await registrations.insertRegistration(queries, eventId, userId);
  const made = (await registrations.findRegistration(queries, eventId, userId))!;
  if (isNew) {
    await recorded();
    await announce(queries, actorId, "event.registered", eventId, [`user:${userId}`]);
  }
  return made;
}

/** Takes a registration back, and gives the seat to the first who waits. Throws REGISTRATION_NOT_FOUND. */
async function unregister(
  queries: Queries,
  actorId: number,
  eventId: number,
  userId: number,
  recorded: () => Promise<void>,
) {
  if ((await registrations.deleteRegistrations(queries, [eventId], userId)) === 0)
    throw new ApiError(
      "REGISTRATION_NOT_FOUND",
      `User with id=${userId} is not registered for event with id=${eventId}`,
    );
  await registrations.fillSeats(queries, [eventId]);
  await recorded();
  await announce(queries, actorId, "event.unregistered", eventId, [`user:${userId}`]);
  return {};
}
