// Cases of what teachers and super admins tell many at once.
import { above, absent, including, matches, timestamp, type CaseFile, type Step } from "../../../runner/cases/case.js";
import { missingId } from "../tea-chat.js";
import { listed, reader } from "./reader.js";

const told = { type: "NOTIFICATION_TYPE_WARNING", text: "Завтра уроки с 9:00" };

const send: Step = {
  call: "sendAnnouncement",
  as: "teacher",
  send: { ...told, user_ids: ["$reader"] },
  answers: 201,
  capture: { announcement: "id" },
};

export const announcements: CaseFile = {
  subject: "announcements",
  actors: ["alice", "teacher", "admin"],
  cases: {
    sendAnnouncement: {
      "notifies people, groups and school classes, each person once": {
        given: [
          ...reader,
          {
            call: "createGroup",
            as: "teacher",
            send: { name: "Group ${case}" },
            answers: 201,
            capture: { group: "id" },
          },
          { call: "addGroupMembers", as: "teacher", send: { group_id: "$group", user_ids: ["$reader"] } },
        ],
        steps: [
          {
            as: "teacher",
            send: { ...told, text: " Завтра уроки с 9:00 ", user_ids: ["$reader", "$teacher"], group_ids: ["$group"] },
            answers: 201,
            with: { ...told, sender_id: "$teacher", recipient_count: 1, created_at: timestamp },
            answerHeaders: { location: matches("/v1/announcements/\\d+$") },
          },
          listed({ ...told, actor_id: "$teacher", warning: { text: "Завтра уроки с 9:00" }, info: absent }),
          {
            as: "admin",
            send: { ...told, type: "NOTIFICATION_TYPE_INFO", group_ids: ["$group"] },
            answers: 201,
            with: { recipient_count: 0 },
          },
        ],
      },
      "notifies everybody": {
        noisy: true,
        steps: [
          {
            as: "admin",
            send: { type: "NOTIFICATION_TYPE_INFO", text: "Hello ${case}", is_for_all: true },
            answers: 201,
            with: { recipient_count: above(1) },
          },
          {
            call: "listNotifications",
            as: "alice",
            send: { types: ["NOTIFICATION_TYPE_INFO"], limit: 100 },
            with: {
              notifications: including({ text: "Hello ${case}", actor_id: "$admin", info: { text: "Hello ${case}" } }),
            },
          },
        ],
      },
      "does not notify who is suspended": {
        given: [...reader, { call: "suspendUser", as: "teacher", send: { user_id: "$reader" } }],
        steps: [
          { ...send, with: { recipient_count: 0 } },
          { call: "restoreUser", as: "teacher", send: { user_id: "$reader" } },
        ],
      },
      "there is no such person": {
        as: "teacher",
        send: { ...told, user_ids: ["$alice", missingId] },
        answers: "USER_NOT_FOUND",
      },
      "there is no such group": {
        given: reader,
        steps: [
          {
            as: "teacher",
            send: { ...told, user_ids: ["$reader"], group_ids: [missingId] },
            answers: "GROUP_NOT_FOUND",
          },
          listed(),
        ],
      },
      "refuses to tell nobody, or somebody beside all": {
        steps: [{}, { user_ids: [1], is_for_all: true }].map((whom) => ({
          as: "teacher",
          send: { ...told, ...whom },
          violates: { field: "is_for_all", rule: "announcement.audience" },
        })),
      },
      "refuses other types": {
        as: "teacher",
        send: { type: "NOTIFICATION_TYPE_MENTION", text: "Hello", user_ids: ["$alice"] },
        violates: { field: "type", rule: "enum.in" },
      },
      "a student tells nobody": {
        as: "alice",
        send: { ...told, user_ids: ["$teacher"] },
        answers: "PERMISSION_DENIED",
      },
      "needs a login": { send: { ...told, user_ids: [1] }, answers: "UNAUTHENTICATED" },
    },
    listAnnouncements: {
      "lists those of all, the newest first": {
        noisy: true,
        given: [...reader, send],
        as: "admin",
        send: { limit: 100 },
        with: { announcements: including({ id: "$announcement", ...told, sender_id: "$teacher", recipient_count: 1 }) },
      },
      "refuses a token of another list": {
        as: "teacher",
        send: { page_token: "nonsense" },
        answers: "INVALID_PAGE_TOKEN",
      },
      "is not for students": { as: "alice", answers: "PERMISSION_DENIED" },
      "needs a login": { answers: "UNAUTHENTICATED" },
    },
    getAnnouncement: {
      "is seen by all teachers": {
        given: [...reader, send],
        as: "admin",
        send: { announcement_id: "$announcement" },
        with: { id: "$announcement", ...told, sender_id: "$teacher", recipient_count: 1, created_at: timestamp },
      },
      "there is no such announcement": {
        as: "teacher",
        send: { announcement_id: missingId },
        answers: "ANNOUNCEMENT_NOT_FOUND",
      },
      "needs a login": { send: { announcement_id: 1 }, answers: "UNAUTHENTICATED" },
    },
  },
};
