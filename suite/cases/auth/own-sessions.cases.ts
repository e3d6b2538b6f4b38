// Cases of the list of one's own sessions, and of ending them.
import { size, timestamp, type CaseFile, type Step } from "../../../runner/cases/case.js";
import { email, login, register } from "./new-user.js";
import { missingId } from "../tea-chat.js";
import { password } from "../../people.js";

/** A second login, by a client that names its device. */
const elsewhere: Step = {
  call: "login",
  send: { email, password, device_name: "  Masha's phone " },
  capture: { elsewhere: "access_token", asleep: "refresh_token" },
};
const list: Step = {
  call: "listSessions",
  token: "$access",
  capture: { newer: "sessions[0].id", mine: "sessions[1].id" },
};

export const ownSessions: CaseFile = {
  subject: "auth",
  actors: ["alice", "bob"],
  cases: {
    listSessions: {
      "lists the caller's sessions, the newest login first": {
        given: [register, login, elsewhere],
        token: "$access",
        with: {
          sessions: [
            {
              device_name: "Masha's phone",
              created_at: timestamp,
              last_seen_at: timestamp,
              expires_at: timestamp,
              current: false,
            },
            { current: true },
          ],
          next_page_token: "",
        },
      },
      "takes the name of a device from its User-Agent": {
        given: [
          register,
          {
            ...login,
            headers: {
              "User-Agent": "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0",
            },
          },
        ],
        token: "$access",
        with: { sessions: [{ device_name: "Firefox on Windows", current: true }] },
      },
      "a session that was ended is not in it": {
        given: [register, login, elsewhere, { call: "logout", token: "$elsewhere", answers: 204 }],
        token: "$access",
        with: { sessions: [{ current: true }] },
      },
      "a page has the rows that were asked for, and a token for the rest": {
        given: [register, login, elsewhere],
        steps: [
          { token: "$access", send: { limit: 1 }, with: { sessions: size(1) }, capture: { next: "next_page_token" } },
          { token: "$access", send: { limit: 1, page_token: "$next" }, with: { sessions: [{ current: true }] } },
        ],
      },
      "a page token of another list is refused": {
        as: "alice",
        send: { page_token: "nonsense" },
        answers: "INVALID_PAGE_TOKEN",
      },
      "is for those who are logged in": { answers: "UNAUTHENTICATED" },
    },
    revokeSession: {
      "ends another session of the caller, with both of its tokens": {
        given: [register, login, elsewhere, list],
        steps: [
          { token: "$access", send: { session_id: "$newer" }, answers: 204 },
          { call: "getMe", token: "$elsewhere", answers: "INVALID_TOKEN" },
          { call: "refresh", send: { refresh_token: "$asleep" }, answers: "INVALID_REFRESH_TOKEN" },
          { call: "listSessions", token: "$access", with: { sessions: [{ id: "$mine", current: true }] } },
        ],
      },
      "ends the session of the request itself": {
        given: [register, login, elsewhere, list],
        steps: [
          { token: "$access", send: { session_id: "$mine" }, answers: 204 },
          { call: "getMe", token: "$access", answers: "INVALID_TOKEN" },
          { call: "getMe", token: "$elsewhere" },
        ],
      },
      "one of twenty concurrent calls ends a session": {
        given: [register, login, elsewhere, list],
        token: "$access",
        send: { session_id: "$newer" },
        times: 20,
        answers: { "204": 1, SESSION_NOT_FOUND: 19 },
      },
      "another person's session is not found, and lives on": {
        given: [register, login, elsewhere, list],
        steps: [
          { as: "bob", send: { session_id: "$newer" }, answers: "SESSION_NOT_FOUND" },
          { call: "getMe", token: "$elsewhere" },
        ],
      },
      "a session that never was is not found": {
        as: "alice",
        send: { session_id: missingId },
        answers: "SESSION_NOT_FOUND",
      },
      "an id that is not positive breaks a rule": {
        as: "alice",
        send: { session_id: 0 },
        violates: { field: "session_id", rule: "int64.gt" },
      },
      "is for those who are logged in": { send: { session_id: missingId }, answers: "UNAUTHENTICATED" },
    },
    revokeOtherSessions: {
      "ends every session of the caller but one": {
        given: [register, login, elsewhere, { ...elsewhere, capture: { third: "access_token" } }, list],
        steps: [
          { token: "$access", answers: 204 },
          { call: "getMe", token: "$elsewhere", answers: "INVALID_TOKEN" },
          { call: "getMe", token: "$third", answers: "INVALID_TOKEN" },
          { call: "refresh", send: { refresh_token: "$asleep" }, answers: "INVALID_REFRESH_TOKEN" },
          { call: "listSessions", token: "$access", with: { sessions: [{ current: true }] } },
          { call: "refresh", send: { refresh_token: "$refresh" } },
        ],
      },
      "changes nothing where there is no other": {
        given: [register, login],
        steps: [
          { token: "$access", answers: 204 },
          { call: "getMe", token: "$access" },
        ],
      },
      "leaves the sessions of others": {
        given: [register, login, elsewhere],
        steps: [
          { as: "bob", answers: 204 },
          { call: "getMe", token: "$elsewhere" },
        ],
      },
      "is for those who are logged in": { answers: "UNAUTHENTICATED" },
    },
  },
};
