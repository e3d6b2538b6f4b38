// Cases of logging in with a passkey.
import { absent, matches, timestamp, type CaseFile } from "../../../runner/cases/case.js";
import { password } from "../../people.js";
import { email, login, register } from "../auth/new-user.js";
import { begin, confirm } from "../second-factor/enrolment.js";
import { add, holder, make, signIn, somebody } from "./holder.js";

export const passkeyLogins: CaseFile = {
  subject: "passkeys",
  actors: ["admin"],
  cases: {
    beginPasskeyLogin: {
      "gives options that name no account": {
        exactly: {
          options_json: matches(
            '^\\{"rpId":".*","challenge":"[\\w-]{43}","allowCredentials":\\[\\],"timeout":300000,"userVerification":"required"\\}$',
          ),
          origin: matches("^https?://"),
          expires_at: timestamp,
        },
      },
    },
    loginWithPasskey: {
      "begins a session": {
        given: [...holder, signIn],
        steps: [
          {
            send: { credential_json: "$signed", device_name: "Masha's phone" },
            with: {
              access_token: matches("."),
              refresh_token: matches("."),
              device_token: matches("."),
              token_type: "bearer",
              mfa_challenge: absent,
            },
            capture: { session: "access_token", refresh: "refresh_token" },
          },
          { call: "getMe", token: "$session", with: { email } },
          {
            call: "listSessions",
            token: "$session",
            send: { limit: 1 },
            with: { sessions: [{ device_name: "Masha's phone" }] },
          },
          { call: "refresh", send: { refresh_token: "$refresh" } },
        ],
      },
      "somebody who is suspended is told so, and only by the right passkey; restored, they log in with it": {
        given: [{ ...register, capture: { id: "id" } }, login, make, add, signIn],
        steps: [
          { call: "suspendUser", as: "admin", send: { user_id: "$id", reason: "Lost phone" } },
          {
            send: { credential_json: "$signed" },
            answers: "ACCOUNT_SUSPENDED",
            with: { code: "PERMISSION_DENIED" },
          },
          { send: { credential_json: "$signed" }, answers: "INVALID_PASSKEY" },
          { call: "restoreUser", as: "admin", send: { user_id: "$id" } },
          signIn,
          { send: { credential_json: "$signed" }, with: { access_token: matches(".") } },
        ],
      },
      "with cookie, sets the tokens as a cookie, for pages of this server alone": {
        given: [...holder, signIn],
        steps: [
          {
            send: { credential_json: "$signed", cookie: true },
            headers: { origin: "https://other.example" },
            answers: "CROSS_SITE_REQUEST",
            answerHeaders: { "set-cookie": absent },
          },
          signIn,
          {
            send: { credential_json: "$signed", cookie: true },
            exactly: { expires_in: 600, device_token: matches(".") },
            answerHeaders: { "set-cookie": matches("^(__Host-)?lyceum_session=[\\w.~-]+; .*HttpOnly") },
            capture: { jar: "@set-cookie" },
          },
          { call: "getMe", headers: { cookie: "$jar", "sec-fetch-site": "same-origin" }, with: { email } },
        ],
      },
      "takes a challenge once, also of twenty at once": {
        given: [...holder, signIn],
        send: { credential_json: "$signed" },
        times: 20,
        answers: { "200": 1, INVALID_PASSKEY: 19 },
      },
      "needs no second step where there is an authenticator app": {
        given: [...holder, begin, confirm, signIn],
        send: { credential_json: "$signed" },
        with: { access_token: matches("."), mfa_challenge: absent },
      },
      "a passkey that is not registered is refused": {
        given: [...somebody, make, signIn],
        send: { credential_json: "$signed" },
        answers: "INVALID_PASSKEY",
        with: { code: "UNAUTHENTICATED" },
        answerHeaders: { "www-authenticate": matches("^Bearer\\b") },
      },
      "somebody with a passkey and no authenticator app logs in by password as before": {
        given: holder,
        steps: [{ ...login, with: { access_token: matches("."), mfa_challenge: absent } }],
      },
      "no passkey of an account that has ended logs in": {
        given: [...holder, signIn],
        steps: [
          { call: "deleteMe", token: "$access", send: { password }, answers: 204 },
          { send: { credential_json: "$signed" }, answers: "INVALID_PASSKEY" },
        ],
      },
      "a text that is no credential is refused": {
        steps: ["{", "null", "{}", '{"type":"public-key"}'].map((credential_json) => ({
          send: { credential_json },
          answers: "INVALID_PASSKEY",
        })),
      },
    },
  },
};
