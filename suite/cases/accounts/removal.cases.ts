// Cases of the removal of accounts by others.
import { matches, type CaseFile } from "../../../runner/cases/case.js";
import { password } from "../../people.js";
import { email, invite, nobody, person, student } from "./invited.js";

const denied = "PERMISSION_DENIED";

export const removal: CaseFile = {
  subject: "accounts",
  actors: ["alice", "bob", "teacher", "admin"],
  cases: {
    deleteUser: {
      "ends an account as DeleteMe does, and frees its address": {
        given: [...person("ROLE_STUDENT")],
        steps: [
          { as: "admin", send: { user_id: "$id" }, answers: 204 },
          { call: "getMe", token: "$access", answers: "INVALID_TOKEN" },
          { call: "refresh", send: { refresh_token: "$refresh" }, answers: "INVALID_REFRESH_TOKEN" },
          { call: "login", send: { email, password }, answers: "INVALID_CREDENTIALS" },
          { call: "getUser", as: "admin", send: { user_id: "$id" }, answers: "USER_NOT_FOUND" },
          { as: "admin", send: { user_id: "$id" }, answers: "USER_NOT_FOUND" },
          invite("ROLE_STUDENT"),
        ],
      },
      "takes the tag of the person in If-Match": {
        given: [invite("ROLE_STUDENT")],
        steps: [
          { call: "getUser", as: "admin", send: { user_id: "$id" }, capture: { tag: "@etag" } },
          { call: "updateUser", as: "teacher", send: { user_id: "$id", first_name: "Маша" } },
          {
            call: "deleteUser",
            as: "admin",
            send: { user_id: "$id" },
            headers: { "If-Match": "$tag" },
            answers: "PRECONDITION_FAILED",
          },
          { call: "getUser", as: "admin", send: { user_id: "$id" }, capture: { tag: "@etag" } },
          {
            call: "deleteUser",
            as: "admin",
            send: { user_id: "$id" },
            headers: { "If-Match": "$tag" },
            answers: 204,
          },
        ],
      },
      "one of twenty concurrent calls deletes the account": {
        given: [...person("ROLE_SUPER_ADMIN"), student],
        token: "$access",
        send: { user_id: "$student" },
        times: 20,
        answers: { "204": 1, USER_NOT_FOUND: 19 },
      },
      "is refused while a chat would have no owner, with the id of the chat": {
        given: [
          ...person("ROLE_STUDENT"),
          {
            call: "createChat",
            token: "$access",
            send: { title: "Mine", member_ids: ["$alice"] },
            answers: 201,
            capture: { mine: "id" },
          },
        ],
        steps: [
          {
            as: "admin",
            send: { user_id: "$id" },
            answers: "LAST_OWNER",
            with: { detail: "Chat with id=${mine} would be left without an owner" },
          },
          { call: "getMe", token: "$access", with: { id: "$id" } },
          { call: "leaveChat", token: "$access", send: { chat_id: "$mine", new_owner_id: "$alice" }, answers: 204 },
          { as: "admin", send: { user_id: "$id" }, answers: 204 },
        ],
      },
      "a suspended person can be deleted": {
        given: [invite("ROLE_TEACHER"), { call: "suspendUser", as: "admin", send: { user_id: "$id", reason: "Why" } }],
        as: "admin",
        send: { user_id: "$id" },
        answers: 204,
      },
      "students and teachers delete nobody": {
        given: [student],
        steps: [
          { as: "alice", send: { user_id: "$bob" }, answers: denied },
          { as: "alice", send: { user_id: "$alice" }, answers: denied },
          { as: "teacher", send: { user_id: "$student" }, answers: denied },
          { as: "teacher", send: { user_id: "$admin" }, answers: denied },
          { as: "teacher", send: { user_id: "$teacher" }, answers: denied },
        ],
      },
      "a super admin deletes others, and not themselves": {
        given: [
          ...person("ROLE_SUPER_ADMIN"),
          { ...invite("ROLE_SUPER_ADMIN", { email: "third.${case}@example.org" }), capture: { third: "id" } },
        ],
        steps: [
          { token: "$access", send: { user_id: "$id" }, answers: denied },
          { token: "$access", send: { user_id: "$third" }, answers: 204 },
        ],
      },
      "needs a login": {
        send: { user_id: nobody },
        answers: "UNAUTHENTICATED",
        answerHeaders: { "www-authenticate": matches("^Bearer\\b") },
      },
    },
  },
};
