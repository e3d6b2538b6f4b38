// Cases of sessions whose tokens a browser holds in a cookie.
import { absent, matches, type CaseFile, type Step } from "../../../runner/cases/case.js";
import { password } from "../../people.js";
import { email as invitedEmail, invite, mailed } from "../accounts/invited.js";
import { email, login, register } from "./new-user.js";

/** The cookie as the server sets it. Sent back as it is, its attributes are cookies of other names. */
const isSet = matches(
  "^(__Host-)?lyceum_session=[\\w.~-]+; Max-Age=2592000; Path=/; HttpOnly; (Secure; )?SameSite=Lax$",
);
const isCleared = matches("^(__Host-)?lyceum_session=; Max-Age=0; Path=/; HttpOnly; (Secure; )?SameSite=Lax$");

const loginByCookie: Step = {
  call: "login",
  send: { email, password, cookie: true },
  answerHeaders: { "set-cookie": isSet },
  capture: { jar: "@set-cookie" },
};
const own = { "sec-fetch-site": "same-origin" };
const byCookie = { cookie: "$jar", ...own };

/** A cookie without an access token, as one whose access token has expired, under each of its names. */
const due = (refresh: string): string => `lyceum_session=~${refresh}; __Host-lyceum_session=~${refresh}`;
const dueCookie = { cookie: due("${refresh}"), ...own };

const elsewhere: readonly Readonly<Record<string, string>>[] = [
  { origin: "https://other.example" },
  { origin: "null" },
  { "sec-fetch-site": "cross-site" },
  { "sec-fetch-site": "same-site" },
  { origin: "https://other.example", "sec-fetch-site": "same-origin" },
];

