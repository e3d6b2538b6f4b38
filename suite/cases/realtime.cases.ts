// Cases of what happens, told as it happens: the long poll, the stream, tickets for web sockets, and what a person shows while they are connected.
import { absent, including, matches, size, timestamp, type CaseFile, type Step } from "../../runner/cases/case.js";
import { sendText, teaChat } from "./tea-chat.js";

/** Captures $cursor, the place of now in the chat. */
const here: Step = {
  call: "listUpdates",
  as: "bob",
  send: { topics: ["chat:${tea}"] },
  with: { updates: [], missing: [], topics: [{ topic: "chat:${tea}", is_too_long: false }] },
  capture: { cursor: "cursor" },
};

const sent = {
  topic: "chat:${tea}",
  kind: "message.sent",
  subject_id: "$message",
  actor_id: "$alice",
  happened_at: timestamp,
  message: { id: "$message", text: "News", sender_id: "$alice" },
};

const badCursor = "chat:1=1,chat:1=2";

export const realtime: CaseFile = {
  subject: "realtime",
  actors: ["alice", "bob", "carol"],
  cases: {
    createRealtimeTicket: {
      "gives a ticket, and says until when it is good": {
        as: "alice",
        with: { ticket: matches("^[A-Za-z0-9_-]{43}$"), expires_at: timestamp },
      },
      "needs a login": { answers: "UNAUTHENTICATED" },
    },
    listUpdates: {
      "begins now with all topics of the caller": {
        as: "alice",
        with: { updates: [], topics: including({ topic: "user:${alice}", is_too_long: false }) },
        noisy: true,
      },
      "goes on behind a cursor, in order": {
        given: [teaChat, here, sendText("alice", "News"), sendText("bob", "Thanks", "thanks")],
        as: "bob",
        send: { cursor: "$cursor" },
        with: {
          updates: [sent, { kind: "message.sent", subject_id: "$thanks", actor_id: "$bob" }],
          topics: [],
          missing: [],
          cursor: matches("^chat:\\d+=\\d+$"),
        },
      },
      "tells each update once": {
        given: [teaChat, here, sendText("alice", "News")],
        steps: [
          { as: "bob", send: { cursor: "$cursor" }, with: { updates: [sent] }, capture: { next: "cursor" } },
          { as: "bob", send: { cursor: "$next" }, exactly: { updates: [], topics: [], missing: [], cursor: "$next" } },
        ],
      },
      "does not wait when there is something": {
        given: [teaChat, here, sendText("alice", "News")],
        as: "bob",
        send: { cursor: "$cursor", wait_seconds: 25 },
        with: { updates: [sent] },
      },
      "waits no longer than was asked": {
        given: [teaChat, here],
        as: "bob",
        send: { cursor: "$cursor", wait_seconds: 1 },
        with: { updates: [], cursor: "$cursor" },
      },
      "of a chat of others nothing is told": {
        given: [teaChat],
        as: "carol",
        send: { topics: ["chat:${tea}", "user:${alice}", "staff", "chat:999999999"] },
        exactly: {
          updates: [],
          topics: [],
          missing: ["chat:${tea}", "user:${alice}", "staff", "chat:999999999"],
          cursor: "",
        },
      },
      "who was removed hears nothing more": {
        given: [
          teaChat,
          here,
          { call: "removeChatMember", as: "alice", send: { chat_id: "$tea", user_id: "$bob" }, answers: 204 },
        ],
        as: "bob",
        send: { cursor: "$cursor" },
        exactly: { updates: [], topics: [], missing: ["chat:${tea}"], cursor: "" },
      },
      "who knows more than the server begins anew": {
        given: [teaChat],
        as: "bob",
        send: { cursor: "chat:${tea}=99999" },
        with: { updates: [], topics: [{ topic: "chat:${tea}", is_too_long: true }] },
      },
      "a deleted message is told without its text": {
        given: [
          teaChat,
          sendText("alice", "News"),
          here,
          { call: "deleteMessage", as: "alice", send: { message_id: "$message" }, answers: 204 },
        ],
        as: "bob",
        send: { cursor: "$cursor" },
        with: { updates: [{ kind: "message.deleted", message: { id: "$message", text: "", deleted_at: timestamp } }] },
      },
      "a member who comes is told, and has no message": {
        given: [
          teaChat,
          here,
          { call: "addChatMember", as: "alice", send: { chat_id: "$tea", user_id: "$carol" }, answers: 201 },
        ],
        as: "bob",
        send: { cursor: "$cursor" },
        with: { updates: [{ kind: "member.added", subject_id: "$carol", message: absent }] },
      },
      "a cursor that names a topic twice is refused": {
        as: "alice",
        send: { cursor: badCursor },
        answers: "CURSOR_INVALID",
      },
      "a topic is one of five kinds": {
        as: "alice",
        send: { topics: ["chats"] },
        violates: { field: "topics[0]", rule: "string.pattern" },
      },
      "waits 25 seconds at most": {
        as: "alice",
        send: { wait_seconds: 26 },
        violates: { field: "wait_seconds", rule: "int32.lte" },
      },
      "needs a login": { answers: "UNAUTHENTICATED" },
    },
    streamUpdates: {
      "begins with what was missed": {
        given: [teaChat, here, sendText("alice", "News")],
        as: "bob",
        send: { cursor: "$cursor" },
        with: { updates: [sent], topics: [], missing: [] },
        answerHeaders: { "cache-control": "no-store", "x-accel-buffering": "no" },
        noisy: true,
      },
      "goes on behind the last event that was received": {
        given: [teaChat, here, sendText("alice", "News")],
        as: "bob",
        headers: { "last-event-id": "$cursor" },
        with: { updates: [sent] },
        noisy: true,
      },
      "begins now without a cursor": {
        as: "alice",
        with: { updates: size(0), topics: including({ topic: "school", is_too_long: false }) },
        noisy: true,
      },
      "a cursor that names a topic twice is refused": {
        as: "alice",
        send: { cursor: badCursor },
        answers: "CURSOR_INVALID",
      },
      "needs a login": { answers: "UNAUTHENTICATED" },
    },
    getRealtimeSettings: {
      "at first all is shown": { as: "carol", exactly: { shows_presence: true, shows_typing: true }, noisy: true },
      "needs a login": { answers: "UNAUTHENTICATED" },
    },
    updateRealtimeSettings: {
      "changes what is given, and leaves the rest": {
        steps: [
          { as: "bob", send: { shows_presence: false }, with: { shows_presence: false } },
          { as: "bob", send: { shows_typing: false }, exactly: { shows_presence: false, shows_typing: false } },
          { as: "bob", send: { shows_typing: true }, exactly: { shows_presence: false, shows_typing: true } },
          { call: "getRealtimeSettings", as: "bob", exactly: { shows_presence: false, shows_typing: true } },
        ],
      },
      "needs a login": { answers: "UNAUTHENTICATED" },
    },
  },
};
