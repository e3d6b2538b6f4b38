// Cases of invites: accounts that others make.
import { absent, matches, timestamp, type CaseFile } from "../../../runner/cases/case.js";
import { password } from "../../people.js";
import { accept, email, invite, invited, login, mailed, nobody, person, student, studentMailed } from "./invited.js";

const expected = {
  patronymic_name: "",
  id: "$id",
  email,
  first_name: "Мария",
  last_name: "Иванова",
  created_at: timestamp,
  version: 1,
  invited_at: timestamp,
  invite_expires_at: timestamp,
};

export const invites: CaseFile = {
  subject: "accounts",
  actors: ["alice", "teacher", "admin"],
  cases: {
    createUser: {
      "a teacher makes a student, who gets the link by mail, and the teacher does not": {
        as: "teacher",
        send: invited,
        answers: 201,
        capture: { id: "id" },
        exactly: { ...expected, role: "ROLE_STUDENT" },
        answerHeaders: { location: "/v1/users/${id}" },
      },
      "a super admin makes a teacher and a super admin": {
        steps: [
          { as: "admin", send: { ...invited, role: "ROLE_TEACHER" }, answers: 201, with: { role: "ROLE_TEACHER" } },
          {
            as: "admin",
            send: { ...invited, email: "second.${case}@example.org", role: "ROLE_SUPER_ADMIN" },
            answers: 201,
            with: { role: "ROLE_SUPER_ADMIN" },
          },
        ],
      },
      "a teacher makes no teacher and no super admin": {
        steps: ["ROLE_TEACHER", "ROLE_SUPER_ADMIN"].map((role) => ({
          as: "teacher",
          send: { ...invited, role },
          answers: "PERMISSION_DENIED",
          with: { code: "PERMISSION_DENIED" },
        })),
      },
      "a student makes nobody": { as: "alice", send: invited, answers: "PERMISSION_DENIED" },
      "an address that is taken is refused, in any spelling": {
        given: [invite("ROLE_STUDENT")],
        as: "teacher",
        send: { ...invited, email: "INVITED.${case}@Example.ORG" },
        answers: "EMAIL_TAKEN",
      },
      "one of twenty concurrent calls makes the account": {
        // By somebody of this case: of one caller not much more than twenty calls may wait at a time.
        given: [...person("ROLE_TEACHER")],
        token: "$access",
        send: { ...invited, email: "raced.${case}@example.org" },
        times: 20,
        answers: { "201": 1, EMAIL_TAKEN: 19 },
      },
      "nobody logs in to an account that was not accepted": {
        given: [invite("ROLE_STUDENT")],
        steps: [
          { call: "login", send: { email, password }, answers: "INVALID_CREDENTIALS" },
          { call: "register", send: { ...invited, password }, answers: "EMAIL_TAKEN" },
        ],
      },
      "staff alone see that somebody is invited": {
        given: [invite("ROLE_STUDENT")],
        steps: [
          { call: "getUser", as: "teacher", send: { user_id: "$id" }, with: { invited_at: timestamp } },
          { call: "getUser", as: "alice", send: { user_id: "$id" }, with: { invited_at: absent, email: absent } },
        ],
      },
      "all broken rules are reported at once": {
        as: "teacher",
        send: { email: "nobody", first_name: " ", last_name: "a\nb" },
        violates: [
          { field: "email", rule: "string.email" },
          { field: "first_name", rule: "string.min_len" },
          { field: "last_name", rule: "text.line_break" },
        ],
      },
      "needs a login": { send: invited, answers: "UNAUTHENTICATED" },
    },
    acceptInvite: {
      "sets the password and begins a session": {
        given: [invite("ROLE_TEACHER"), mailed],
        steps: [
          {
            send: { token: "$link", password, device_name: "Masha's phone" },
            with: { token_type: "bearer", refresh_token: matches(".") },
            capture: { access: "access_token" },
          },
          { call: "getMe", token: "$access", with: { id: "$id", email, role: "ROLE_TEACHER", invited_at: absent } },
          login,
        ],
      },
      "works once": {
        given: [...person("ROLE_STUDENT")],
        send: { token: "$link", password },
        answers: "LINK_NOT_VALID",
        with: { code: "NOT_FOUND" },
      },
      "one of twenty concurrent calls begins a session": {
        given: [invite("ROLE_STUDENT"), mailed],
        send: { token: "$link", password },
        times: 20,
        answers: { "200": 1, LINK_NOT_VALID: 19 },
      },
      "a password that is refused leaves the link as it was": {
        given: [invite("ROLE_STUDENT"), mailed],
        steps: [
          { send: { token: "$link", password: "short" }, violates: { field: "password", rule: "string.min_len" } },
          {
            send: { token: "$link", password: "ж".repeat(37) },
            violates: { field: "password", rule: "string.max_bytes" },
          },
          accept,
        ],
      },
      "an unknown token is refused, whatever it is": {
        steps: ["x", "A".repeat(43), "$".repeat(300), "токен"].map((token) => ({
          send: { token, password },
          answers: "LINK_NOT_VALID",
        })),
      },
      "the link of somebody who is suspended does not work, and ends": {
        given: [invite("ROLE_STUDENT"), mailed, { call: "suspendUser", as: "teacher", send: { user_id: "$id" } }],
        steps: [
          { ...accept, answers: "LINK_NOT_VALID", capture: {} },
          { call: "restoreUser", as: "teacher", send: { user_id: "$id" } },
          { ...accept, answers: "LINK_NOT_VALID", capture: {} },
          {
            call: "resendInvite",
            as: "teacher",
            send: { user_id: "$id" },
          },
          mailed,
          accept,
        ],
      },
      "the role is the one that the person has by then": {
        given: [invite("ROLE_STUDENT"), mailed],
        steps: [
          { call: "updateUser", as: "admin", send: { user_id: "$id", role: "ROLE_TEACHER" } },
          accept,
          { call: "getMe", token: "$access", with: { role: "ROLE_TEACHER" } },
        ],
      },
    },
    resendInvite: {
      "makes a new link, and the earlier one works no longer": {
        given: [invite("ROLE_STUDENT"), mailed],
        steps: [
          {
            as: "teacher",
            send: { user_id: "$id" },
            exactly: { ...expected, role: "ROLE_STUDENT", version: 2 },
          },
          { call: "acceptInvite", send: { token: "$link", password }, answers: "LINK_NOT_VALID" },
          mailed,
          accept,
        ],
      },
      "is refused for those who have accepted, and who registered": {
        given: [...person("ROLE_STUDENT")],
        steps: ["$id", "$alice"].map((user_id) => ({
          as: "teacher",
          send: { user_id },
          answers: "INVITE_ACCEPTED",
          with: { code: "FAILED_PRECONDITION" },
        })),
      },
      "a teacher invites no teacher again, and a super admin does": {
        given: [invite("ROLE_TEACHER"), mailed],
        steps: [
          { as: "teacher", send: { user_id: "$id" }, answers: "PERMISSION_DENIED" },
          { as: "alice", send: { user_id: "$id" }, answers: "PERMISSION_DENIED" },
          { as: "admin", send: { user_id: "$id" }, with: { id: "$id" } },
        ],
      },
      "an id that does not exist is refused": { as: "teacher", send: { user_id: nobody }, answers: "USER_NOT_FOUND" },
      "needs a login": { send: { user_id: nobody }, answers: "UNAUTHENTICATED" },
    },
    cancelInvite: {
      "ends the link and the account, and frees the address": {
        given: [invite("ROLE_STUDENT"), mailed],
        steps: [
          { as: "teacher", send: { user_id: "$id" }, answers: 204 },
          { call: "acceptInvite", send: { token: "$link", password }, answers: "LINK_NOT_VALID" },
          { call: "getUser", as: "teacher", send: { user_id: "$id" }, answers: "USER_NOT_FOUND" },
          { as: "teacher", send: { user_id: "$id" }, answers: "USER_NOT_FOUND" },
          invite("ROLE_STUDENT"),
        ],
      },
      "is refused for those who have accepted": {
        given: [...person("ROLE_STUDENT")],
        steps: [
          { as: "teacher", send: { user_id: "$id" }, answers: "INVITE_ACCEPTED" },
          { call: "getMe", token: "$access", with: { id: "$id" } },
        ],
      },
      "an invite is either accepted or cancelled": {
        noisy: true,
        given: [...person("ROLE_TEACHER"), student, studentMailed],
        steps: [
          {
            together: [
              { token: "$access", send: { user_id: "$student" }, times: 10, answers: "*" },
              { call: "acceptInvite", send: { token: "$studentLink", password }, times: 10, answers: "*" },
            ],
          },
          // It is over, one way or the other.
          { call: "acceptInvite", send: { token: "$studentLink", password }, answers: "LINK_NOT_VALID" },
        ],
      },
      "is refused while a chat would have no owner": {
        given: [
          invite("ROLE_STUDENT"),
          mailed,
          { call: "createChat", as: "alice", send: { title: "Tea" }, answers: 201, capture: { tea: "id" } },
          {
            call: "addChatMember",
            as: "alice",
            send: { chat_id: "$tea", user_id: "$id", role: "CHAT_ROLE_OWNER" },
            answers: 201,
          },
          { call: "addChatMember", as: "alice", send: { chat_id: "$tea", user_id: "$admin" }, answers: 201 },
          { call: "leaveChat", as: "alice", send: { chat_id: "$tea" }, answers: 204 },
        ],
        steps: [
          { as: "teacher", send: { user_id: "$id" }, answers: "LAST_OWNER" },
          accept,
          { call: "deleteChat", token: "$access", send: { chat_id: "$tea" }, answers: 204 },
        ],
      },
      "a teacher cancels no invite of a teacher": {
        given: [invite("ROLE_TEACHER"), mailed],
        steps: [
          { as: "teacher", send: { user_id: "$id" }, answers: "PERMISSION_DENIED" },
          { as: "admin", send: { user_id: "$id" }, answers: 204 },
        ],
      },
      "an id that does not exist is refused": { as: "teacher", send: { user_id: nobody }, answers: "USER_NOT_FOUND" },
      "needs a login": { send: { user_id: nobody }, answers: "UNAUTHENTICATED" },
    },
  },
};
