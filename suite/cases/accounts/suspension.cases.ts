// Cases of suspension.
import { absent, including, timestamp, type CaseFile, type Step } from "../../../runner/cases/case.js";
import { password } from "../../people.js";
import { email, invite, login, nobody, person } from "./invited.js";

const denied = "PERMISSION_DENIED";
const suspended = "ACCOUNT_SUSPENDED";

/** Another teacher, $other. */
const otherTeacher: Step = {
  ...invite("ROLE_TEACHER", { email: "other.${case}@example.org" }),
  capture: { other: "id" },
};

export const suspension: CaseFile = {
  subject: "accounts",
  actors: ["alice", "bob", "teacher", "admin"],
  cases: {
    suspendUser: {
      "shuts a student out at once, on every way in": {
        given: [...person("ROLE_STUDENT"), { ...login, capture: { second: "access_token" } }],
        steps: [
          {
            as: "teacher",
            send: { user_id: "$id", reason: "Asked by the parents" },
            with: { id: "$id", suspended_at: timestamp, suspension_reason: "Asked by the parents", version: 3 },
          },
          { call: "getMe", token: "$access", answers: "INVALID_TOKEN" },
          { call: "getMe", token: "$second", answers: "INVALID_TOKEN" },
          { call: "refresh", send: { refresh_token: "$refresh" }, answers: "INVALID_REFRESH_TOKEN" },
          { ...login, capture: {}, answers: suspended, with: { code: "PERMISSION_DENIED", status: 403 } },
          { call: "login", send: { email, password: "wrong horse" }, answers: "INVALID_CREDENTIALS" },
        ],
      },
      "to suspend again keeps the time, and the reason unless there is another one": {
        given: [invite("ROLE_STUDENT")],
        steps: [
          { as: "teacher", send: { user_id: "$id", reason: "One" }, capture: { since: "suspended_at" } },
          {
            as: "admin",
            send: { user_id: "$id" },
            with: { suspended_at: "$since", suspension_reason: "One", version: 2 },
          },
          {
            as: "admin",
            send: { user_id: "$id", reason: "Two" },
            with: { suspended_at: "$since", suspension_reason: "Two", version: 3 },
          },
        ],
      },
      "others see the person as before, and staff that they are suspended": {
        given: [
          invite("ROLE_STUDENT", { last_name: "Stays${case}" }),
          { call: "openDirectChat", as: "alice", send: { user_id: "$id" }, capture: { direct: "id" } },
        ],
        steps: [
          { as: "teacher", send: { user_id: "$id", reason: "Why" }, with: { suspended_at: timestamp } },
          {
            call: "listUsers",
            as: "alice",
            send: { query: "stays${case}" },
            with: { users: [{ id: "$id", suspended_at: absent, suspension_reason: absent }] },
          },
          {
            call: "listUsers",
            as: "teacher",
            send: { query: "stays${case}" },
            with: { users: [{ id: "$id", suspended_at: timestamp, suspension_reason: "Why" }] },
          },
          { call: "sendMessage", as: "alice", send: { chat_id: "$direct", text: "Come back" }, answers: 201 },
          {
            call: "createChat",
            as: "alice",
            send: { title: "All", member_ids: ["$id"] },
            answers: 201,
            with: { member_count: 2 },
          },
        ],
      },
      "a teacher sees that another teacher is suspended, and not why": {
        given: [invite("ROLE_TEACHER"), { call: "suspendUser", as: "admin", send: { user_id: "$id", reason: "Why" } }],
        steps: [
          {
            call: "getUser",
            as: "teacher",
            send: { user_id: "$id" },
            with: { suspended_at: timestamp, suspension_reason: absent },
          },
          { call: "getUser", as: "admin", send: { user_id: "$id" }, with: { suspension_reason: "Why" } },
        ],
      },
      "a student suspends nobody": {
        steps: ["$alice", "$bob", "$teacher", "$admin"].map((user_id) => ({
          as: "alice",
          send: { user_id },
          answers: denied,
        })),
      },
      "a teacher suspends no teacher, no super admin, and not themselves": {
        given: [otherTeacher],
        steps: ["$other", "$admin", "$teacher"].map((user_id) => ({
          as: "teacher",
          send: { user_id },
          answers: denied,
        })),
      },
      "a super admin suspends a teacher and a super admin, and not themselves": {
        given: [
          otherTeacher,
          ...person("ROLE_SUPER_ADMIN"),
          { ...invite("ROLE_SUPER_ADMIN", { email: "third.${case}@example.org" }), capture: { third: "id" } },
        ],
        steps: [
          { token: "$access", send: { user_id: "$other" }, with: { suspended_at: timestamp } },
          { token: "$access", send: { user_id: "$third" }, with: { suspended_at: timestamp } },
          { token: "$access", send: { user_id: "$id" }, answers: denied },
        ],
      },
      "of twenty logins beside a suspension none leaves a session": {
        noisy: true,
        given: [...person("ROLE_STUDENT")],
        steps: [
          {
            together: [
              { call: "login", send: { email, password }, times: 20, answers: "*" },
              { as: "teacher", send: { user_id: "$id" } },
            ],
          },
          { call: "getMe", token: "$access", answers: "INVALID_TOKEN" },
          { ...login, capture: {}, answers: suspended },
        ],
      },
      "an id that does not exist is refused, and a long reason breaks a rule": {
        steps: [
          { as: "teacher", send: { user_id: nobody }, answers: "USER_NOT_FOUND" },
          {
            as: "teacher",
            send: { user_id: "$bob", reason: "x".repeat(501) },
            violates: { field: "reason", rule: "string.max_len" },
          },
        ],
      },
      "needs a login": { send: { user_id: nobody }, answers: "UNAUTHENTICATED" },
    },
    restoreUser: {
      "lets a person in again, who logs in anew": {
        given: [...person("ROLE_STUDENT"), { call: "suspendUser", as: "teacher", send: { user_id: "$id" } }],
        steps: [
          { as: "teacher", send: { user_id: "$id" }, with: { suspended_at: absent, suspension_reason: absent } },
          { call: "getMe", token: "$access", answers: "INVALID_TOKEN" },
          { call: "refresh", send: { refresh_token: "$refresh" }, answers: "INVALID_REFRESH_TOKEN" },
          login,
          { call: "getMe", token: "$access", with: { id: "$id" } },
        ],
      },
      "who is not suspended stays as they are": {
        as: "teacher",
        send: { user_id: "$bob" },
        with: { id: "$bob", version: 1 },
        again: true,
      },
      "is for those who are above the person": {
        given: [otherTeacher, { call: "suspendUser", as: "admin", send: { user_id: "$other" } }],
        steps: [
          { as: "alice", send: { user_id: "$bob" }, answers: denied },
          { as: "teacher", send: { user_id: "$other" }, answers: denied },
          { as: "teacher", send: { user_id: "$admin" }, answers: denied },
          { as: "teacher", send: { user_id: "$teacher" }, answers: denied },
          { as: "admin", send: { user_id: "$admin" }, answers: denied },
          { as: "admin", send: { user_id: "$other" }, with: { suspended_at: absent } },
        ],
      },
      "an id that does not exist is refused": { as: "teacher", send: { user_id: nobody }, answers: "USER_NOT_FOUND" },
      "needs a login": { send: { user_id: nobody }, answers: "UNAUTHENTICATED" },
    },
    login: {
      "is refused to somebody who is suspended, after the right password alone": {
        given: [...person("ROLE_STUDENT"), { call: "suspendUser", as: "teacher", send: { user_id: "$id" } }],
        steps: [
          { send: { email, password }, answers: suspended },
          { send: { email, password: "wrong horse" }, answers: "INVALID_CREDENTIALS" },
        ],
      },
    },
    listChatMembers: {
      "brings those who are suspended, marked for staff": {
        given: [
          // She has the smaller id of the two, by which they are listed.
          { call: "getMe", as: "alice" },
          invite("ROLE_STUDENT"),
          {
            call: "createChat",
            as: "teacher",
            send: { title: "Class", member_ids: ["$id", "$alice"] },
            answers: 201,
            capture: { tea: "id" },
          },
          { call: "suspendUser", as: "teacher", send: { user_id: "$id" } },
        ],
        steps: [
          {
            as: "teacher",
            send: { chat_id: "$tea", include: ["people"] },
            with: { people: including({ id: "$id", suspended_at: timestamp }) },
          },
          {
            as: "alice",
            send: { chat_id: "$tea", include: ["people"] },
            with: { people: including({ id: "$id", suspended_at: absent }) },
          },
        ],
      },
    },
  },
};
