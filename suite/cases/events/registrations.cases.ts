// Cases of who comes to events: seats, the waiting list, and who was there.
import { absent, timestamp, type CaseFile, type Fields, type Step } from "../../../runner/cases/case.js";
import { password } from "../../people.js";
import { missingId } from "../tea-chat.js";
import { cancel, counts, isSeen, make, makeEvent, over, participants, register, unregister } from "./school-events.js";

const event_id = "$event";
const of = (user_id: string, state = "REGISTERED", more: Fields = {}): Fields => ({
  event_id,
  user_id,
  state: `REGISTRATION_STATE_${state}`,
  ...more,
});
const add = (user_id: string, state = "REGISTERED", as = "teacher"): Step => ({
  call: "addEventParticipant",
  as,
  send: { event_id, user_id },
  with: of(user_id, state),
});
const mark = (...marks: [user_id: string, attendance: string][]): Fields => ({
  event_id,
  marks: marks.map(([user_id, attendance]) => ({ user_id, attendance: `ATTENDANCE_${attendance}` })),
});

/** A person of the case alone: $dina, with the token $access. */
const email = "dina.${case}@example.org";
const dina: readonly Step[] = [
  {
    call: "register",
    send: { email, password, first_name: "dina", last_name: "Event" },
    answers: 201,
    capture: { dina: "id" },
  },
  { call: "login", send: { email, password }, capture: { access: "access_token" } },
];

