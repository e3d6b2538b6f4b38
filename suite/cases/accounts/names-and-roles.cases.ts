// Cases of names and roles, which others change.
import { matches, type CaseFile, type Fields, type Step } from "../../../runner/cases/case.js";
import { email, invite, login, nobody, person, student } from "./invited.js";

const update = (as: string, send: Fields, answers: Step["answers"] = 200): Step => ({
  call: "updateUser",
  as,
  send,
  answers,
});
const denied = "PERMISSION_DENIED";

export const namesAndRoles: CaseFile = {
  subject: "accounts",
  actors: ["alice", "bob", "teacher", "admin", "principal"],
  cases: {
    updateUser: {
      "a teacher renames a student, and everybody sees it": {
        given: [invite("ROLE_STUDENT")],
        steps: [
          {
            as: "teacher",
            send: { user_id: "$id", first_name: " Маша ", last_name: "Петрова${case}" },
            with: { id: "$id", email, first_name: "Маша", last_name: "Петрова${case}", version: 2 },
            answerHeaders: { etag: matches('^"2\\.') },
          },
          { as: "teacher", send: { user_id: "$id", last_name: "Сидорова${case}" }, with: { first_name: "Маша" } },
          { call: "listUsers", as: "alice", send: { query: "сидорова${case} маша" }, with: { users: [{ id: "$id" }] } },
          { call: "listUsers", as: "alice", send: { query: "петрова${case}" }, with: { users: [] } },
        ],
      },
      "what is equal already changes nothing": {
        given: [invite("ROLE_STUDENT")],
        steps: [
          { as: "admin", send: { user_id: "$id" }, with: { version: 1 } },
          {
            as: "admin",
            send: { user_id: "$id", first_name: "Мария", last_name: "Иванова", role: "ROLE_STUDENT" },
            with: { version: 1 },
          },
        ],
      },
      "takes the tag of the person in If-Match": {
        given: [invite("ROLE_STUDENT")],
        steps: [
          { call: "getUser", as: "teacher", send: { user_id: "$id" }, capture: { tag: "@etag" } },
          {
            ...update("teacher", { user_id: "$id", first_name: "Маша" }),
            headers: { "If-Match": "$tag" },
            with: { version: 2 },
          },
          {
            ...update("teacher", { user_id: "$id", first_name: "Маня" }, "PRECONDITION_FAILED"),
            headers: { "If-Match": "$tag" },
          },
          { call: "getUser", as: "teacher", send: { user_id: "$id" }, with: { first_name: "Маша", version: 2 } },
        ],
      },
      "a direct chat has the new name of the other": {
        given: [
          invite("ROLE_STUDENT"),
          { call: "openDirectChat", as: "alice", send: { user_id: "$id" }, capture: { direct: "id" } },
        ],
        steps: [
          update("teacher", { user_id: "$id", first_name: "Маша" }),
          { call: "getChat", as: "alice", send: { chat_id: "$direct" }, with: { chat: { title: "Маша Иванова" } } },
        ],
      },
      "a super admin gives roles, and takes them": {
        given: [invite("ROLE_STUDENT")],
        steps: ["ROLE_TEACHER", "ROLE_SUPER_ADMIN", "ROLE_TEACHER", "ROLE_STUDENT"].map((role) => ({
          as: "admin",
          send: { user_id: "$id", role },
          with: { role },
        })),
      },
      "a new role ends the sessions, and the next one has it": {
        given: [student, ...person("ROLE_TEACHER"), { ...login, capture: { second: "access_token" } }],
        steps: [
          { call: "suspendUser", token: "$access", send: { user_id: "$student" } },
          { call: "restoreUser", token: "$access", send: { user_id: "$student" } },
          update("admin", { user_id: "$id", role: "ROLE_STUDENT" }),
          { call: "getMe", token: "$access", answers: "INVALID_TOKEN" },
          { call: "getMe", token: "$second", answers: "INVALID_TOKEN" },
          { call: "refresh", send: { refresh_token: "$refresh" }, answers: "INVALID_REFRESH_TOKEN" },
          login,
          { call: "suspendUser", token: "$access", send: { user_id: "$student" }, answers: denied },
        ],
      },
      "a new name ends no session": {
        given: [...person("ROLE_STUDENT")],
        steps: [
          update("teacher", { user_id: "$id", first_name: "Маша" }),
          { call: "getMe", token: "$access", with: { first_name: "Маша", version: 3 } },
        ],
      },
      "a student changes nobody, and not their own names": {
        steps: [
          update("alice", { user_id: "$alice", first_name: "Alicia" }, denied),
          update("alice", { user_id: "$alice", role: "ROLE_TEACHER" }, denied),
          update("alice", { user_id: "$alice", role: "ROLE_STUDENT" }, denied),
          update("alice", { user_id: "$bob", first_name: "Robert" }, denied),
          update("alice", { user_id: "$teacher", first_name: "Theo" }, denied),
          update("alice", { user_id: "$admin", first_name: "Ada" }, denied),
          update("alice", { user_id: "$bob" }, denied),
          { ...update("alice", { user_id: "$alice" }), with: { first_name: "alice", version: 1 } },
        ],
      },
      "a teacher gives no role to anybody, themselves included, and changes nobody but students": {
        given: [
          ...person("ROLE_TEACHER"),
          student,
          { ...invite("ROLE_TEACHER", { email: "t.${case}@example.org" }), capture: { other: "id" } },
        ],
        steps: [
          { token: "$access", send: { user_id: "$student", role: "ROLE_TEACHER" }, answers: denied },
          { token: "$access", send: { user_id: "$student", role: "ROLE_STUDENT" }, answers: denied },
          { token: "$access", send: { user_id: "$id", role: "ROLE_SUPER_ADMIN" }, answers: denied },
          { token: "$access", send: { user_id: "$id", role: "ROLE_STUDENT" }, answers: denied },
          { token: "$access", send: { user_id: "$id", first_name: "Theo" }, answers: denied },
          { token: "$access", send: { user_id: "$other", first_name: "Theo" }, answers: denied },
          { token: "$access", send: { user_id: "$other", role: "ROLE_STUDENT" }, answers: denied },
          { token: "$access", send: { user_id: "$admin", first_name: "Ada" }, answers: denied },
          { token: "$access", send: { user_id: "$admin", role: "ROLE_STUDENT" }, answers: denied },
          { token: "$access", send: { user_id: "$student", first_name: "Петя" }, with: { role: "ROLE_STUDENT" } },
          { call: "getUser", as: "alice", send: { user_id: "$id" }, with: { role: "ROLE_TEACHER" } },
        ],
      },
      "a super admin changes their own names, and not their own role": {
        given: [...person("ROLE_SUPER_ADMIN")],
        steps: [
          { token: "$access", send: { user_id: "$id", first_name: "Ada" }, with: { first_name: "Ada" } },
          { token: "$access", send: { user_id: "$id", role: "ROLE_STUDENT" }, answers: denied },
          { token: "$access", send: { user_id: "$id", role: "ROLE_SUPER_ADMIN" }, answers: denied },
        ],
      },
      "the last super admin stays one": {
        server: "one-super-admin",
        steps: [
          { as: "principal", send: { user_id: "$principal", role: "ROLE_TEACHER" }, answers: denied },
          { call: "suspendUser", as: "principal", send: { user_id: "$principal" }, answers: denied },
          { call: "deleteUser", as: "principal", send: { user_id: "$principal" }, answers: denied },
          { call: "getMe", as: "principal", with: { role: "ROLE_SUPER_ADMIN", version: 1 } },
        ],
      },
      "an id that does not exist is refused, and a name that is none breaks a rule": {
        steps: [
          { as: "admin", send: { user_id: nobody, first_name: "A" }, answers: "USER_NOT_FOUND" },
          { as: "alice", send: { user_id: nobody, first_name: "A" }, answers: "USER_NOT_FOUND" },
          {
            as: "alice",
            send: { user_id: "$bob", first_name: " " },
            violates: { field: "first_name", rule: "string.min_len" },
          },
        ],
      },
      "needs a login": { send: { user_id: nobody }, answers: "UNAUTHENTICATED" },
    },
  },
};
