// Cases of users.
import { above, absent, including, matches, timestamp, size, type CaseFile } from "../../runner/cases/case.js";

export const users: CaseFile = {
  subject: "users",
  actors: ["alice", "bob", "carol", "teacher", "admin"],
  cases: {
    listUsers: {
      "finds people by parts of their names, in any order": {
        as: "alice",
        send: { query: "run${run} BO" },
        with: { users: [{ id: "$bob", first_name: "bob", email: absent, role: "ROLE_STUDENT" }], next_page_token: "" },
      },
      "every part of the query has to occur": {
        steps: [
          { as: "alice", send: { query: "run${run} bob carol" }, with: { users: size(0) } },
          { as: "alice", send: { query: "b run${run} o" }, with: { users: [{ id: "$bob" }] } },
          { as: "alice", send: { query: "run${run} b z" }, with: { users: size(0) } },
        ],
      },
      "returns the caller's own address and no other": {
        as: "bob",
        send: { query: "Run${run}", limit: 100 },
        with: { users: including({ id: "$bob", email: "$bob.email" }) },
      },
      "a teacher gets the addresses": {
        as: "teacher",
        send: { query: "bob run${run}" },
        with: { users: [{ id: "$bob", email: "$bob.email" }] },
      },
      "is ordered by last name, then first name, page by page": {
        steps: [
          {
            as: "alice",
            send: { query: "run${run}", limit: 1 },
            with: { users: [{ id: "$alice" }], next_page_token: matches(".") },
            capture: { next: "next_page_token" },
          },
          {
            as: "alice",
            send: { query: "run${run}", limit: 1, page_token: "$next" },
            with: { users: [{ id: "$bob" }], next_page_token: matches(".") },
            capture: { last: "next_page_token" },
          },
          {
            as: "alice",
            send: { query: "run${run}", limit: 1, page_token: "$last" },
            with: { users: [{ id: "$carol" }], next_page_token: "" },
          },
        ],
      },
      "skips as many users as requested": {
        as: "alice",
        send: { query: "run${run}", skip: 1, limit: 1 },
        with: { users: [{ id: "$bob" }] },
      },
      "finds a name with a slip of one letter, when nobody has it as it is": {
        steps: ["run${run} caorl", "craol run${run}", "carll run${run}", "caroll run${run}", "crol run${run}"].map(
          (query) => ({
            as: "alice",
            send: { query },
            with: { users: including({ id: "$carol" }), is_similar: true },
          }),
        ),
      },
      "finds nobody by a word with two slips, or by a short one with one": {
        steps: ["run${run} caaorll", "run${run} bbo", "run${run} bxb"].map((query) => ({
          as: "alice",
          send: { query },
          with: { users: size(0), is_similar: false },
        })),
      },
      "the filters choose among those with the name": {
        steps: [
          { as: "alice", send: { query: "bob run${run}", role: "ROLE_STUDENT" }, with: { users: [{ id: "$bob" }] } },
          { as: "alice", send: { query: "bob run${run}", role: "ROLE_TEACHER" }, with: { users: size(0) } },
          { as: "alice", send: { query: "bob run${run}", school_class: 11 }, with: { users: size(0) } },
          { as: "alice", send: { query: "bob run${run}", group_id: 999999999 }, with: { users: size(0) } },
          { as: "alice", send: { user_ids: ["$bob"], role: "ROLE_SUPER_ADMIN" }, with: { users: size(0) } },
        ],
      },
      "a teacher finds who is suspended, and who is not": {
        steps: [
          { as: "teacher", send: { query: "bob run${run}", suspended: false }, with: { users: [{ id: "$bob" }] } },
          { as: "teacher", send: { query: "bob run${run}", suspended: true }, with: { users: size(0) } },
        ],
      },
      "a student does not learn who is suspended": {
        steps: [true, false].map((suspended) => ({
          as: "alice",
          send: { query: "bob run${run}", suspended },
          answers: "PERMISSION_DENIED" as const,
        })),
      },
      "a class of 0 and one of 12 break a rule": {
        steps: [
          { as: "alice", send: { school_class: 0 }, violates: { field: "school_class", rule: "int32.gte" } },
          { as: "alice", send: { school_class: 12 }, violates: { field: "school_class", rule: "int32.lte" } },
          { as: "alice", send: { group_id: 0 }, violates: { field: "group_id", rule: "int64.gt" } },
        ],
      },
      "percent, underscore and backslash in a query are literal": {
        steps: ["%_\\", "run${run} %", "run${run} b_b", "run${run} \\b"].map((query) => ({
          as: "alice",
          send: { query },
          with: { users: [], next_page_token: "" },
        })),
      },
      "an empty query finds all users": {
        noisy: true,
        as: "alice",
        send: { query: "", limit: 1 },
        with: { users: size(1) },
      },
      "a page token of other filters is refused": {
        steps: [
          {
            as: "bob",
            send: { query: "run${run}", limit: 1 },
            with: { users: [{ id: "$alice" }] },
            capture: { next: "next_page_token" },
          },
          { as: "alice", send: { query: "else", page_token: "$next" }, answers: "INVALID_PAGE_TOKEN" },
        ],
      },
      "a query of more than twenty words is refused, and one of twenty is not": {
        steps: [
          { as: "alice", send: { query: "a b c d e f g h i j k l m n o p q r s t u" }, answers: "SEARCH_TOO_BROAD" },
          { as: "alice", send: { query: "a b c d e f g h i j k l m n o p q r s t a" }, with: { users: size(0) } },
        ],
      },
      "an invalid page token is refused": {
        as: "alice",
        send: { page_token: "nonsense" },
        answers: "INVALID_PAGE_TOKEN",
      },
      "skip together with a page token is refused": {
        steps: [
          {
            as: "bob",
            send: { query: "run${run}", limit: 1 },
            with: { users: [{ id: "$alice" }] },
            capture: { next: "next_page_token" },
          },
          {
            as: "alice",
            send: { query: "run${run}", limit: 1, skip: 1, page_token: "$next" },
            answers: "MALFORMED_REQUEST",
          },
        ],
      },
      "a limit of 0 and one of 101 break a rule": {
        steps: [
          { as: "alice", send: { limit: 0 }, violates: { field: "limit", rule: "int32.gte" } },
          { as: "alice", send: { limit: 101 }, violates: { field: "limit", rule: "int32.lte" } },
          { as: "alice", send: { skip: -1 }, violates: { field: "skip", rule: "int32.gte" } },
        ],
      },
      "a misspelt key is refused": { as: "alice", query: "limti=3", answers: "MALFORMED_REQUEST" },
      "a limit that is not a number is malformed": {
        as: "alice",
        query: "limit=ten",
        answers: "MALFORMED_REQUEST",
        with: { violations: [{ field: "limit", pointer: "/limit" }] },
      },
      "needs a login": { answers: "UNAUTHENTICATED" },
    },
    getLeaderboard: {
      "returns the first ones, and the caller's own place": {
        noisy: true,
        as: "alice",
        send: { limit: 1 },
        with: { rows: size(1), own_place: { rank: above(0) } },
      },
      "a teacher has no place on it": { noisy: true, as: "teacher", send: { limit: 1 }, with: { own_place: absent } },
      "who is in no group has no place among one": {
        as: "alice",
        send: { group_id: 999999999 },
        exactly: { rows: [], next_page_token: "" },
      },
      "an invalid page token is refused": {
        steps: [
          { as: "alice", send: { page_token: "nonsense" }, answers: "INVALID_PAGE_TOKEN" },
          {
            as: "alice",
            send: { limit: 1 },
            with: { next_page_token: matches(".") },
            capture: { next: "next_page_token" },
          },
          { as: "alice", send: { limit: 1, school_class: 5, page_token: "$next" }, answers: "INVALID_PAGE_TOKEN" },
          { as: "bob", send: { limit: 1, page_token: "$next" }, answers: "INVALID_PAGE_TOKEN" },
          { as: "alice", send: { skip: 1, page_token: "$next" }, answers: "MALFORMED_REQUEST" },
        ],
      },
      "a limit of 101, a class of 12 and a group of 0 break a rule": {
        steps: [
          { as: "alice", send: { limit: 101 }, violates: { field: "limit", rule: "int32.lte" } },
          { as: "alice", send: { school_class: 12 }, violates: { field: "school_class", rule: "int32.lte" } },
          { as: "alice", send: { group_id: 0 }, violates: { field: "group_id", rule: "int64.gt" } },
        ],
      },
      "needs a login": { answers: "UNAUTHENTICATED" },
    },
    getUser: {
      "returns a user without the address": {
        as: "alice",
        send: { user_id: "$bob" },
        exactly: {
          id: "$bob",
          first_name: "bob",
          last_name: "$bob.last_name",
          role: "ROLE_STUDENT",
          created_at: timestamp,
          version: 1,
          patronymic_name: "",
          rating: 0,
        },
        answerHeaders: { etag: matches('^"1\\.') },
      },
      "returns the caller with the address": { as: "bob", send: { user_id: "$bob" }, with: { email: "$bob.email" } },
      "a teacher gets the address": {
        as: "teacher",
        send: { user_id: "$bob" },
        with: { email: "$bob.email" },
      },
      "a super admin gets the address": { as: "admin", send: { user_id: "$bob" }, with: { email: "$bob.email" } },
      "every caller gets the role": {
        as: "alice",
        send: { user_id: "$teacher" },
        with: { role: "ROLE_TEACHER", email: absent },
      },
      "an id that does not exist is refused with a detail": {
        as: "alice",
        send: { user_id: 999999999 },
        answers: "USER_NOT_FOUND",
        with: {
          code: "NOT_FOUND",
          status: 404,
          detail: "User with id=999999999 not found",
          instance: "/v1/users/999999999",
        },
      },
      "an id of 0 breaks a rule, and a word is malformed": {
        steps: [
          { as: "alice", send: { user_id: 0 }, violates: { field: "user_id", rule: "int64.gt" } },
          {
            as: "alice",
            path: "/v1/users/abc",
            answers: "MALFORMED_REQUEST",
            with: { violations: [{ field: "user_id" }] },
          },
          { as: "alice", path: "/v1/users/9007199254740993", answers: "MALFORMED_REQUEST" },
        ],
      },
      "needs a login": { send: { user_id: 1 }, answers: "UNAUTHENTICATED" },
    },
  },
};
