import { absent, matches, timestamp, size, type CaseFile, type Fields, type Step } from "../../../runner/cases/case.js";
import { password } from "../../people.js";

const email = "new.${case}@example.org";
const newcomer: Fields = { email, password, first_name: "Мария", last_name: "Иванова" };

const register: Step = { call: "register", send: newcomer, answers: 201 };
const login: Step = {
  call: "login",
  send: { email, password },
  capture: { access: "access_token", refresh: "refresh_token" },
};
const enrolled: Step = { ...register, capture: { id: "id" } };
const leave: Step = { call: "deleteMe", token: "$access", answers: 204 };
const refused = { code: "UNAUTHENTICATED", reason: "INVALID_REFRESH_TOKEN" };

export const auth: CaseFile = {
  subject: "auth",
  actors: ["alice", "bob", "principal"],
  cases: {
    register: {
      "creates a student, with a Location": {
        send: newcomer,
        answers: 201,
        capture: { id: "id" },
        exactly: {
          id: "$id",
          email,
          first_name: "Мария",
          last_name: "Иванова",
          role: "ROLE_STUDENT",
          created_at: timestamp,
          version: 1,
        },
        answerHeaders: { location: "/v1/users/${id}" },
      },
      "white space around the address and the names is removed": {
        send: { email: `  ${email} `, password, first_name: "\t Мария ", last_name: " Иванова\n" },
        answers: 201,
        with: { email, first_name: "Мария", last_name: "Иванова" },
      },
      "white space in a password is kept": {
        steps: [
          { send: { ...newcomer, password: "  spaces  " }, answers: 201 },
          { call: "login", send: { email, password: "spaces" }, answers: "INVALID_CREDENTIALS" },
          { call: "login", send: { email, password: "  spaces  " } },
        ],
      },
      "addresses are case-insensitive": {
        steps: [{ ...register }, { send: { ...newcomer, email: "NEW.${case}@Example.ORG" }, answers: "EMAIL_TAKEN" }],
      },
      "an address that is taken is refused": {
        given: [register],
        send: newcomer,
        answers: "EMAIL_TAKEN",
        with: { code: "ALREADY_EXISTS" },
      },
      "twenty concurrent registrations create one account": {
        send: newcomer,
        times: 20,
        answers: { "201": 1, EMAIL_TAKEN: 19 },
      },
      "all broken rules are reported at once": {
        send: { email: "nobody", password: "short", first_name: "   ", last_name: "" },
        violates: [
          { field: "email", rule: "string.email" },
          { field: "password", rule: "string.min_len" },
          { field: "first_name", rule: "string.min_len" },
          { field: "last_name", rule: "string.min_len" },
        ],
      },
      "a password of more than 72 bytes is refused: 37 Cyrillic letters": {
        send: { ...newcomer, password: "ж".repeat(37) },
        violates: { field: "password", rule: "string.max_bytes" },
      },
      "a password of 72 bytes is accepted: 36 Cyrillic letters": {
        send: { ...newcomer, password: "ж".repeat(36) },
        answers: 201,
      },
      "a name of 101 characters is refused, and one of 100 is accepted": {
        steps: [
          {
            send: { ...newcomer, first_name: "я".repeat(101) },
            violates: { field: "first_name", rule: "string.max_len" },
          },
          { send: { ...newcomer, first_name: "😀".repeat(100) }, answers: 201, with: { first_name: "😀".repeat(100) } },
        ],
      },
      "is refused where the operator has closed it": {
        server: "closed-registration",
        send: newcomer,
        answers: "REGISTRATION_CLOSED",
        with: { code: "PERMISSION_DENIED" },
      },
    },
    login: {
      "returns the tokens of a new session": {
        given: [register],
        send: { email, password },
        with: {
          access_token: matches("^[\\w-]+\\.[\\w-]+\\.[\\w-]+$"),
          refresh_token: matches("^.{20,512}$"),
          token_type: "bearer",
          expires_in: 600,
        },
      },
      "the address is case-insensitive": {
        given: [register],
        send: { email: " NEW.${case}@EXAMPLE.org ", password },
        with: { token_type: "bearer" },
      },
      "a wrong password is refused with a challenge": {
        given: [register],
        send: { email, password: `${password}!` },
        answers: "INVALID_CREDENTIALS",
        with: { code: "UNAUTHENTICATED" },
        answerHeaders: { "www-authenticate": matches("^Bearer\\b") },
      },
      "an unknown address is answered like a wrong password": {
        given: [
          { ...register },
          {
            call: "login",
            send: { email, password: "wrong" },
            answers: "INVALID_CREDENTIALS",
            capture: { wrong: "detail" },
          },
        ],
        send: { email: "nobody.${case}@example.org", password },
        answers: "INVALID_CREDENTIALS",
        with: { detail: "$wrong" },
      },
      // At an address that is nobody's: whoever has one could not log in for minutes, and not be removed after the run.
      "too many failed attempts are refused with Retry-After": {
        steps: [
          { send: { email, password: "guess ${turn}" }, turns: 20, answers: "INVALID_CREDENTIALS" },
          {
            send: { email, password: "one more guess" },
            answers: "RATE_LIMITED",
            with: { code: "RESOURCE_EXHAUSTED" },
            answerHeaders: { "retry-after": matches("^[1-9]\\d*$") },
          },
        ],
      },
      "an empty request reports both fields": {
        send: {},
        violates: [
          { field: "email", rule: "string.min_len" },
          { field: "password", rule: "string.min_len" },
        ],
      },
    },
    refresh: {
      "exchanges a refresh token for new tokens": {
        given: [register, login],
        steps: [
          {
            send: { refresh_token: "$refresh" },
            with: { token_type: "bearer" },
            capture: { next: "access_token", child: "refresh_token" },
          },
          { call: "getMe", token: "$next", with: { email } },
          { send: { refresh_token: "$child" } },
        ],
      },
      "twenty concurrent calls return the same refresh token": {
        given: [register, login],
        send: { refresh_token: "$refresh" },
        times: 20,
        answers: 200,
        same: ["refresh_token"],
      },
      "a second use, after the new token was used, ends the session": {
        given: [register, login],
        steps: [
          { send: { refresh_token: "$refresh" }, capture: { child: "refresh_token" } },
          { send: { refresh_token: "$child" }, capture: { grandchild: "refresh_token", last: "access_token" } },
          { send: { refresh_token: "$refresh" }, answers: "INVALID_REFRESH_TOKEN", with: refused },
          { send: { refresh_token: "$grandchild" }, answers: "INVALID_REFRESH_TOKEN", with: refused },
          { call: "getMe", token: "$last", answers: "INVALID_TOKEN" },
        ],
      },
      "an unknown token is refused": {
        send: { refresh_token: "never-was-${case}" },
        answers: "INVALID_REFRESH_TOKEN",
        with: refused,
      },
      "an access token is refused": {
        given: [register, login],
        send: { refresh_token: "$access" },
        answers: "INVALID_REFRESH_TOKEN",
      },
      "a missing token breaks a rule": { send: {}, violates: { field: "refresh_token", rule: "string.min_len" } },
    },
    logout: {
      "invalidates both tokens of the session at once": {
        given: [register, login],
        steps: [
          { token: "$access", answers: 204 },
          { call: "getMe", token: "$access", answers: "INVALID_TOKEN" },
          { call: "refresh", send: { refresh_token: "$refresh" }, answers: "INVALID_REFRESH_TOKEN" },
        ],
      },
      "keeps the other sessions of the user": {
        given: [register, login, { ...login, capture: { elsewhere: "access_token" } }],
        steps: [
          { token: "$access", answers: 204 },
          { call: "getMe", token: "$elsewhere", with: { email } },
        ],
      },
      "needs a login": { answers: "UNAUTHENTICATED", answerHeaders: { "www-authenticate": matches("^Bearer\\b") } },
    },
    getMe: {
      "returns the caller with the address": {
        as: "alice",
        with: { id: "$alice", email: "$alice.email", first_name: "alice", role: "ROLE_STUDENT" },
        answerHeaders: { etag: matches('^"1\\.'), "cache-control": "private, no-cache" },
      },
      "needs a login, and is refused with a challenge": {
        answers: "UNAUTHENTICATED",
        with: { code: "UNAUTHENTICATED" },
        answerHeaders: { "www-authenticate": matches("^Bearer\\b") },
      },
      "a token that was tampered with is refused": {
        token: "${alice.token}x",
        answers: "INVALID_TOKEN",
        answerHeaders: { "www-authenticate": matches('error="invalid_token"') },
      },
      "a malformed token is refused": { token: "a.b.c", answers: "INVALID_TOKEN" },
      "another authentication scheme is refused": { headers: { authorization: "Basic YTpi" }, answers: "UNAUTHENTICATED" },
      "a refresh token is refused": {
        given: [register, login],
        token: "$refresh",
        answers: "INVALID_TOKEN",
      },
    },
    deleteMe: {
      "deletes the account at once and frees its address": {
        given: [register, login],
        steps: [
          leave,
          { call: "getMe", token: "$access", answers: "INVALID_TOKEN" },
          { call: "refresh", send: { refresh_token: "$refresh" }, answers: "INVALID_REFRESH_TOKEN" },
          { call: "login", send: { email, password }, answers: "INVALID_CREDENTIALS" },
          { call: "register", send: newcomer, answers: 201, with: { email } },
          login,
          leave,
        ],
      },
      "ends every session": {
        given: [register, login, { ...login, capture: { elsewhere: "access_token", asleep: "refresh_token" } }, leave],
        steps: [
          { call: "getMe", token: "$elsewhere", answers: "INVALID_TOKEN" },
          { call: "refresh", send: { refresh_token: "$asleep" }, answers: "INVALID_REFRESH_TOKEN" },
        ],
      },
      "one of twenty concurrent calls deletes the account": {
        given: [register, login],
        token: "$access",
        times: 20,
        answers: { "204": 1, INVALID_TOKEN: 19 },
      },
      "a deleted user is not found and cannot be added to a chat": {
        given: [
          { call: "register", send: { ...newcomer, last_name: "Was${case}" }, answers: 201, capture: { id: "id" } },
          login,
          { call: "createChat", as: "alice", send: { title: "Tea" }, answers: 201, capture: { tea: "id" } },
          { call: "listUsers", as: "alice", send: { query: "Was${case}" }, with: { users: [{ id: "$id" }] } },
          leave,
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
      "messages of a deleted user remain, without a name": {
        given: [
          enrolled,
          login,
          {
            call: "createChat",
            as: "alice",
            send: { title: "Tea", member_ids: ["$bob", "$id"] },
            answers: 201,
            capture: { tea: "id" },
          },
          { call: "sendMessage", token: "$access", send: { chat_id: "$tea", text: "До свидания" }, answers: 201 },
          leave,
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
          enrolled,
          login,
          { call: "openDirectChat", as: "alice", send: { user_id: "$id" }, capture: { direct: "id" } },
          { call: "sendMessage", token: "$access", send: { chat_id: "$direct", text: "Прощай" }, answers: 201 },
          leave,
        ],
        steps: [
          {
            call: "getChat",
            as: "alice",
            send: { chat_id: "$direct" },
            with: {
              chat: {
                kind: "CHAT_KIND_GROUP",
                title: "Мария Иванова",
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
          enrolled,
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
            answers: "LAST_OWNER",
            with: { code: "FAILED_PRECONDITION", detail: "Chat with id=${mine} would be left without an owner" },
          },
          { call: "getMe", token: "$access", with: { id: "$id", email } },
          { call: "getChat", as: "alice", send: { chat_id: "$direct" }, with: { chat: { direct_user_id: "$id" } } },
          { call: "leaveChat", token: "$access", send: { chat_id: "$mine", new_owner_id: "$alice" }, answers: 204 },
          leave,
        ],
      },
      "one of two owners can delete the account": {
        given: [
          enrolled,
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
          leave,
          { call: "getChat", as: "bob", send: { chat_id: "$ours" }, with: { chat: { member_count: 2, version: 1 } } },
        ],
      },
      "the last super admin cannot delete the account": {
        server: "one-super-admin",
        steps: [
          { as: "principal", answers: "PERMISSION_DENIED", with: { code: "PERMISSION_DENIED" } },
          { call: "getMe", as: "principal", with: { role: "ROLE_SUPER_ADMIN" } },
        ],
      },
      "needs a login": { answers: "UNAUTHENTICATED", answerHeaders: { "www-authenticate": matches("^Bearer\\b") } },
    },
  },
};
