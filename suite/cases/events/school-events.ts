// Events that the cases of events make, and who comes to them.
import type { Fields, Step } from "../../../runner/cases/case.js";

/** The fields of an event for all that is to come; the title has the name of the case. */
export const draft: Fields = {
  title: "Robotics evening ${case}",
  text: "Bring your robots.\nАдрес: корпус 2.",
  place: "Room 12; entrance B, 2nd floor",
  starts_at: "2031-03-30T00:30:00.000Z",
  ends_at: "2031-03-30T02:00:00.000Z",
  time_zone: "Europe/Berlin",
  audience: { is_for_all: true },
};

/** The fields of one that began long ago. */
export const over: Fields = { ...draft, starts_at: "2021-03-30T10:00:00Z", ends_at: "2021-03-30T12:00:00Z" };

/** Makes $event, by the teacher, with other fields than those of the draft. */
export const make = (fields: Fields = {}): Step => ({
  call: "createEvent",
  as: "teacher",
  send: { ...draft, ...fields },
  answers: 201,
  capture: { event: "id" },
});
export const makeEvent: Step = make();

/** Makes $group with people, and $event for it. */
export const makeForGroup = (...user_ids: string[]): Step[] => [
  {
    call: "createGroup",
    as: "teacher",
    send: { name: "Events ${case}" },
    answers: 201,
    capture: { group: "id" },
  },
  ...(user_ids.length > 0
    ? [{ call: "addGroupMembers", as: "teacher", send: { group_id: "$group", user_ids } } satisfies Step]
    : []),
  make({ audience: { group_ids: ["$group"] } }),
];

const event_id = "$event";
export const register = (as: string, state = "REGISTERED"): Step => ({
  call: "registerForEvent",
  as,
  send: { event_id },
  with: { event_id, user_id: `$${as}`, state: `REGISTRATION_STATE_${state}` },
});
export const unregister = (as: string): Step => ({
  call: "cancelRegistration",
  as,
  send: { event_id },
  answers: 204,
});
export const cancel: Step = { call: "cancelEvent", as: "teacher", send: { event_id, reason: "The hall is flooded." } };

/** What the actor sees of $event. */
export const isSeen = (as: string, event: Fields): Step => ({ call: "getEvent", as, send: { event_id }, with: event });
export const counts = (registered_count: number, waiting_count: number): Fields => ({
  registered_count,
  waiting_count,
});
/** Who is registered for $event, in this order. */
export const participants = (...rows: Fields[]): Step => ({
  call: "listEventParticipants",
  as: "teacher",
  send: { event_id },
  with: { participants: rows, next_page_token: "" },
});
