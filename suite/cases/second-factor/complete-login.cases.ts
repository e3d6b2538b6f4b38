// Cases of logging in in two steps.
import { absent, matches, type CaseFile, type Step } from "../../../runner/cases/case.js";
import { password } from "../../people.js";
import { email } from "../auth/new-user.js";
import { enrolled, firstStep, wrongCode } from "./enrolment.js";

const wrong: Step = {
  call: "completeLogin",
  send: { mfa_challenge: "$challenge", code: wrongCode },
  answers: "INVALID_CODE",
  with: { code: "UNAUTHENTICATED" },
  answerHeaders: { "www-authenticate": matches("^Bearer\\b") },
};
const right: Step = { call: "completeLogin", send: { mfa_challenge: "$challenge", code: "$next" } };
const byRecovery: Step = { call: "completeLogin", send: { mfa_challenge: "$challenge", recovery_code: "$recovery" } };
const noChallenge = "INVALID_MFA_CHALLENGE";

export const completingLogins: CaseFile = {
  subject: "second factor",
  actors: [],
  cases: {
    completeLogin: {
      "a code completes the login": {
        given: [...enrolled, firstStep],
        steps: [
          {
            ...right,
            send: { mfa_challenge: "$challenge", code: " ${next}\n" },
            with: {
              access_token: matches("."),
              refresh_token: matches("."),
              device_token: matches("."),
              token_type: "bearer",
              mfa_challenge: absent,
              recovery_codes_left: absent,
            },
            capture: { session: "access_token", refresh: "refresh_token" },
          },
          { call: "getMe", token: "$session", with: { email } },
          { call: "refresh", send: { refresh_token: "$refresh" }, with: { device_token: absent } },
        ],
      },
      "a challenge completes one login": {
        given: [...enrolled, firstStep, right],
        steps: [
          { ...right, answers: noChallenge, with: { code: "UNAUTHENTICATED" } },
          { ...byRecovery, answers: noChallenge },
        ],
      },
      "one of twenty concurrent calls completes the login": {
        given: [...enrolled, firstStep],
        send: { mfa_challenge: "$challenge", code: "$next" },
        times: 20,
        answers: { "200": 1, INVALID_MFA_CHALLENGE: 19 },
      },
      "a code that was used is refused, also the one that has enabled the second factor": {
        given: [...enrolled, firstStep],
        steps: [
          { send: { mfa_challenge: "$challenge", code: "$code" }, answers: "INVALID_CODE" },
          right,
          firstStep,
          { ...right, answers: "INVALID_CODE" },
        ],
      },
      "a recovery code completes one login, and the answer says how many are left": {
        given: [...enrolled, firstStep],
        steps: [
          { ...byRecovery, with: { access_token: matches("."), recovery_codes_left: 9 } },
          firstStep,
          { ...byRecovery, answers: "INVALID_CODE" },
          { send: { mfa_challenge: "$challenge", recovery_code: "$spare" }, with: { recovery_codes_left: 8 } },
        ],
      },
      "one of twenty concurrent calls uses a recovery code": {
        given: [...enrolled, firstStep],
        send: { mfa_challenge: "$challenge", recovery_code: "$recovery" },
        times: 20,
        answers: { "200": 1, INVALID_MFA_CHALLENGE: 19 },
      },
      "after five wrong codes the challenge is of no use": {
        given: [...enrolled, firstStep],
        steps: [
          { ...wrong, turns: 5, answers: { INVALID_CODE: 5 } },
          { ...right, answers: noChallenge },
        ],
      },
      "after many wrong codes the next ones wait, and a recovery code does not": {
        given: [...enrolled, firstStep, { ...wrong, turns: 5, answers: { INVALID_CODE: 5 } }, firstStep, wrong],
        steps: [
          { ...right, answers: "RATE_LIMITED", answerHeaders: { "retry-after": matches("^([1-9]|1[0-5])$") } },
          byRecovery,
        ],
      },
      "a challenge that nobody was given is refused": {
        steps: [
          { send: { mfa_challenge: "never-was-${case}", code: wrongCode }, answers: noChallenge },
          { send: { mfa_challenge: "A".repeat(43), recovery_code: "7KQ2M-XW4TA" }, answers: noChallenge },
        ],
      },
      "a code or a recovery code is sent; of both the recovery code stays as it is": {
        given: [...enrolled, firstStep],
        steps: [
          { send: { mfa_challenge: "$challenge" }, answers: "MALFORMED_REQUEST" },
          { send: { mfa_challenge: "$challenge", code: "$next", recovery_code: "$recovery" } },
          { call: "getTotp", token: "$access", with: { recovery_codes_left: 10 } },
        ],
      },
      "a code is six ASCII digits": {
        given: [...enrolled, firstStep],
        steps: ["１２３４５６", "12345", "-12345", "1e4567"].map((code): Step => ({
          send: { mfa_challenge: "$challenge", code },
          violates: { field: "code", rule: "string.pattern" },
        })),
      },
      "a login waits no longer when the second factor is removed": {
        given: [...enrolled, firstStep],
        steps: [
          { call: "disableTotp", token: "$access", send: { password }, answers: 204 },
          { ...right, answers: noChallenge },
          { call: "login", send: { email, password }, with: { access_token: matches("."), mfa_challenge: absent } },
        ],
      },
      "a login waits no longer when the account ends": {
        given: [...enrolled, firstStep],
        steps: [
          { call: "deleteMe", token: "$access", send: { password }, answers: 204 },
          { ...right, answers: noChallenge },
        ],
      },
    },
  },
};
