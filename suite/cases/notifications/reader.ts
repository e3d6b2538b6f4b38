// A person of the case alone, who is told things by the teacher, and does without what others tell everybody.
import type { Fields, Step } from "../../../runner/cases/case.js";
import { password } from "../../people.js";

const email = "reader.${case}@example.org";

/** Makes $reader, who is logged in: $access. They get warnings and mentions alone. */
export const reader: readonly Step[] = [
  {
    call: "register",
    send: { email, password, first_name: "Reader", last_name: "Case" },
    answers: 201,
    capture: { reader: "id" },
  },
  { call: "login", send: { email, password }, capture: { access: "access_token" } },
  {
    call: "updateNotificationPreferences",
    token: "$access",
    send: { muted: { types: ["NOTIFICATION_TYPE_INFO", "NOTIFICATION_TYPE_EVENT_ADDED"] } },
  },
];

/** Warns $reader. */
export const warn = (text: string): Step => ({
  call: "sendAnnouncement",
  as: "teacher",
  send: { type: "NOTIFICATION_TYPE_WARNING", text, user_ids: ["$reader"] },
  answers: 201,
});

/** Captures ids of the notifications of $reader, the newest first. */
export const capture = (...names: readonly string[]): Step => ({
  call: "listNotifications",
  token: "$access",
  capture: Object.fromEntries(names.map((name, at) => [name, `notifications[${at}].id`])),
});

/** How many notifications $reader has not read. */
export const unread = (unread_count: number): Step => ({
  call: "getUnreadCount",
  token: "$access",
  exactly: { unread_count },
});

/** What $reader sees of all their notifications. */
export const listed = (...notifications: readonly Fields[]): Step => ({
  call: "listNotifications",
  token: "$access",
  with: { notifications, next_page_token: "" },
});
