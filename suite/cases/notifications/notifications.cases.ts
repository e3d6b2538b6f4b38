// Cases of a person's notifications: listed, counted, read, and done without.
import { absent, matches, timestamp, type CaseFile, type Fields } from "../../../runner/cases/case.js";
import { missingId } from "../tea-chat.js";
import { capture, listed, reader, unread, warn } from "./reader.js";

const own = { token: "$access" };
const warning = (text: string, more: Fields = {}): Fields => ({
  type: "NOTIFICATION_TYPE_WARNING",
  text,
  actor_id: "$teacher",
  created_at: timestamp,
  read_at: absent,
  warning: { text },
  info: absent,
  ...more,
});

export const notifications: CaseFile = {
  subject: "notifications",
  actors: ["alice", "teacher"],
  cases: {
    listNotifications: {
      "lists the newest first, and marks nothing": {
        given: [...reader, warn("one"), warn("two")],
        steps: [listed(warning("two"), warning("one")), listed(warning("two"), warning("one")), unread(2)],
      },
      "filters by type and by what is not read": {
        given: [...reader, warn("one"), warn("two"), capture("two", "one")],
        steps: [
          { call: "readNotification", ...own, send: { notification_id: "$one" } },
          { ...own, send: { unread: true }, with: { notifications: [{ id: "$two" }] } },
          { ...own, send: { unread: false }, with: { notifications: [{ id: "$two" }, { id: "$one" }] } },
          {
            ...own,
            send: { types: ["NOTIFICATION_TYPE_MENTION", "NOTIFICATION_TYPE_ACHIEVEMENT_ACCEPTED"] },
            with: { notifications: [], next_page_token: "" },
          },
          {
            ...own,
            send: { types: ["NOTIFICATION_TYPE_WARNING", "NOTIFICATION_TYPE_INFO"], unread: true },
            with: { notifications: [{ id: "$two" }] },
          },
        ],
      },
      "says in which language it is, by Accept-Language": {
        given: [...reader, warn("one")],
        steps: [
          {
            ...own,
            headers: { "accept-language": "ru-RU,ru;q=0.9,en;q=0.5" },
            answerHeaders: { "content-language": "ru", vary: matches("Accept-Language") },
          },
          {
            ...own,
            headers: { "accept-language": "de" },
            answerHeaders: { "content-language": "en", vary: matches("Accept-Language") },
          },
        ],
      },
      "refuses a token of other filters": {
        given: [
          ...reader,
          warn("one"),
          warn("two"),
          {
            call: "listNotifications",
            ...own,
            send: { limit: 1 },
            with: { notifications: [warning("two")] },
            capture: { next: "next_page_token" },
          },
        ],
        steps: [
          { ...own, send: { limit: 1, page_token: "$next" }, with: { notifications: [warning("one")] } },
          { ...own, send: { limit: 1, page_token: "$next", unread: true }, answers: "INVALID_PAGE_TOKEN" },
          { as: "alice", send: { limit: 1, page_token: "$next" }, answers: "INVALID_PAGE_TOKEN" },
        ],
      },
      "needs a login": { answers: "UNAUTHENTICATED" },
    },
    getUnreadCount: {
      "is exact": { given: [...reader, warn("one"), warn("two")], ...own, exactly: { unread_count: 2 } },
      "needs a login": { answers: "UNAUTHENTICATED" },
    },
    getNotification: {
      "is read by its person alone, and stays unread": {
        given: [...reader, warn("one"), capture("one")],
        steps: [
          { ...own, send: { notification_id: "$one" }, with: warning("one", { id: "$one" }) },
          { as: "alice", send: { notification_id: "$one" }, answers: "NOTIFICATION_NOT_FOUND" },
          { as: "teacher", send: { notification_id: "$one" }, answers: "NOTIFICATION_NOT_FOUND" },
          unread(1),
        ],
      },
      "there is no such notification": {
        as: "alice",
        send: { notification_id: missingId },
        answers: "NOTIFICATION_NOT_FOUND",
      },
      "needs a login": { send: { notification_id: 1 }, answers: "UNAUTHENTICATED" },
    },
    readNotification: {
      "marks one, and once": {
        given: [...reader, warn("one"), warn("two"), capture("two", "one")],
        steps: [
          { ...own, send: { notification_id: "$one" }, with: { id: "$one", read_at: timestamp }, again: true },
          unread(1),
          listed(warning("two"), warning("one", { read_at: timestamp })),
        ],
      },
      "of twenty at once marks one time": {
        given: [...reader, warn("one"), capture("one")],
        steps: [{ ...own, send: { notification_id: "$one" }, times: 20, same: ["read_at"] }, unread(0)],
      },
      "is somebody else's": {
        given: [...reader, warn("one"), capture("one")],
        steps: [
          { as: "alice", send: { notification_id: "$one" }, answers: "NOTIFICATION_NOT_FOUND" },
          { as: "alice", send: { notification_id: missingId }, answers: "NOTIFICATION_NOT_FOUND" },
          unread(1),
        ],
      },
      "needs a login": { send: { notification_id: 1 }, answers: "UNAUTHENTICATED" },
    },
    readNotifications: {
      "marks some by their ids, and passes over those of others": {
        given: [...reader, warn("one"), warn("two"), warn("three"), capture("three", "two", "one")],
        steps: [
          {
            ...own,
            send: { notification_ids: ["$one", "$two", missingId] },
            exactly: { read_count: 2, unread_count: 1 },
          },
          {
            ...own,
            send: { notification_ids: ["$one", "$two"] },
            exactly: { read_count: 0, unread_count: 1 },
          },
          { as: "alice", send: { notification_ids: ["$three"] }, with: { read_count: 0 } },
          unread(1),
        ],
      },
      "marks those up to a moment": {
        given: [
          ...reader,
          warn("one"),
          warn("two"),
          {
            call: "listNotifications",
            ...own,
            capture: { later: "notifications[0].created_at", earlier: "notifications[1].created_at" },
          },
        ],
        steps: [
          { ...own, send: { until: "2000-01-01T00:00:00Z" }, exactly: { read_count: 0, unread_count: 2 } },
          { ...own, send: { until: "$earlier" }, exactly: { read_count: 1, unread_count: 1 } },
          { ...own, send: { until: "$later" }, exactly: { read_count: 1, unread_count: 0 } },
        ],
      },
      "marks all": {
        given: [...reader, warn("one"), warn("two")],
        steps: [
          { ...own, send: { all: true }, exactly: { read_count: 2, unread_count: 0 } },
          { ...own, send: { all: true }, exactly: { read_count: 0, unread_count: 0 } },
          warn("three"),
          unread(1),
        ],
      },
      "twenty at once mark each notification once": {
        given: [...reader, warn("one")],
        steps: [{ ...own, send: { all: true }, times: 20, with: { unread_count: 0 } }, unread(0)],
      },
      "is for one choice alone": {
        steps: [
          {},
          { all: false },
          { all: true, notification_ids: [1] },
          { all: true, until: "2000-01-01T00:00:00Z" },
        ].map((send) => ({ as: "alice", send, violates: { field: "notification_ids", rule: "read.choice" } })),
      },
      "needs a login": { send: { all: true }, answers: "UNAUTHENTICATED" },
    },
    getNotificationPreferences: {
      "are those of the caller": {
        given: reader,
        ...own,
        exactly: { muted: { types: ["NOTIFICATION_TYPE_EVENT_ADDED", "NOTIFICATION_TYPE_INFO"] } },
      },
      "needs a login": { answers: "UNAUTHENTICATED" },
    },
    updateNotificationPreferences: {
      "mutes types, each once and in their order": {
        given: reader,
        steps: [
          {
            ...own,
            send: { muted: { types: ["NOTIFICATION_TYPE_MENTION", "NOTIFICATION_TYPE_ACHIEVEMENT_ACCEPTED"] } },
            exactly: { muted: { types: ["NOTIFICATION_TYPE_ACHIEVEMENT_ACCEPTED", "NOTIFICATION_TYPE_MENTION"] } },
            again: true,
          },
          {
            ...own,
            send: {},
            with: { muted: { types: ["NOTIFICATION_TYPE_ACHIEVEMENT_ACCEPTED", "NOTIFICATION_TYPE_MENTION"] } },
          },
          { ...own, send: { muted: { types: [] } }, exactly: { muted: { types: [] } } },
        ],
      },
      "who has muted a type is not told": {
        given: reader,
        steps: [
          {
            call: "sendAnnouncement",
            as: "teacher",
            send: { type: "NOTIFICATION_TYPE_INFO", text: "Hello", user_ids: ["$reader"] },
            answers: 201,
            with: { recipient_count: 0 },
          },
          listed(),
        ],
      },
      "warnings cannot be muted": {
        as: "alice",
        send: { muted: { types: ["NOTIFICATION_TYPE_INFO", "NOTIFICATION_TYPE_WARNING"] } },
        violates: { field: "muted.types[1]", rule: "enum.in" },
      },
      "needs a login": { send: {}, answers: "UNAUTHENTICATED" },
    },
  },
};