export const registrations: CaseFile = {
  subject: "registrations",
  actors: ["alice", "bob", "carol", "teacher", "admin"],
  cases: {
    registerForEvent: {
      "has a seat while there is one, and waits after that": {
        given: [make({ seats: 1 })],
        steps: [
          {
            as: "bob",
            send: { event_id },
            exactly: {
              event_id,
              user_id: "$bob",
              state: "REGISTRATION_STATE_REGISTERED",
              registered_at: timestamp,
              attendance: "ATTENDANCE_UNMARKED",
            },
          },
          { as: "alice", send: { event_id }, with: of("$alice", "WAITING", { waiting_place: 1 }) },
          { as: "carol", send: { event_id }, with: of("$carol", "WAITING", { waiting_place: 2 }) },
          isSeen("teacher", { seats: 1, ...counts(1, 2) }),
        ],
      },
      "who is registered stays as they are": { given: [makeEvent, register("bob")], ...register("bob"), again: true },
      "twenty registrations of one person at once are one": {
        given: [make({ seats: 3 })],
        steps: [
          { as: "bob", send: { event_id }, times: 20, answers: { "200": 20 }, same: ["state", "registered_at"] },
          isSeen("teacher", counts(1, 0)),
        ],
      },
      "not for one that was cancelled": {
        given: [makeEvent, cancel],
        as: "bob",
        send: { event_id },
        answers: "EVENT_CANCELLED",
      },
      "not for one that has begun": { given: [make(over)], as: "bob", send: { event_id }, answers: "EVENT_OVER" },
      "there is no such event": { as: "bob", send: { event_id: missingId }, answers: "EVENT_NOT_FOUND" },
      "needs a login": { send: { event_id: 1 }, answers: "UNAUTHENTICATED" },
    },
    cancelRegistration: {
      "the seat goes to the first who waits": {
        given: [make({ seats: 1 }), register("bob"), register("carol", "WAITING"), register("alice", "WAITING")],
        steps: [
          unregister("bob"),
          participants(of("$carol"), of("$alice", "WAITING")),
          isSeen("alice", { registration: { waiting_place: 1 }, ...counts(1, 1) }),
          unregister("alice"),
          participants(of("$carol")),
        ],
      },
      "an account that ends gives its seat away": {
        given: [...dina, make({ seats: 1 })],
        steps: [
          { call: "registerForEvent", token: "$access", send: { event_id }, with: of("$dina") },
          register("alice", "WAITING"),
          { call: "deleteMe", token: "$access", send: { password }, answers: 204 },
          participants(of("$alice")),
          isSeen("alice", counts(1, 0)),
        ],
      },
      "one of twenty who do it at once does": {
        given: [makeEvent, register("bob")],
        as: "bob",
        send: { event_id },
        times: 20,
        answers: { "204": 1, REGISTRATION_NOT_FOUND: 19 },
      },
      "who is not registered has nothing to cancel": {
        given: [makeEvent],
        as: "bob",
        send: { event_id },
        answers: "REGISTRATION_NOT_FOUND",
      },
      "not of one that was cancelled": {
        given: [makeEvent, register("bob"), cancel],
        as: "bob",
        send: { event_id },
        answers: "EVENT_CANCELLED",
      },
      "not of one that has begun": { given: [make(over)], as: "bob", send: { event_id }, answers: "EVENT_OVER" },
      "there is no such event": { as: "bob", send: { event_id: missingId }, answers: "EVENT_NOT_FOUND" },
      "needs a login": { send: { event_id: 1 }, answers: "UNAUTHENTICATED" },
    },
    addEventParticipant: {
      "registers a person as they would": {
        given: [make({ seats: 1 })],
        steps: [add("$bob"), add("$alice", "WAITING", "admin"), add("$bob"), isSeen("bob", counts(1, 1))],
      },
      "there is no such person": {
        given: [makeEvent],
        as: "teacher",
        send: { event_id, user_id: missingId },
        answers: "USER_NOT_FOUND",
      },
      "not for one that was cancelled": {
        given: [makeEvent, cancel],
        as: "teacher",
        send: { event_id, user_id: "$bob" },
        answers: "EVENT_CANCELLED",
      },
      "not for one that has begun": {
        given: [make(over)],
        as: "teacher",
        send: { event_id, user_id: "$bob" },
        answers: "EVENT_OVER",
      },
      "there is no such event": {
        as: "teacher",
        send: { event_id: missingId, user_id: "$bob" },
        answers: "EVENT_NOT_FOUND",
      },
      "a student registers nobody else": {
        given: [makeEvent],
        as: "bob",
        send: { event_id, user_id: "$bob" },
        answers: "PERMISSION_DENIED",
      },
      "needs a login": { send: { event_id: 1, user_id: 1 }, answers: "UNAUTHENTICATED" },
    },
    removeEventParticipant: {
      "the seat goes to the first who waits": {
        given: [make({ seats: 1 }), register("bob"), register("carol", "WAITING")],
        steps: [
          { as: "teacher", send: { event_id, user_id: "$bob" }, answers: 204 },
          participants(of("$carol")),
          isSeen("bob", { registration: absent, ...counts(1, 0) }),
        ],
      },
      "who is not registered is not removed": {
        given: [makeEvent],
        as: "teacher",
        send: { event_id, user_id: "$bob" },
        answers: "REGISTRATION_NOT_FOUND",
      },
      "not from one that was cancelled": {
        given: [makeEvent, register("bob"), cancel],
        as: "teacher",
        send: { event_id, user_id: "$bob" },
        answers: "EVENT_CANCELLED",
      },
      "not from one that has begun": {
        given: [make(over)],
        as: "teacher",
        send: { event_id, user_id: "$bob" },
        answers: "EVENT_OVER",
      },
      "there is no such event": {
        as: "teacher",
        send: { event_id: missingId, user_id: "$bob" },
        answers: "EVENT_NOT_FOUND",
      },
      "needs a login": { send: { event_id: 1, user_id: 1 }, answers: "UNAUTHENTICATED" },
    },
    listEventParticipants: {
      "has them in the order in which they came, and as people": {
        given: [make({ seats: 2 }), register("carol"), register("bob"), register("alice", "WAITING")],
        steps: [
          participants(of("$carol"), of("$bob"), of("$alice", "WAITING")),
          {
            as: "teacher",
            send: { event_id, state: "REGISTRATION_STATE_REGISTERED" },
            with: { participants: [of("$carol"), of("$bob")], people: [] },
          },
          {
            as: "admin",
            send: { event_id, state: "REGISTRATION_STATE_WAITING", include: ["people"] },
            with: { participants: [of("$alice", "WAITING", { waiting_place: absent })], people: [{ id: "$alice" }] },
          },
        ],
      },
      "is empty while nobody comes": {
        given: [makeEvent],
        as: "teacher",
        send: { event_id },
        exactly: { participants: [], next_page_token: "", people: [] },
      },
      "a student sees how many there are, and not who": {
        given: [makeEvent, register("bob")],
        steps: [{ as: "bob", send: { event_id }, answers: "PERMISSION_DENIED" }, isSeen("alice", counts(1, 0))],
      },
      "a page token that no page had is refused": {
        given: [makeEvent],
        as: "teacher",
        send: { event_id, page_token: "x" },
        answers: "INVALID_PAGE_TOKEN",
      },
      "there is no such event": { as: "teacher", send: { event_id: missingId }, answers: "EVENT_NOT_FOUND" },
      "needs a login": { send: { event_id: 1 }, answers: "UNAUTHENTICATED" },
    },
    markAttendance: {
      // Whoever was registered cannot be on an event that was made after its beginning: it is moved into the past.
      "says who was there, and can be said anew": {
        given: [
          makeEvent,
          register("bob"),
          register("carol"),
          { call: "updateEvent", as: "teacher", send: { event_id, starts_at: "2021-03-30T10:00:00Z" } },
        ],
        steps: [
          { as: "teacher", send: mark(["$bob", "PRESENT"], ["$carol", "ABSENT"]), answers: 204 },
          participants(
            of("$bob", "REGISTERED", { attendance: "ATTENDANCE_PRESENT" }),
            of("$carol", "REGISTERED", { attendance: "ATTENDANCE_ABSENT" }),
          ),
          isSeen("bob", { registration: { attendance: "ATTENDANCE_PRESENT" } }),
          {
            as: "admin",
            send: mark(["$bob", "PRESENT"], ["$carol", "ABSENT"], ["$carol", "UNMARKED"]),
            answers: 204,
          },
          participants(
            of("$bob", "REGISTERED", { attendance: "ATTENDANCE_PRESENT" }),
            of("$carol", "REGISTERED", { attendance: "ATTENDANCE_UNMARKED" }),
          ),
          { as: "teacher", send: mark(["$bob", "ABSENT"], ["$alice", "PRESENT"]), answers: "REGISTRATION_NOT_FOUND" },
          isSeen("bob", { registration: { attendance: "ATTENDANCE_PRESENT" } }),
        ],
      },
      "who waits was not there": {
        given: [
          make({ seats: 1 }),
          register("bob"),
          register("carol", "WAITING"),
          { call: "updateEvent", as: "teacher", send: { event_id, starts_at: "2021-03-30T10:00:00Z" } },
        ],
        as: "teacher",
        send: mark(["$carol", "PRESENT"]),
        answers: "REGISTRATION_NOT_FOUND",
      },
      "not before it has begun": {
        given: [makeEvent, register("bob")],
        as: "teacher",
        send: mark(["$bob", "PRESENT"]),
        answers: "EVENT_NOT_BEGUN",
      },
      "not of one that was cancelled": {
        given: [make(over), cancel],
        as: "teacher",
        send: mark(["$bob", "PRESENT"]),
        answers: "EVENT_CANCELLED",
      },
      "there is no such event": {
        as: "teacher",
        send: { ...mark(["$bob", "PRESENT"]), event_id: missingId },
        answers: "EVENT_NOT_FOUND",
      },
      "a student says nothing": {
        given: [makeEvent],
        as: "bob",
        send: mark(["$bob", "PRESENT"]),
        answers: "PERMISSION_DENIED",
      },
      "needs a login": {
        send: { event_id: 1, marks: [{ user_id: 1, attendance: "ATTENDANCE_PRESENT" }] },
        answers: "UNAUTHENTICATED",
      },
    },
  },
};
