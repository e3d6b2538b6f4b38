// Cases of events: making and listing them.
import {
  absent,
  excluding,
  including,
  above,
  timestamp,
  type CaseFile,
  type Step,
} from "../../../runner/cases/case.js";
import { missingId } from "../tea-chat.js";
import { counts, draft, isSeen, make, makeEvent, makeForGroup, over, register } from "./school-events.js";

const event_id = "$event";
const list = (as: string, send: object, ...titles: string[]): Step => ({
  call: "listEvents",
  as,
  send: { query: "${case}", ...send },
  with: { events: titles.map((title) => ({ title })), next_page_token: "" },
});
const refused = (send: object, field: string, rule: string): Step => ({
  call: "createEvent",
  as: "teacher",
  send: { ...draft, ...send },
  violates: { field, rule },
});
export const events: CaseFile = {
  subject: "events",
  actors: ["alice", "bob", "teacher", "admin"],
  cases: {
    createEvent: {
      "makes an event that everybody sees": {
        as: "teacher",
        send: { ...draft, seats: 30 },
        answers: 201,
        exactly: {
          id: above(0),
          author_id: "$teacher",
          ...draft,
          audience: { is_for_all: true, group_ids: [] },
          seats: 30,
          ...counts(0, 0),
          cancellation_reason: "",
          created_at: timestamp,
          updated_at: timestamp,
          version: 1,
        },
        capture: { event: "id" },
      },
      "one for a group is seen by its people and by staff": {
        given: makeForGroup("$alice"),
        steps: [
          isSeen("alice", { audience: { is_for_all: false, group_ids: ["$group"] }, seats: absent }),
          isSeen("admin", { id: event_id }),
          { call: "getEvent", as: "bob", send: { event_id }, answers: "EVENT_NOT_FOUND" },
        ],
      },
      "a time zone that nobody knows is refused": refused(
        { time_zone: "Europe/Atlantis" },
        "time_zone",
        "time_zone.known",
      ),
      "an offset is no time zone": refused({ time_zone: "+03:00" }, "time_zone", "string.pattern"),
      "an event that ends as it begins is refused": refused(
        { ends_at: draft["starts_at"] },
        "ends_at",
        "event.ends_at",
      ),
      "of one for all the groups do not count": {
        as: "teacher",
        send: { ...draft, audience: { is_for_all: true, group_ids: [missingId] } },
        answers: 201,
        with: { audience: { is_for_all: true, group_ids: [] } },
        capture: { event: "id" },
      },
      "one for nobody is seen by the staff": {
        steps: [
          { as: "teacher", send: { ...draft, audience: {} }, answers: 201, capture: { event: "id" } },
          { call: "getEvent", as: "admin", send: { event_id: "$event" }, with: { audience: { group_ids: [] } } },
          { call: "getEvent", as: "alice", send: { event_id: "$event" }, answers: "EVENT_NOT_FOUND" },
        ],
      },
      "there is no such group": {
        as: "teacher",
        send: { ...draft, audience: { group_ids: [missingId] } },
        answers: "GROUP_NOT_FOUND",
      },
      "a student makes none": { as: "alice", send: draft, answers: "PERMISSION_DENIED" },
      "needs a login": { send: draft, answers: "UNAUTHENTICATED" },
    },
    getEvent: {
      "shows the registration of the caller alone": {
        given: [make({ seats: 1 }), register("bob"), register("alice", "WAITING")],
        steps: [
          isSeen("alice", {
            ...counts(1, 1),
            registration: { user_id: "$alice", state: "REGISTRATION_STATE_WAITING", waiting_place: 1 },
          }),
          isSeen("bob", {
            registration: {
              user_id: "$bob",
              state: "REGISTRATION_STATE_REGISTERED",
              registered_at: timestamp,
              waiting_place: absent,
            },
          }),
          isSeen("teacher", { registration: absent }),
        ],
      },
      "what the client has is not sent again, until somebody registers": {
        given: [makeEvent],
        steps: [
          { as: "alice", send: { event_id }, capture: { tag: "@etag" } },
          { as: "alice", send: { event_id }, headers: { "if-none-match": "$tag" }, answers: 304 },
          register("bob"),
          { as: "alice", send: { event_id }, headers: { "if-none-match": "$tag" }, with: counts(1, 0) },
        ],
      },
      "who has left the group sees it while they come to it, and not after that": {
        given: [...makeForGroup("$bob"), register("bob")],
        steps: [
          {
            call: "removeGroupMember",
            as: "teacher",
            send: { group_id: "$group", user_id: "$bob" },
            answers: 204,
          },
          isSeen("bob", counts(1, 0)),
          { call: "cancelRegistration", as: "bob", send: { event_id }, answers: 204 },
          { as: "bob", send: { event_id }, answers: "EVENT_NOT_FOUND" },
          { call: "registerForEvent", as: "bob", send: { event_id }, answers: "EVENT_NOT_FOUND" },
        ],
      },
      "there is no such event": { as: "admin", send: { event_id: missingId }, answers: "EVENT_NOT_FOUND" },
      "needs a login": { send: { event_id: 1 }, answers: "UNAUTHENTICATED" },
    },
    listEvents: {
      "upcoming and past ones, in both orders": {
        given: [
          make({ ...over, title: "Old ${case}" }),
          make({ title: "Soon ${case}" }),
          make({ title: "Later ${case}", starts_at: "2032-01-01T10:00:00Z", ends_at: "2032-01-01T12:00:00Z" }),
        ],
        steps: [
          list("alice", {}, "Old ${case}", "Soon ${case}", "Later ${case}"),
          list("alice", { sort: "-starts_at" }, "Later ${case}", "Soon ${case}", "Old ${case}"),
          list("alice", { time: "EVENT_TIME_UPCOMING", sort: "starts_at" }, "Soon ${case}", "Later ${case}"),
          list("alice", { time: "EVENT_TIME_PAST" }, "Old ${case}"),
          list("alice", { starts_after: "2031-03-30T00:30:00Z" }, "Later ${case}"),
          list("alice", { starts_before: "2031-03-30T00:30:00Z" }, "Old ${case}"),
          list(
            "alice",
            { starts_after: "2021-03-30T10:00:00Z", starts_before: "2032-01-01T10:00:00Z" },
            "Soon ${case}",
          ),
        ],
      },
      "those for which the caller is registered, and those at which they wait": {
        given: [
          make({ seats: 1, title: "Full ${case}" }),
          register("bob"),
          register("alice", "WAITING"),
          make({ title: "Free ${case}" }),
          register("alice"),
        ],
        steps: [
          list("alice", { concern: "EVENT_CONCERN_MINE" }, "Full ${case}", "Free ${case}"),
          list("alice", { concern: "EVENT_CONCERN_REGISTERED" }, "Free ${case}"),
          list("alice", { concern: "EVENT_CONCERN_WAITING" }, "Full ${case}"),
          list("bob", { concern: "EVENT_CONCERN_MINE" }, "Full ${case}"),
          list("teacher", { concern: "EVENT_CONCERN_MINE" }),
        ],
      },
      "is searched by title and place, however they are spelled": {
        given: [make({ title: "Вечер «Ёлка» ${case}", place: "Актовый зал" }), make({ title: "Other ${case}" })],
        steps: [
          list("alice", { query: "елка ${case}" }, "Вечер «Ёлка» ${case}"),
          list("alice", { query: "АКТОВЫЙ ${case}" }, "Вечер «Ёлка» ${case}"),
          list("alice", { query: "ёлка room ${case}" }),
        ],
      },
      "those for others are not in it": {
        given: makeForGroup("$bob"),
        steps: [
          { as: "bob", send: { query: "${case}" }, with: { events: [{ id: event_id }] } },
          { as: "alice", send: { query: "${case}" }, with: { events: [] } },
          { as: "admin", send: { query: "${case}" }, with: { events: [{ id: event_id }] } },
        ],
      },
      "without a filter it has those of all others": {
        given: [makeEvent],
        noisy: true,
        steps: [
          { as: "alice", send: { limit: 100, sort: "-starts_at" }, with: { events: including({ id: event_id }) } },
          { as: "alice", send: { time: "EVENT_TIME_PAST", limit: 100 }, with: { events: excluding({ id: event_id }) } },
        ],
      },
      "a search of too many words is refused": {
        as: "alice",
        send: { query: Array.from("abcdefghijklmnopqrstu").join(" ") },
        answers: "SEARCH_TOO_BROAD",
      },
      "a page token that no page had is refused": {
        as: "alice",
        send: { page_token: "x" },
        answers: "INVALID_PAGE_TOKEN",
      },
      "needs a login": { answers: "UNAUTHENTICATED" },
    },
  },
};
