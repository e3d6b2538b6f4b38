// Cases of the statistics of a chat.
import { matches, timestamp, type CaseFile } from "../../../runner/cases/case.js";
import { teaChat, sendText } from "../tea-chat.js";

export const chatStats: CaseFile = {
  subject: "chats",
  actors: ["alice", "bob", "carol", "mallory", "admin"],
  given: [teaChat],
  cases: {
    getChatStats: {
      "counts messages in total, by day and by member, without deleted ones": {
        given: [
          sendText("alice", "one"),
          sendText("bob", "two"),
          sendText("bob", "three"),
          { ...sendText("alice", "slip"), capture: { slip: "id" } },
        ],
        steps: [
          { call: "deleteMessage", as: "alice", send: { message_id: "$slip" }, answers: 204 },
          {
            as: "alice",
            send: { chat_id: "$tea" },
            exactly: {
              chat_id: "$tea",
              message_count: 3,
              first_message_at: timestamp,
              last_message_at: timestamp,
              days: [{ date: matches("^\\d{4}-\\d\\d-\\d\\d$"), message_count: 3 }],
              members: [
                { user_id: "$bob", first_name: "bob", last_name: "Run${run}", message_count: 2 },
                { user_id: "$alice", first_name: "alice", last_name: "Run${run}", message_count: 1 },
              ],
            },
          },
        ],
      },
      "a chat without messages has empty statistics": {
        as: "bob",
        send: { chat_id: "$tea" },
        exactly: { chat_id: "$tea", message_count: 0, days: [], members: [] },
      },
      "days outside the range are left out": {
        given: [sendText("alice", "today")],
        as: "alice",
        send: { chat_id: "$tea", start_date: "2001-01-01", end_date: "2001-12-31", time_zone: "Europe/Moscow" },
        with: { message_count: 0, days: [] },
      },
      "a date that is not in the calendar is refused": {
        as: "alice",
        send: { chat_id: "$tea", start_date: "2026-02-30" },
        answers: "INVALID_DATE",
        with: { code: "INVALID_ARGUMENT" },
      },
      "a range that ends before it begins is refused": {
        as: "alice",
        send: { chat_id: "$tea", start_date: "2026-02-02", end_date: "2026-02-01" },
        answers: "INVALID_DATE",
      },
      "a time zone that does not exist is refused": {
        as: "alice",
        send: { chat_id: "$tea", time_zone: "Europe/Atlantis" },
        answers: "INVALID_DATE",
      },
      "an abbreviation of a time zone is refused, since it is ambiguous": {
        as: "alice",
        send: { chat_id: "$tea", time_zone: "CET" },
        answers: "INVALID_DATE",
      },
      "a date in another format breaks a rule": {
        as: "alice",
        send: { chat_id: "$tea", start_date: "1.2.2026" },
        violates: { field: "start_date", rule: "string.pattern" },
      },
      "a caller who is not a member gets CHAT_NOT_FOUND": {
        as: "mallory",
        send: { chat_id: "$tea" },
        answers: "CHAT_NOT_FOUND",
      },
      "needs a login": { send: { chat_id: 1 }, answers: "UNAUTHENTICATED" },
    },
  },
};
