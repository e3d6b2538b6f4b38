// Cases of refreshing and ending sessions, and of the caller.
import { matches, type CaseFile } from "../../../runner/cases/case.js";
import { email, register, login } from "./new-user.js";

const refused = { code: "UNAUTHENTICATED", reason: "INVALID_REFRESH_TOKEN" };

export const sessions: CaseFile = {
  subject: "auth",
  actors: ["alice", "bob", "principal"],
  cases: {
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
          // What a browser keeps of the answers is dropped.
          { token: "$access", answers: 204, answerHeaders: { "clear-site-data": '"cache"' } },
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
      "another authentication scheme is refused": {
        headers: { authorization: "Basic YTpi" },
        answers: "UNAUTHENTICATED",
      },
      "a refresh token is refused": {
        given: [register, login],
        token: "$refresh",
        answers: "INVALID_TOKEN",
      },
    },
  },
};
