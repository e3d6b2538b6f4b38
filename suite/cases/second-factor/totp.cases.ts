// Cases of setting up, renewing and removing a second factor.
import { absent, matches, size, timestamp, type CaseFile, type Step } from "../../../runner/cases/case.js";
import { password } from "../../people.js";
import { email, login, register } from "../auth/new-user.js";
import { begin, confirm, enrolled, firstStep, wrongCode } from "./enrolment.js";

const none = { is_enabled: false, recovery_codes_left: 0, is_required: false };
const state: Step = { call: "getTotp", token: "$access" };
const newLogin: Step = { ...login, capture: { access: "access_token" } };

export const secondFactor: CaseFile = {
  subject: "second factor",
  actors: ["alice", "admin", "novice"],
  cases: {
    getTotp: {
      "shows whether a second factor is enabled": {
        given: [register, login],
        steps: [
          { ...state, exactly: none },
          begin,
          { ...state, exactly: none },
          confirm,
          {
            ...state,
            exactly: { is_enabled: true, confirmed_at: timestamp, recovery_codes_left: 10, is_required: false },
          },
        ],
      },
      "shows until when a second factor is due": {
        server: "second-factor-due",
        as: "novice",
        exactly: { ...none, is_required: true, due_at: timestamp },
      },
      "needs a login": { answers: "UNAUTHENTICATED" },
    },
    beginTotp: {
      "makes a secret, a link and a QR code": {
        given: [register, login],
        token: "$access",
        send: { password },
        exactly: {
          secret: matches("^[A-Z2-7]{32}$"),
          otpauth_uri: matches(
            "^otpauth://totp/[^?]*new\\.[0-9a-f]+%40example\\.org\\?issuer=[^&]+&secret=[A-Z2-7]{32}&",
          ),
          qr_svg: matches("^<svg xmlns=.*</svg>$"),
          expires_at: timestamp,
        },
      },
      "drops the secret of before": {
        given: [register, login, begin],
        steps: [
          { ...begin, capture: { later: "totp(secret)" } },
          { ...confirm, capture: {}, answers: "INVALID_CODE" },
          { ...confirm, send: { code: "$later" } },
        ],
      },
      "needs the password": {
        given: [register, login],
        token: "$access",
        send: { password: "wrong horse" },
        answers: "INVALID_CREDENTIALS",
      },
      "needs a code where a second factor is enabled, which stays in force until the new one is confirmed": {
        given: enrolled,
        steps: [
          { ...begin, capture: {}, answers: "MALFORMED_REQUEST" },
          { ...begin, send: { password, code: wrongCode }, capture: {}, answers: "INVALID_CODE" },
          { ...begin, send: { password, recovery_code: "$recovery" }, capture: { later: "totp(secret)" } },
          firstStep,
          { call: "completeLogin", send: { mfa_challenge: "$challenge", code: "$next" } },
          { ...confirm, send: { code: "$later" } },
          { ...state, with: { is_enabled: true, recovery_codes_left: 10 } },
        ],
      },
      "needs a login": { send: { password }, answers: "UNAUTHENTICATED" },
    },
    confirmTotp: {
      "enables the second factor, and shows ten recovery codes": {
        given: [register, login, begin],
        steps: [
          {
            token: "$access",
            send: { code: "$code" },
            with: { recovery_codes: size(10), access_token: matches("."), token_type: "bearer" },
            capture: { session: "access_token", one: "recovery_codes[9]" },
          },
          { call: "getMe", token: "$session", with: { email } },
          { call: "getMe", token: "$access", with: { email } },
          { call: "refresh", send: { refresh_token: "$refresh" } },
          firstStep,
        ],
      },
      "takes the code of the step after": {
        given: [register, login, begin],
        token: "$access",
        send: { code: "$next" },
      },
      "one of twenty concurrent calls enables it": {
        given: [register, login, begin],
        token: "$access",
        send: { code: "$code" },
        times: 20,
        answers: { "200": 1, NO_SECOND_FACTOR: 19 },
      },
      "a wrong code is refused, and nothing is enabled": {
        given: [register, login, begin],
        steps: [
          { token: "$access", send: { code: wrongCode }, answers: "INVALID_CODE" },
          { ...state, exactly: none },
          confirm,
        ],
      },
      "there is nothing to confirm before it was begun": {
        given: [register, login],
        token: "$access",
        send: { code: wrongCode },
        answers: "NO_SECOND_FACTOR",
        with: { code: "FAILED_PRECONDITION" },
      },
      "needs a login": { send: { code: wrongCode }, answers: "UNAUTHENTICATED" },
    },
    renewRecoveryCodes: {
      "makes ten new codes, and drops those of before": {
        given: enrolled,
        steps: [
          {
            token: "$access",
            send: { password },
            with: { recovery_codes: size(10) },
            capture: { fresh: "recovery_codes[0]" },
          },
          firstStep,
          {
            call: "completeLogin",
            send: { mfa_challenge: "$challenge", recovery_code: "$recovery" },
            answers: "INVALID_CODE",
          },
          {
            call: "completeLogin",
            send: { mfa_challenge: "$challenge", recovery_code: "$fresh" },
            with: { recovery_codes_left: 9 },
          },
        ],
      },
      "needs the password": {
        given: enrolled,
        token: "$access",
        send: { password: "wrong horse" },
        answers: "INVALID_CREDENTIALS",
      },
      "needs a second factor": {
        given: [register, login],
        token: "$access",
        send: { password },
        answers: "NO_SECOND_FACTOR",
      },
      "needs a login": { send: { password }, answers: "UNAUTHENTICATED" },
    },
    disableTotp: {
      "removes the second factor, also a second time": {
        given: enrolled,
        steps: [
          { token: "$access", send: { password }, answers: 204 },
          { token: "$access", send: { password }, answers: 204 },
          { ...state, exactly: none },
          { ...newLogin, with: { mfa_challenge: absent } },
        ],
      },
      "needs the password": {
        given: enrolled,
        steps: [
          { token: "$access", send: { password: "wrong horse" }, answers: "INVALID_CREDENTIALS" },
          { ...state, with: { is_enabled: true } },
        ],
      },
      "is refused where the role needs a second factor": {
        server: "second-factor-due",
        as: "novice",
        send: { password },
        answers: "MFA_REQUIRED",
        with: { code: "PERMISSION_DENIED" },
      },
      "needs a login": { send: { password }, answers: "UNAUTHENTICATED" },
    },
    resetTotp: {
      "removes the second factor of a person, and ends their sessions": {
        given: [{ ...register, capture: { id: "id" } }, login, begin, confirm, firstStep],
        steps: [
          { as: "admin", send: { user_id: "$id" }, answers: 204 },
          { call: "getMe", token: "$access", answers: "INVALID_TOKEN" },
          {
            call: "completeLogin",
            send: { mfa_challenge: "$challenge", code: "$next" },
            answers: "INVALID_MFA_CHALLENGE",
          },
          { ...newLogin, with: { mfa_challenge: absent } },
          { ...state, exactly: none },
          { as: "admin", send: { user_id: "$id" }, answers: 204 },
        ],
      },
      "nobody resets their own": { as: "admin", send: { user_id: "$admin" }, answers: "PERMISSION_DENIED" },
      "is for super admins": { as: "alice", send: { user_id: "$alice" }, answers: "PERMISSION_DENIED" },
      "an id that nobody has is not found": {
        as: "admin",
        send: { user_id: 999_999_999 },
        answers: "USER_NOT_FOUND",
        with: { detail: "User with id=999999999 not found" },
      },
      "needs a login": { send: { user_id: 1 }, answers: "UNAUTHENTICATED" },
    },
  },
};
