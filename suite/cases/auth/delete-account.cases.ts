// Cases of deleting one's own account.
import { absent, excluding, including, matches, size, type CaseFile, type Step } from "../../../runner/cases/case.js";
import { email, newUser, register, login } from "./new-user.js";
import { password } from "../../people.js";

const registerWithId: Step = { ...register, capture: { id: "id" } };
const deleteAccount: Step = {
  call: "deleteMe",
  token: "$access",
  send: { password },
  answers: 204,
  answerHeaders: { "clear-site-data": '"cache"' },
};

export const accountDeletion: CaseFile = {
  subject: "auth",
  actors: ["alice", "bob", "principal"],
  cases: {
    deleteMe: {
      "deletes the account at once and frees its address": {
        given: [register, login],
        steps: [
          deleteAccount,
          { call: "getMe", token: "$access", answers: "INVALID_TOKEN" },
          { call: "refresh", send: { refresh_token: "$refresh" }, answers: "INVALID_REFRESH_TOKEN" },
          { call: "login", send: { email, password }, answers: "INVALID_CREDENTIALS" },
          { call: "register", send: newUser, answers: 201, with: { email } },
          login,
          deleteAccount,
        ],
      },
      "ends every session": {
        given: [
          register,
          login,
          { ...login, capture: { elsewhere: "access_token", asleep: "refresh_token" } },
          deleteAccount,
        ],
        steps: [
          { call: "getMe", token: "$elsewhere", answers: "INVALID_TOKEN" },
          { call: "refresh", send: { refresh_token: "$asleep" }, answers: "INVALID_REFRESH_TOKEN" },
        ],
      },
      "takes the tag of the account in If-Match": {
        given: [register, login],
        steps: [
          { call: "getMe", token: "$access", capture: { tag: "@etag" } },
          {
            call: "deleteMe",
            token: "$access",
            send: { password },
            headers: { "If-Match": '"999999.other-json"' },
            answers: "PRECONDITION_FAILED",
          },
          {
            call: "deleteMe",
            token: "$access",
            send: { password },
            headers: { "If-None-Match": "$tag" },
            answers: "PRECONDITION_FAILED",
          },
          { call: "getMe", token: "$access", with: { email } },
          { call: "deleteMe", token: "$access", send: { password }, headers: { "If-Match": "$tag" }, answers: 204 },
          { call: "getMe", token: "$access", answers: "INVALID_TOKEN" },
        ],
      },
      "a wrong password deletes nothing, and twenty of them make the caller wait": {
        given: [register, login],
        steps: [
          {
            call: "deleteMe",
            token: "$access",
            send: { password: `${password}!` },
            answers: "INVALID_CREDENTIALS",
            with: { code: "UNAUTHENTICATED" },
            answerHeaders: { "www-authenticate": matches("^Bearer\\b") },
          },
          { call: "getMe", token: "$access", with: { email } },
          {
            call: "deleteMe",
            token: "$access",
            send: { password: "wrong horse" },
            turns: 19,
            answers: { INVALID_CREDENTIALS: 19 },
          },
          { call: "deleteMe", token: "$access", send: { password }, answers: "RATE_LIMITED" },
          { call: "getMe", token: "$access", with: { email } },
        ],
      },
      "a password is needed": {
        given: [register, login],
        token: "$access",
        send: { password: "" },
        violates: { field: "password", rule: "string.min_len" },
      },
      "one of twenty concurrent calls deletes the account": {
        given: [register, login],
        token: "$access",
        send: { password },
        times: 20,
        answers: { "204": 1, INVALID_TOKEN: 19 },
      },
      "a deleted user is not found and cannot be added to a chat": {
        given: [
          { call: "register", send: { ...newUser, last_name: "Was${case}" }, answers: 201, capture: { id: "id" } },
          login,
          { call: "createChat", as: "alice", send: { title: "Tea" }, answers: 201, capture: { tea: "id" } },
          { call: "listUsers", as: "alice", send: { query: "Was${case}" }, with: { users: [{ id: "$id" }] } },
          deleteAccount,
        ],
        steps: [
          { call: "getUser", as: "alice", send: { user_id: "$id" }, answers: "USER_NOT_FOUND" },
          { call: "listUsers", as: "alice", send: { query: "Was${case}" }, with: { users: size(0) } },
          {
            call: "createChat",
            as: "alice",
            send: { title: "All", member_ids: ["$bob", "$id"] },
            answers: "USER_NOT_FOUND",
            with: { detail: "User with id=${id} not found" },
          },
          { call: "openDirectChat", as: "alice", send: { user_id: "$id" }, answers: "USER_NOT_FOUND" },
          { call: "addChatMember", as: "alice", send: { chat_id: "$tea", user_id: "$id" }, answers: "USER_NOT_FOUND" },
        ],
      },
      "a deleted user is in no list of people, with and without a query": {
        given: [
          { call: "register", send: { ...newUser, last_name: "0was${case}" }, answers: 201, capture: { id: "id" } },
          login,
          // Digits come before letters.
          { call: "listUsers", as: "alice", send: { limit: 100 }, with: { users: including({ id: "$id" }) } },
          deleteAccount,
        ],
        steps: [
          { call: "listUsers", as: "alice", send: { limit: 100 }, with: { users: excluding({ id: "$id" }) } },
          { call: "listUsers", as: "alice", send: { limit: 100 }, with: { users: excluding({ first_name: "" }) } },
        ],
        noisy: true,
      },
      "messages of a deleted user remain, without a name": {
        given: [
          registerWithId,
          login,
          {
            call: "createChat",
            as: "alice",
            send: { title: "Tea", member_ids: ["$bob", "$id"] },
            answers: 201,
            capture: { tea: "id" },
          },
          { call: "sendMessage", token: "$access", send: { chat_id: "$tea", text: "До свидания" }, answers: 201 },
          deleteAccount,
        ],
        steps: [
          {
            call: "listMessages",
            as: "bob",
            send: { chat_id: "$tea" },
            with: { messages: [{ sender_id: "$id", text: "До свидания" }] },
          },
          {
            call: "listChatMembers",
            as: "bob",
            send: { chat_id: "$tea" },
            with: { members: [{ user_id: "$alice" }, { user_id: "$bob" }] },
          },
          {
            call: "getChatStats",
            as: "bob",
            send: { chat_id: "$tea" },
            with: { members: [{ user_id: "$id", first_name: "", last_name: "", message_count: 1 }] },
          },
        ],
      },
      "a direct chat remains, with the other user as its owner": {
        given: [
          registerWithId,
          login,
          { call: "openDirectChat", as: "alice", send: { user_id: "$id" }, capture: { direct: "id" } },
          { call: "sendMessage", token: "$access", send: { chat_id: "$direct", text: "Прощай" }, answers: 201 },
          deleteAccount,
        ],
        steps: [
          {
            call: "getChat",
            as: "alice",
            send: { chat_id: "$direct" },
            with: {
              chat: {
                kind: "CHAT_KIND_GROUP",
                title: "Deleted account",
                role: "CHAT_ROLE_OWNER",
                direct_user_id: absent,
                member_count: 1,
                version: 2,
              },
              messages: [{ sender_id: "$id", text: "Прощай" }],
            },
          },
          {
            call: "updateChat",
            as: "alice",
            send: { chat_id: "$direct", title: "Letters" },
            with: { title: "Letters" },
          },
          { call: "leaveChat", as: "alice", send: { chat_id: "$direct" }, answers: 204 },
        ],
      },
      "is refused while a chat would have no owner, with the id of the chat": {
        given: [
          registerWithId,
          login,
          { call: "openDirectChat", as: "alice", send: { user_id: "$id" }, capture: { direct: "id" } },
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
            token: "$access",
            send: { password },
            answers: "LAST_OWNER",
            with: { code: "FAILED_PRECONDITION", detail: "Chat with id=${mine} would be left without an owner" },
          },
          { call: "getMe", token: "$access", with: { id: "$id", email } },
          { call: "getChat", as: "alice", send: { chat_id: "$direct" }, with: { chat: { direct_user_id: "$id" } } },
          { call: "leaveChat", token: "$access", send: { chat_id: "$mine", new_owner_id: "$alice" }, answers: 204 },
          deleteAccount,
        ],
      },
      "one of two owners can delete the account": {
        given: [
          registerWithId,
          login,
          {
            call: "createChat",
            as: "alice",
            send: { title: "Ours", member_ids: ["$bob"] },
            answers: 201,
            capture: { ours: "id" },
          },
          {
            call: "addChatMember",
            as: "alice",
            send: { chat_id: "$ours", user_id: "$id", role: "CHAT_ROLE_OWNER" },
            answers: 201,
          },
        ],
        steps: [
          deleteAccount,
          { call: "getChat", as: "bob", send: { chat_id: "$ours" }, with: { chat: { member_count: 2, version: 1 } } },
        ],
      },
      "the last super admin cannot delete the account": {
        server: "one-super-admin",
        steps: [
          {
            as: "principal",
            send: { password: "$principal.password" },
            answers: "PERMISSION_DENIED",
            with: { code: "PERMISSION_DENIED" },
          },
          { call: "getMe", as: "principal", with: { role: "ROLE_SUPER_ADMIN" } },
        ],
      },
      "needs a login": {
        send: { password },
        answers: "UNAUTHENTICATED",
        answerHeaders: { "www-authenticate": matches("^Bearer\\b") },
      },
    },
  },
};
