// Cases of changing and cancelling events.
import { absent, timestamp, type CaseFile, type Step } from "../../../runner/cases/case.js";
import { missingId } from "../tea-chat.js";
import { cancel, counts, draft, isSeen, make, makeEvent, makeForGroup, register } from "./school-events.js";

const event_id = "$event";
const groupOfBob = (): Step[] => [
  { call: "createGroup", as: "teacher", send: { name: "Bob's ${case}" }, answers: 201, capture: { other: "id" } },
  { call: "addGroupMembers", as: "teacher", send: { group_id: "$other", user_ids: ["$bob"] } },
];

export const changedEvents: CaseFile = {
  subject: "changed events",
  actors: ["alice", "bob", "teacher", "admin"],
  cases: {
    updateEvent: {
      "changes what is named, and clears what is empty": {
        given: [make({ seats: 5 })],
        steps: [
          {
            as: "teacher",
            send: { event_id, title: "Robotics night ${case}", text: "", seats: 0 },
            with: {
              title: "Robotics night ${case}",
              text: "",
              seats: absent,
              place: draft["place"],
              starts_at: draft["starts_at"],
              version: 2,
            },
          },
          {
            as: "admin",
            send: {
              event_id,
              place: "",
              starts_at: "2031-04-01T10:00:00+02:00",
              ends_at: "2031-04-01T12:00:00+02:00",
              time_zone: "Asia/Kolkata",
              seats: 7,
            },
            with: {
              place: "",
              starts_at: "2031-04-01T08:00:00.000Z",
              ends_at: "2031-04-01T10:00:00.000Z",
              time_zone: "Asia/Kolkata",
              seats: 7,
              version: 3,
            },
          },
        ],
      },
      "what is as it was changes nothing": {
        given: [makeEvent],
        as: "teacher",
        send: { event_id, ...draft },
        with: { version: 1 },
      },
      "more seats go to those who wait, and fewer take none away": {
        given: [make({ seats: 1 }), register("bob"), register("alice", "WAITING")],
        steps: [
          { as: "teacher", send: { event_id, seats: 2 }, with: counts(2, 0) },
          isSeen("alice", { registration: { state: "REGISTRATION_STATE_REGISTERED", waiting_place: absent } }),
          { as: "teacher", send: { event_id, seats: 1 }, with: { seats: 1, ...counts(2, 0) } },
          { call: "cancelRegistration", as: "bob", send: { event_id }, answers: 204 },
          register("bob", "WAITING"),
          { as: "teacher", send: { event_id, seats: 0 }, with: counts(2, 0) },
        ],
      },
      "another audience sees it, and the one before does not": {
        given: [...makeForGroup("$alice"), ...groupOfBob()],
        steps: [
          {
            as: "teacher",
            send: { event_id, audience: { group_ids: ["$other"] } },
            with: { audience: { is_for_all: false, group_ids: ["$other"] } },
          },
          isSeen("bob", { version: 2 }),
          { call: "getEvent", as: "alice", send: { event_id }, answers: "EVENT_NOT_FOUND" },
          { as: "teacher", send: { event_id, audience: { is_for_all: true } }, with: { audience: { group_ids: [] } } },
          isSeen("alice", { version: 3 }),
        ],
      },
      "a start after the end is refused": {
        given: [makeEvent],
        as: "teacher",
        send: { event_id, starts_at: "2031-03-30T02:00:00Z" },
        violates: { field: "ends_at", rule: "event.ends_at" },
      },
      "one that was changed meanwhile stays": {
        given: [makeEvent],
        steps: [
          { call: "getEvent", as: "teacher", send: { event_id }, capture: { tag: "@etag" } },
          { as: "teacher", send: { event_id, title: "One" }, headers: { "if-match": "$tag" }, with: { version: 2 } },
          {
            as: "teacher",
            send: { event_id, title: "Two" },
            headers: { "if-match": "$tag" },
            answers: "PRECONDITION_FAILED",
          },
        ],
      },
      "one that was cancelled stays": {
        given: [makeEvent, cancel],
        as: "teacher",
        send: { event_id, title: "One" },
        answers: "EVENT_CANCELLED",
      },
      "there is no such group": {
        given: [makeEvent],
        as: "teacher",
        send: { event_id, audience: { group_ids: [missingId] } },
        answers: "GROUP_NOT_FOUND",
      },
      "there is no such event": { as: "teacher", send: { event_id: missingId }, answers: "EVENT_NOT_FOUND" },
      "needs a login": { send: { event_id: 1 }, answers: "UNAUTHENTICATED" },
    },
    cancelEvent: {
      "is kept, and shown as cancelled": {
        given: [makeEvent, register("bob")],
        steps: [
          {
            as: "teacher",
            send: { event_id, reason: " Зал затоплен. " },
            with: { cancelled_at: timestamp, cancellation_reason: "Зал затоплен.", version: 2, ...counts(1, 0) },
          },
          isSeen("bob", { cancelled_at: timestamp }),
          {
            call: "listEvents",
            as: "alice",
            send: { query: "${case}" },
            with: { events: [{ id: event_id, cancelled_at: timestamp }] },
          },
        ],
      },
      "one of twenty who cancel it at once does": {
        given: [makeEvent],
        as: "teacher",
        send: { event_id, reason: "No time." },
        times: 20,
        answers: { "200": 1, EVENT_CANCELLED: 19 },
      },
      "not in a version that is no more": {
        given: [makeEvent],
        as: "teacher",
        send: { event_id, reason: "No time." },
        headers: { "if-match": '"7.x-json"' },
        answers: "PRECONDITION_FAILED",
      },
      "a reason is needed": {
        given: [makeEvent],
        as: "teacher",
        send: { event_id, reason: " " },
        violates: { field: "reason", rule: "string.min_len" },
      },
      "there is no such event": {
        as: "teacher",
        send: { event_id: missingId, reason: "No time." },
        answers: "EVENT_NOT_FOUND",
      },
      "needs a login": { send: { event_id: 1, reason: "No time." }, answers: "UNAUTHENTICATED" },
    },
  },
};
