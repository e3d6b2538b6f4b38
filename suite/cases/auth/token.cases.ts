// Cases of the token endpoint of OAuth 2.0. Their requests are forms in every serialization; the answers are in each of them.
import { absent, matches, type CaseFile, type Step } from "../../../runner/cases/case.js";
import { password } from "../../people.js";
import { email, login, register } from "./new-user.js";

const byPassword = { grant_type: "password", username: email, password };
const guess = { ...byPassword, password: "guess ${turn}" };
const grantRefused: Step = {
  answers: "INVALID_GRANT",
  with: { error: "invalid_grant", error_description: matches("^[\\x20-\\x7e]{10,}$"), code: "UNAUTHENTICATED" },
  answerHeaders: { "www-authenticate": absent, "cache-control": "no-store", pragma: "no-cache" },
};
const refused = (error: string): Step => ({ answers: "MALFORMED_REQUEST", with: { error } });

export const tokens: CaseFile = {
  subject: "token",
  actors: ["alice"],
  cases: {
    issueToken: {
      "the grant password begins a session": {
        given: [register],
        steps: [
          {
            send: byPassword,
            exactly: {
              access_token: matches("^[\\w-]+\\.[\\w-]+\\.[\\w-]+$"),
              refresh_token: matches("^[\\w-]{72}$"),
              token_type: "bearer",
              expires_in: 600,
              device_token: matches("^[\\w-]{64}$"),
            },
            answerHeaders: { "cache-control": "no-store", pragma: "no-cache", "set-cookie": absent },
            capture: { access: "access_token" },
          },
          { call: "getMe", token: "$access", with: { email } },
        ],
      },
      "what a library of OAuth sends beside it is ignored: a client and its header, other parameters, empty ones": {
        given: [register],
        steps: [
          { send: { ...byPassword, client_id: "an app", client_secret: "" }, headers: { authorization: "Basic Og==" } },
          { send: { ...byPassword, scope: "", refresh_token: "" }, headers: { authorization: "Bearer nonsense" } },
        ],
      },
      "the grant refresh_token goes on with a session, however it has begun": {
        given: [register, login],
        steps: [
          {
            send: { grant_type: "refresh_token", refresh_token: "$refresh" },
            with: { token_type: "bearer", expires_in: 600 },
            capture: { child: "refresh_token", next: "access_token" },
          },
          { call: "getMe", token: "$next", with: { email } },
          { call: "refresh", send: { refresh_token: "$child" } },
        ],
      },
      "twenty concurrent refreshes return the same refresh token": {
        given: [register, login],
        send: { grant_type: "refresh_token", refresh_token: "$refresh" },
        times: 20,
        answers: 200,
        same: ["refresh_token"],
      },
      "a refresh token that was used long ago ends the session": {
        given: [register, login],
        steps: [
          { call: "refresh", send: { refresh_token: "$refresh" }, capture: { child: "refresh_token" } },
          {
            send: { grant_type: "refresh_token", refresh_token: "$child" },
            capture: { grandchild: "refresh_token" },
          },
          { ...grantRefused, send: { grant_type: "refresh_token", refresh_token: "$refresh" } },
          { ...grantRefused, send: { grant_type: "refresh_token", refresh_token: "$grandchild" } },
          { call: "getMe", token: "$access", answers: "INVALID_TOKEN" },
        ],
      },
      "a wrong password and an unknown address are the same": {
        given: [register],
        steps: [
          { ...grantRefused, send: { ...byPassword, password: "wrong" }, capture: { detail: "detail" } },
          {
            send: { ...byPassword, username: "nobody.${case}@example.org" },
            answers: "INVALID_GRANT",
            with: { error: "invalid_grant", detail: "$detail" },
          },
        ],
      },
      "a refresh token that never was is refused": {
        ...grantRefused,
        send: { grant_type: "refresh_token", refresh_token: "never-was-${case}" },
      },
      "a parameter that the grant needs and is missing or empty is named": {
        steps: [
          {
            send: { grant_type: "password", password },
            answers: "MALFORMED_REQUEST",
            with: { error: "invalid_request", error_description: matches("username") },
          },
          { ...refused("invalid_request"), send: { grant_type: "password", username: email, password: "" } },
          { ...refused("invalid_request"), send: { grant_type: "refresh_token" } },
          { ...refused("invalid_request"), send: {} },
          { ...refused("invalid_request"), send: { ...byPassword, grant_type: "" } },
        ],
      },
      "another grant is not served": {
        steps: ["client_credentials", "authorization_code", "Password", "password ", "urn:x"].map((grant_type): Step =>
          Object.assign(refused("unsupported_grant_type"), { send: { ...byPassword, grant_type } }),
        ),
      },
      "a scope is not to be had": {
        given: [register],
        steps: [
          { ...refused("invalid_scope"), send: { ...byPassword, scope: "read" } },
          { ...refused("invalid_request"), send: { ...byPassword, scope: "read", username: "a".repeat(255) } },
        ],
      },
      // The addresses belong to no account.
      "too many failed attempts are refused with Retry-After, and are counted with those of Login": {
        steps: [
          { call: "login", send: { email, password: "guess ${turn}" }, turns: 10, answers: "INVALID_CREDENTIALS" },
          { send: { ...guess, username: " NEW.${case}@Example.org" }, turns: 10, answers: "INVALID_GRANT" },
          {
            send: byPassword,
            answers: "RATE_LIMITED",
            with: { error: "temporarily_unavailable" },
            answerHeaders: { "retry-after": matches("^(10|[1-9])$") },
          },
          { call: "login", send: { email, password }, answers: "RATE_LIMITED" },
        ],
      },
      "twenty concurrent guesses at both doors are counted once each": {
        steps: [
          { send: guess, turns: 10, answers: "INVALID_GRANT" },
          {
            call: "login",
            send: { email, password: "guess" },
            times: 20,
            answers: { INVALID_CREDENTIALS: 10, RATE_LIMITED: 10 },
          },
          { send: byPassword, answers: "RATE_LIMITED" },
        ],
      },
      "refused refresh tokens are no guesses at an account": {
        given: [register],
        steps: [
          { send: { grant_type: "refresh_token", refresh_token: "no ${turn}" }, turns: 25, answers: "INVALID_GRANT" },
          { send: byPassword },
        ],
      },
      "a device of the account logs in, whatever others have tried": {
        given: [register, { call: "login", send: { email, password }, capture: { device: "device_token" } }],
        steps: [
          { send: guess, turns: 20, answers: "INVALID_GRANT" },
          { send: byPassword, answers: "RATE_LIMITED" },
          { send: { ...byPassword, device_token: "$device" }, with: { device_token: "$device" } },
        ],
      },
    },
  },
};
