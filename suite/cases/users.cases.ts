import { absent, including, matches, moment, size, type CaseFile } from "../../runner/cases/case.js";

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
      "shows one's own address, and nobody else's": {
        as: "bob",
        send: { query: "Run${run}", limit: 100 },
        with: { users: including({ id: "$bob", email: "$bob.email" }) },
      },
      "a teacher sees the addresses": {
        as: "teacher",
        send: { query: "bob run${run}" },
        with: { users: [{ id: "$bob", email: "$bob.email" }] },
      },
      "goes by family name, then given name, page by page": {
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
      "passes over as many as it is told to": {
        as: "alice",
        send: { query: "run${run}", skip: 1, limit: 1 },
        with: { users: [{ id: "$bob" }] },
      },
      "percent, underscore and backslash in a query mean themselves": {
        as: "alice",
        send: { query: "%_\\" },
        with: { users: [], next_page_token: "" },
      },
      "an empty query finds everyone": {
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
      "a page token that nobody made is refused": {
        as: "alice",
        send: { page_token: "nonsense" },
        answers: "INVALID_PAGE_TOKEN",
      },
      "skip beside a page token cannot be read": {
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
      "a limit of 0 and one of 101 are out of bounds": {
        steps: [
          { as: "alice", send: { limit: 0 }, violates: { field: "limit", rule: "int32.gte" } },
          { as: "alice", send: { limit: 101 }, violates: { field: "limit", rule: "int32.lte" } },
          { as: "alice", send: { skip: -1 }, violates: { field: "skip", rule: "int32.gte" } },
        ],
      },
      "a misspelt key is not passed over": { as: "alice", query: "limti=3", answers: "MALFORMED_REQUEST" },
      "a limit that is no number cannot be read": {
        as: "alice",
        query: "limit=ten",
        answers: "MALFORMED_REQUEST",
        with: { violations: [{ field: "limit", pointer: "/limit" }] },
      },
      "needs a login": { answers: "UNAUTHENTICATED" },
    },
    getUser: {
      "shows a person without the address": {
        as: "alice",
        send: { user_id: "$bob" },
        exactly: {
          id: "$bob",
          first_name: "bob",
          last_name: "$bob.last_name",
          role: "ROLE_STUDENT",
          created_at: moment,
          version: 1,
        },
        answerHeaders: { etag: matches('^"1\\.') },
      },
      "shows oneself with the address": { as: "bob", send: { user_id: "$bob" }, with: { email: "$bob.email" } },
      "a teacher sees the address": {
        as: "teacher",
        send: { user_id: "$bob" },
        with: { email: "$bob.email" },
      },
      "a super admin sees the address": { as: "admin", send: { user_id: "$bob" }, with: { email: "$bob.email" } },
      "everyone sees who is a teacher": {
        as: "alice",
        send: { user_id: "$teacher" },
        with: { role: "ROLE_TEACHER", email: absent },
      },
      "says in a sentence that there is none": {
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
      "an id of 0 breaks a rule, a word cannot be read": {
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
