// Cases of the ledger of points: what is given and taken by hand, and who sees it.
import {
  above,
  absent,
  including,
  size,
  timestamp,
  type CaseFile,
  type Fields,
  type Step,
} from "../../../runner/cases/case.js";
import { nobody } from "../accounts/invited.js";
import { anna, clara } from "../groups/school-group.js";

const add = (amount: number, more: Fields = {}): Step => ({
  call: "addPoints",
  as: "teacher",
  send: { user_id: "$anna", amount, note: "Open day", ...more },
  answers: 201,
});
const list = (more: Fields = {}): Fields => ({ user_id: "$anna", ...more });
const entry: Fields = {
  id: above(0),
  user_id: "$anna",
  amount: 40,
  total: 40,
  reason: "POINTS_REASON_BY_HAND",
  note: "Open day",
  by_user_id: "$teacher",
  created_at: timestamp,
};

export const points: CaseFile = {
  subject: "points",
  actors: ["alice", "teacher", "admin"],
  cases: {
    addPoints: {
      "gives points and takes them back, below nothing too, and the rating is their sum": {
        given: [anna],
        steps: [
          { ...add(40), with: { ...entry, id: above(0), source_id: absent } },
          {
            ...add(50, { take_back: true, note: " Written twice\u0301 " }),
            with: { amount: -50, total: -10, note: "Written twice\u0301" },
          },
          { call: "getUser", as: "alice", send: { user_id: "$anna" }, with: { rating: -10, version: 3 } },
          { ...add(10_000, { take_back: false }), with: { amount: 10_000, total: 9_990 } },
        ],
      },
      "of twenty at once all count": {
        noisy: true,
        given: [anna],
        steps: [
          // By two people: one caller has two connections of the pool.
          {
            together: [
              { ...add(7), times: 10 },
              { ...add(7), as: "admin", times: 10 },
            ],
            distinct: ["id", "total"],
          },
          { call: "getUser", as: "alice", send: { user_id: "$anna" }, with: { rating: 140 } },
          { call: "listPointsEntries", as: "teacher", send: list({ limit: 100 }), with: { entries: size(20) } },
        ],
      },
      "counts once for one Idempotency-Key": {
        given: [anna],
        steps: [
          { ...add(7), headers: { "idempotency-key": "points-${case}-0123456789" }, again: true },
          { call: "getUser", as: "alice", send: { user_id: "$anna" }, with: { rating: 7 } },
        ],
      },
      "nobody gives to themselves, and a teacher to students alone": {
        given: [clara],
        steps: [
          { ...add(1, { user_id: "$teacher" }), answers: "PERMISSION_DENIED" },
          { ...add(1, { user_id: "$admin" }), as: "admin", answers: "PERMISSION_DENIED" },
          { ...add(1, { user_id: "$clara" }), answers: "PERMISSION_DENIED" },
          { ...add(1, { user_id: "$clara" }), as: "admin" },
          { ...add(1, { user_id: "$alice" }), as: "alice", answers: "PERMISSION_DENIED" },
        ],
      },
      "to nobody there is nothing to give": { ...add(1, { user_id: nobody }), answers: "USER_NOT_FOUND" },
      "names how many within bounds, and what for": {
        given: [anna],
        steps: [
          {
            ...add(0, { note: " " }),
            answers: 422,
            violates: [
              { field: "amount", rule: "int64.gte" },
              { field: "note", rule: "string.min_len" },
            ],
          },
          { ...add(10_001), answers: 422, violates: { field: "amount", rule: "int64.lte" } },
          { ...add(-1), answers: 422, violates: { field: "amount", rule: "int64.gte" } },
        ],
      },
      "needs a login": { send: { user_id: nobody, amount: 1, note: "A" }, answers: "UNAUTHENTICATED" },
    },
    listPointsEntries: {
      "a person sees their own, the newest first": {
        noisy: true,
        steps: [
          add(5, { user_id: "$alice" }),
          add(2, { user_id: "$alice", take_back: true }),
          {
            as: "alice",
            send: { user_id: "$alice", limit: 2, include: ["people"] },
            with: {
              entries: [{ amount: -2, by_user_id: "$teacher" }, { amount: 5 }],
              people: including({ id: "$teacher", email: absent }),
            },
          },
        ],
      },
      "staff sees that of everybody, with the rating that was set": {
        given: [anna, add(40), { call: "updateUser", as: "admin", send: { user_id: "$anna", rating: 15 } }],
        steps: [
          {
            as: "teacher",
            send: list(),
            exactly: {
              entries: [
                {
                  ...entry,
                  amount: -25,
                  total: 15,
                  reason: "POINTS_REASON_RATING_SET",
                  note: "",
                  by_user_id: "$admin",
                },
                entry,
              ],
              next_page_token: "",
              people: [],
            },
          },
          { as: "admin", send: list({ skip: 1 }), with: { entries: [{ amount: 40 }] } },
        ],
      },
      "who has earned nothing has an empty one, and nobody has none": {
        given: [anna],
        steps: [
          { as: "teacher", send: list(), exactly: { entries: [], next_page_token: "", people: [] } },
          { as: "teacher", send: { user_id: nobody }, answers: "USER_NOT_FOUND" },
        ],
      },
      "that of others is not for students": {
        given: [anna],
        as: "alice",
        send: list(),
        answers: "PERMISSION_DENIED",
      },
      "a page token that no page had is refused": {
        as: "alice",
        send: { user_id: "$alice", page_token: "x" },
        answers: "INVALID_PAGE_TOKEN",
      },
      "needs a login": { send: { user_id: nobody }, answers: "UNAUTHENTICATED" },
    },
    getPointsEntry: {
      "the person sees it, and staff": {
        noisy: true,
        given: [{ ...add(40, { user_id: "$alice" }), capture: { entry: "id" } }],
        steps: [
          { as: "alice", send: { user_id: "$alice", entry_id: "$entry" }, with: { id: "$entry", amount: 40 } },
          { as: "admin", send: { user_id: "$alice", entry_id: "$entry" }, with: { id: "$entry" } },
        ],
      },
      "one of another person is not found, and is not for students": {
        given: [anna, { ...add(40), capture: { entry: "id" } }],
        steps: [
          { as: "teacher", send: { user_id: "$alice", entry_id: "$entry" }, answers: "POINTS_ENTRY_NOT_FOUND" },
          { as: "alice", send: { user_id: "$alice", entry_id: "$entry" }, answers: "POINTS_ENTRY_NOT_FOUND" },
          { as: "alice", send: { user_id: "$anna", entry_id: "$entry" }, answers: "PERMISSION_DENIED" },
        ],
      },
      "needs a login": { send: { user_id: nobody, entry_id: nobody }, answers: "UNAUTHENTICATED" },
    },
  },
};
