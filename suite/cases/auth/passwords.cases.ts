// Cases of changing and resetting passwords.
import { matches, timestamp, type CaseFile, type Given, type Step } from "../../../runner/cases/case.js";
import { email, login, register } from "./new-user.js";
import { password } from "../../people.js";

const next = "another horse battery";
const registerWithId: Step = { ...register, capture: { id: "id" } };
const change: Step = {
  call: "changePassword",
  token: "$access",
  send: { current_password: password, new_password: next },
  answers: 204,
};
const ask: Step = { call: "requestPasswordReset", send: { email }, answers: 204 };
const link: Given = { mailTo: email, matching: "\\nhttps?://\\S+/reset-password#token=(?<token>[\\w-]{43})\\n" };
const told: Given = { mailTo: email, matching: "^Your password at .* was changed\\n" };
const reset: Step = { call: "resetPassword", send: { token: "$token", new_password: next }, answers: 204 };
const oldPassword: Step = { call: "login", send: { email, password }, answers: "INVALID_CREDENTIALS" };
const newPassword: Step = { call: "login", send: { email, password: next } };
const isCommon = { field: "new_password", rule: "password.common" };

/** A change to a password that is guessed first. */
const commonChange = (common: string): Step => ({
  ...change,
  send: { current_password: password, new_password: common },
  answers: 422,
  violates: isCommon,
});

