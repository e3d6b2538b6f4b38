// Lists of events, and of those who come to one, with more rows than one page shows.
import type { Fields, Step } from "../runner/cases/case.js";
import type { ListOfRows } from "../runner/suite.js";

/** Events of the teacher; most begin at the same time. */
const event = (title: string, more: Fields = {}): Step => ({
  call: "createEvent",
  as: "teacher",
  send: {
    title: `Row \${case} ${title}`,
    starts_at: "2031-05-05T10:00:00Z",
    ends_at: "2031-05-09T12:00:00Z",
    time_zone: "Europe/Moscow",
    audience: { is_for_all: true },
    ...more,
  },
  answers: 201,
});
const move = (at: number, day: number): Step => ({
  call: "updateEvent",
  as: "teacher",
  send: { event_id: `$rows[${at}]`, starts_at: `2031-05-0${day}T10:00:00Z` },
});

export const events: ListOfRows = {
  actors: ["alice", "teacher"],
  given: [
    { ...event("${turn}"), turns: 22 },
    { call: "listEvents", as: "alice", send: { query: "${case}", limit: 22 }, capture: { rows: "events[*].id" } },
    ...[0, 7, 21].map((at): Step => ({ call: "registerForEvent", as: "alice", send: { event_id: `$rows[${at}]` } })),
  ],
  as: "alice",
  requests: [
    { query: "${case}" },
    { query: "${case}", sort: "-starts_at" },
    { query: "row ${case}", time: "EVENT_TIME_UPCOMING" },
    { query: "${case}", concern: "EVENT_CONCERN_MINE" },
    { query: "${case}", starts_after: "2031-01-01T00:00:00Z" },
  ],
  more: ["one more", "two more", "three more"].map((title) => event(title)),
  // From each end to the other, and back.
  moves: [move(0, 8), move(21, 2), move(1, 7), move(0, 2), move(20, 3), move(21, 8)],
};

const person = (name: string): Step => ({
  call: "createUser",
  as: "teacher",
  send: { email: `${name}.\${case}@example.org`, first_name: "Row", last_name: "Event${case}" },
  answers: 201,
  capture: { [name]: "id" },
});
const add = (event_id: string, name: string): Step => ({
  call: "addEventParticipant",
  as: "teacher",
  send: { event_id, user_id: `$${name}` },
});
const names = Array.from({ length: 22 }, (_, at) => `row${at}`);
const [one, two, three] = ["one", "two", "three"].map((name) => ({ make: person(name), add: add("$event", name) }));

export const participants: ListOfRows = {
  actors: ["teacher"],
  given: [
    { ...event("1", { seats: 20 }), capture: { event: "id" } },
    { ...event("2"), capture: { other: "id" } },
    ...names.flatMap((name) => [person(name), add("$event", name)]),
    one!.make,
    two!.make,
    three!.make,
    ...["row0", "row1"].map((name) => add("$other", name)),
  ],
  as: "teacher",
  requests: [
    { event_id: "$event" },
    { event_id: "$event", state: "REGISTRATION_STATE_REGISTERED" },
    { event_id: "$event", state: "REGISTRATION_STATE_WAITING" },
    { event_id: "$other" },
  ],
  more: [one!.add, two!.add, three!.add],
};