export const cookieSessions: CaseFile = {
  subject: "cookies",
  actors: ["alice", "admin"],
  cases: {
    login: {
      "with cookie, sets the tokens as a cookie that no script can read, and the answer has none": {
        given: [register],
        steps: [
          {
            ...loginByCookie,
            exactly: { expires_in: 600, device_token: matches("^[\\w-]{64}$") },
          },
          { call: "getMe", headers: byCookie, with: { email }, answerHeaders: { "set-cookie": absent } },
        ],
      },
      "without cookie, or with false, sets none": {
        given: [register],
        steps: [
          { send: { email, password }, with: { token_type: "bearer" }, answerHeaders: { "set-cookie": absent } },
          {
            send: { email, password, cookie: false },
            with: { token_type: "bearer" },
            answerHeaders: { "set-cookie": absent },
          },
        ],
      },
      "a page of another origin cannot log its visitor in by cookie": {
        given: [register],
        steps: elsewhere.map((headers) => ({
          send: { email, password, cookie: true },
          headers,
          answers: "CROSS_SITE_REQUEST",
          with: { code: "PERMISSION_DENIED" },
          answerHeaders: { "set-cookie": absent },
        })),
      },
    },
    acceptInvite: {
      "with cookie, sets the tokens as a cookie; for a page of another origin it does nothing, and the link stays": {
        given: [invite("ROLE_STUDENT"), mailed],
        steps: [
          ...elsewhere.map((headers) => ({
            send: { token: "$link", password, cookie: true },
            headers,
            answers: "CROSS_SITE_REQUEST",
            answerHeaders: { "set-cookie": absent },
          })),
          {
            send: { token: "$link", password, cookie: true },
            headers: own,
            exactly: { expires_in: 600 },
            answerHeaders: { "set-cookie": isSet },
            capture: { jar: "@set-cookie" },
          },
          { call: "getMe", headers: byCookie, with: { email: invitedEmail } },
        ],
      },
    },
    getMe: {
      "twenty concurrent requests with a cookie that is due are all answered, and the session goes on": {
        given: [register, login],
        steps: [
          {
            headers: dueCookie,
            times: 20,
            answers: 200,
          },
          {
            headers: dueCookie,
            with: { email },
            answerHeaders: { "set-cookie": isSet },
            capture: { jar: "@set-cookie" },
          },
          { headers: byCookie, with: { email }, answerHeaders: { "set-cookie": absent } },
        ],
      },
      "a cookie is renewed on an answer without a body, and on a refusal": {
        given: [register, login],
        steps: [
          { headers: dueCookie, capture: { tag: "@etag", jar: "@set-cookie" } },
          { headers: { ...dueCookie, "if-none-match": "$tag" }, answers: 304, answerHeaders: { "set-cookie": isSet } },
          {
            call: "getUser",
            send: { user_id: 999_999_999 },
            headers: dueCookie,
            answers: "USER_NOT_FOUND",
            answerHeaders: { "set-cookie": isSet },
          },
        ],
      },
      "a cookie that was renewed long ago, or twice, ends the session, and is removed": {
        given: [register, login],
        steps: [
          { headers: dueCookie, capture: { jar: "@set-cookie" } },
          { call: "refresh", send: { refresh_token: "$refresh" }, capture: { child: "refresh_token" } },
          { call: "refresh", send: { refresh_token: "$child" } },
          { headers: dueCookie, answers: "INVALID_TOKEN", answerHeaders: { "set-cookie": isCleared } },
          { headers: byCookie, answers: "INVALID_TOKEN", answerHeaders: { "set-cookie": isCleared } },
        ],
      },
      "an Authorization header wins over a cookie, also when it is not valid": {
        given: [register, loginByCookie],
        steps: [
          { as: "alice", headers: byCookie, with: { id: "$alice" } },
          { token: "a.b.c", headers: byCookie, answers: "INVALID_TOKEN", answerHeaders: { "set-cookie": absent } },
          {
            headers: { ...byCookie, authorization: "Basic YTpi" },
            answers: "UNAUTHENTICATED",
            answerHeaders: { "set-cookie": absent },
          },
        ],
      },
      "a cookie that is nonsense, forged or there twice is refused and removed; one of another name is none": {
        given: [register, login],
        steps: [
          ...["", "~", "~~~", "x", "${access}x~${refresh}x", '"', "%00%ff", `~${"A".repeat(72)}`].map((value) => ({
            headers: { cookie: `lyceum_session=${value}; __Host-lyceum_session=${value}` },
            answers: "INVALID_TOKEN",
            answerHeaders: { "set-cookie": isCleared },
          })),
          {
            headers: { cookie: `${due("${refresh}")}; ${due("${refresh}")}` },
            answers: "INVALID_TOKEN",
            answerHeaders: { "set-cookie": isCleared },
          },
          {
            headers: { cookie: "session=1; lyceum_sessions=~${refresh}; Lyceum_Session=~${refresh}; lyceum_session" },
            answers: "UNAUTHENTICATED",
            answerHeaders: { "set-cookie": absent },
          },
          { headers: dueCookie, with: { email } },
        ],
      },
      "a read by cookie is answered whatever page asks; who may see the answer is for CORS": {
        given: [register, loginByCookie],
        steps: elsewhere.map((headers) => ({ headers: { ...headers, cookie: "$jar" }, with: { email } })),
      },
    },
    createChat: {
      "by cookie, for the pages of this server": {
        given: [register, loginByCookie],
        steps: [
          { send: { title: "Tea" }, headers: byCookie, answers: 201 },
          { send: { title: "Tea" }, headers: { cookie: "$jar", "sec-fetch-site": "none" }, answers: 201 },
        ],
      },
      "a page of another origin cannot send it with a visitor's cookie, which is not renewed either": {
        given: [register, login],
        steps: [
          ...elsewhere.map((headers) => ({
            send: { title: "Tea" },
            headers: { cookie: dueCookie.cookie, ...headers },
            answers: "CROSS_SITE_REQUEST",
            answerHeaders: { "set-cookie": absent },
          })),
          { call: "refresh", send: { refresh_token: "$refresh" } },
        ],
      },
    },
    logout: {
      "by cookie, ends the session and removes the cookie": {
        given: [register, loginByCookie],
        steps: [
          { headers: byCookie, answers: 204, answerHeaders: { "set-cookie": isCleared, "clear-site-data": '"cache"' } },
          { call: "getMe", headers: byCookie, answers: "INVALID_TOKEN", answerHeaders: { "set-cookie": isCleared } },
        ],
      },
      "by a cookie that is due, removes the cookie and sets none": {
        given: [register, login],
        steps: [
          { headers: dueCookie, answers: 204, answerHeaders: { "set-cookie": isCleared } },
          { call: "refresh", send: { refresh_token: "$refresh" }, answers: "INVALID_REFRESH_TOKEN" },
        ],
      },
      "by an access token, keeps the cookie of another session": {
        given: [register, login, loginByCookie],
        steps: [
          { token: "$access", headers: byCookie, answers: 204, answerHeaders: { "set-cookie": absent } },
          { call: "getMe", headers: byCookie, with: { email } },
        ],
      },
    },
    deleteMe: {
      "by cookie, removes the cookie": {
        given: [register, loginByCookie],
        headers: byCookie,
        send: { password },
        answers: 204,
        answerHeaders: { "set-cookie": isCleared },
      },
    },
  },
};