export const passwords: CaseFile = {
  subject: "passwords",
  actors: ["alice", "teacher", "admin"],
  cases: {
    changePassword: {
      "changes the password": {
        given: [register, login],
        token: "$access",
        send: { current_password: password, new_password: password },
        answers: 204,
      },
      "ends the other sessions, and tells the person": {
        given: [register, login, { ...login, capture: { elsewhere: "access_token", asleep: "refresh_token" } }],
        steps: [
          change,
          { call: "getMe", token: "$access", with: { email } },
          { call: "refresh", send: { refresh_token: "$refresh" } },
          { call: "getMe", token: "$elsewhere", answers: "INVALID_TOKEN" },
          { call: "refresh", send: { refresh_token: "$asleep" }, answers: "INVALID_REFRESH_TOKEN" },
          oldPassword,
          newPassword,
          told,
        ],
      },
      "needs the password of now": {
        given: [register, login],
        steps: [
          {
            ...change,
            send: { current_password: "wrong horse", new_password: next },
            answers: "INVALID_CREDENTIALS",
            with: { code: "UNAUTHENTICATED" },
          },
          { call: "login", send: { email, password } },
        ],
      },
      "twenty wrong passwords are answered, and then the caller waits": {
        given: [register, login],
        steps: [
          {
            ...change,
            send: { current_password: "guess ${turn}", new_password: next },
            turns: 22,
            answers: { INVALID_CREDENTIALS: 20, RATE_LIMITED: 2 },
          },
          { ...change, answers: "RATE_LIMITED" },
          { call: "login", send: { email, password } },
        ],
      },
      "one of twenty concurrent changes happens": {
        given: [register, login],
        ...change,
        send: { current_password: password, new_password: `${next} \${turn}` },
        times: 20,
        answers: { "204": 1, INVALID_CREDENTIALS: 19 },
      },
      "takes no password that is guessed first": {
        given: [register, login],
        steps: [
          "qwerty123",
          "PASSWORD1",
          "ｐａｓｓｗｏｒｄ",
          "new.${case}@example.org",
          "Иванова2026",
          "мария-иванова",
        ].map(commonChange),
      },
      "takes one of 8 characters and of 72 bytes, and no shorter or longer one": {
        given: [register, login],
        steps: [
          {
            ...change,
            send: { current_password: password, new_password: "жжжжжжж" },
            answers: 422,
            violates: { field: "new_password", rule: "string.min_len" },
          },
          {
            ...change,
            send: { current_password: password, new_password: "ж".repeat(37) },
            answers: 422,
            violates: { field: "new_password", rule: "string.max_bytes" },
          },
          { ...change, send: { current_password: password, new_password: "жжжжжжжж" } },
          { ...change, send: { current_password: "жжжжжжжж", new_password: "ж".repeat(36) } },
        ],
      },
      "a password is one in every form of its letters": {
        given: [register, login],
        steps: [
          { ...change, send: { current_password: password, new_password: "ﬁnish ５ cafe\u0301" } },
          { call: "login", send: { email, password: "finish 5 caf\u00e9" } },
          { call: "login", send: { email, password: "finish 5 cafe" }, answers: "INVALID_CREDENTIALS" },
        ],
      },
      "needs a login": { send: { current_password: password, new_password: next }, answers: "UNAUTHENTICATED" },
    },
    requestPasswordReset: {
      "mails a link": { given: [register], steps: [ask, link] },
      "answers the same to an address that nobody has, and to what is none": {
        steps: [
          { ...ask, send: { email: "nobody.${case}@example.org" } },
          { ...ask, send: { email: "nobody" } },
        ],
      },
      "finds the address in every spelling": {
        given: [register],
        steps: [{ ...ask, send: { email: " NEW.${case}@Example.ORG " } }, link],
      },
      "ends the link before": {
        given: [register, ask, { ...link, matching: link.matching.replace("token>", "first>") }, ask, link],
        steps: [{ ...reset, send: { token: "$first", new_password: next }, answers: "LINK_NOT_VALID" }, reset],
      },
    },
    resetPassword: {
      "sets a new password": {
        given: [register, ask, link],
        send: { token: "$token", new_password: password },
        answers: 204,
      },
      "ends every session, and tells the person": {
        given: [register, login, ask, link],
        steps: [
          reset,
          { call: "getMe", token: "$access", answers: "INVALID_TOKEN" },
          { call: "refresh", send: { refresh_token: "$refresh" }, answers: "INVALID_REFRESH_TOKEN" },
          oldPassword,
          newPassword,
          told,
        ],
      },
      "one of twenty concurrent calls with a link succeeds": {
        given: [register, ask, link],
        send: { token: "$token", new_password: `${next} \${turn}` },
        times: 20,
        answers: { "204": 1, LINK_NOT_VALID: 19 },
      },
      "a password that is refused leaves the link": {
        given: [register, ask, link],
        steps: [
          {
            send: { token: "$token", new_password: "new.${case}@example.org" },
            violates: isCommon,
          },
          {
            send: { token: "$token", new_password: "short" },
            violates: { field: "new_password", rule: "string.min_len" },
          },
          reset,
        ],
      },
      "what is no link is answered as one that was used": {
        given: [register, ask, link, reset],
        steps: [
          { ...reset, answers: "LINK_NOT_VALID", with: { code: "NOT_FOUND" } },
          { ...reset, send: { token: "nonsense", new_password: next }, answers: "LINK_NOT_VALID" },
        ],
      },
      "a link ends with the account": {
        given: [register, login, ask, link, { call: "deleteMe", token: "$access", send: { password }, answers: 204 }],
        ...reset,
        answers: "LINK_NOT_VALID",
      },
    },
    createPasswordResetLink: {
      "makes a link to hand over": {
        given: [registerWithId],
        as: "admin",
        send: { user_id: "$id" },
        exactly: { reset_url: matches("^https?://\\S+/reset-password#token=[\\w-]{43}$"), expires_at: timestamp },
      },
      "tells the person": {
        given: [registerWithId, { call: "createPasswordResetLink", as: "admin", send: { user_id: "$id" } }],
        steps: [{ mailTo: email, matching: "^A link to reset your password" }],
      },
      "is for super admins": {
        steps: [
          { as: "alice", send: { user_id: "$alice" }, answers: "PERMISSION_DENIED" },
          { as: "teacher", send: { user_id: "$alice" }, answers: "PERMISSION_DENIED" },
        ],
      },
      "is for people who are there": { as: "admin", send: { user_id: 999_999_999 }, answers: "USER_NOT_FOUND" },
      "needs a login": { send: { user_id: 1 }, answers: "UNAUTHENTICATED" },
    },
  },
};
