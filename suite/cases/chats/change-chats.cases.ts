// Cases of reading, changing and deleting a chat.
import { absent, matches, type CaseFile } from "../../../runner/cases/case.js";
import { directChat, missingId, sendText, teaChat } from "../tea-chat.js";

export const changeChats: CaseFile = {
  subject: "chats",
  actors: ["alice", "bob", "carol", "mallory", "admin"],
  given: [teaChat],
  cases: {
    getChat: {
      "returns the chat and its newest messages, the newest first": {
        given: [sendText("alice", "one"), sendText("bob", "two"), sendText("alice", "three")],
        as: "bob",
        send: { chat_id: "$tea", limit: 2 },
        with: {
          chat: { id: "$tea", member_count: 2, message_count: 3, last_seq: 3, last_message: { text: "three" } },
          messages: [
            { seq: 3, text: "three", sender_id: "$alice" },
            { seq: 2, text: "two", sender_id: "$bob" },
          ],
        },
        answerHeaders: { etag: matches('^"1\\.') },
      },
      "If-Match with another version than that of the answer refuses it": {
        steps: [
          { as: "bob", send: { chat_id: "$tea" }, headers: { "if-match": "*" }, with: { chat: { version: 1 } } },
          {
            as: "bob",
            send: { chat_id: "$tea" },
            headers: { "if-match": '"7.another"' },
            answers: "PRECONDITION_FAILED",
          },
        ],
      },
      "a chat without messages has no last message": {
        as: "alice",
        send: { chat_id: "$tea" },
        with: { chat: { id: "$tea", last_message: absent }, messages: [] },
      },
      "a caller who is not a member gets CHAT_NOT_FOUND": {
        as: "mallory",
        send: { chat_id: "$tea" },
        answers: "CHAT_NOT_FOUND",
        with: { detail: "Chat with id=${tea} not found" },
      },
      "an id that does not exist is refused with a detail": {
        as: "alice",
        send: { chat_id: missingId },
        answers: "CHAT_NOT_FOUND",
        with: { code: "NOT_FOUND", detail: `Chat with id=${missingId} not found` },
      },
      "a super admin who is not a member gets CHAT_NOT_FOUND": {
        as: "admin",
        send: { chat_id: "$tea" },
        answers: "CHAT_NOT_FOUND",
      },
      "an id of 0 breaks a rule, and a word is malformed": {
        steps: [
          { as: "alice", send: { chat_id: 0 }, violates: { field: "chat_id", rule: "int64.gt" } },
          {
            as: "alice",
            path: "/v1/chats/abc",
            answers: "MALFORMED_REQUEST",
            with: { violations: [{ field: "chat_id", pointer: "/chat_id" }] },
          },
        ],
      },
      "an unchanged answer is not sent again": {
        steps: [
          { as: "alice", send: { chat_id: "$tea" }, capture: { tag: "@etag" } },
          {
            as: "alice",
            send: { chat_id: "$tea" },
            headers: { "if-none-match": "$tag" },
            answers: 304,
            answerHeaders: { etag: "$tag" },
          },
        ],
      },
      "needs a login": { send: { chat_id: 1 }, answers: "UNAUTHENTICATED" },
    },
    updateChat: {
      "a title is one line of what can be seen": {
        steps: (
          [
            ["a\nb", "text.line_break"],
            ["a\tb", "text.control"],
            ["\u202ea", "text.invisible"],
            ["a\u200bb", "text.invisible"],
          ] as const
        ).map(([title, rule]) => ({
          as: "alice" as const,
          send: { chat_id: "$tea", title },
          violates: { field: "title", rule },
        })),
      },
      "an owner changes the title and increases the version": {
        as: "alice",
        send: { chat_id: "$tea", title: " Coffee ${case} " },
        with: { id: "$tea", title: "Coffee ${case}", version: 2 },
      },
      "a request without changes changes nothing": {
        as: "alice",
        send: { chat_id: "$tea" },
        with: { title: "Tea ${case}", version: 1 },
      },
      "a title cannot be empty": {
        as: "alice",
        send: { chat_id: "$tea", title: "  " },
        violates: { field: "title", rule: "string.min_len" },
      },
      "a member who is not an owner is refused": {
        as: "bob",
        send: { chat_id: "$tea", title: "Mine" },
        answers: "PERMISSION_DENIED",
        with: { code: "PERMISSION_DENIED" },
      },
      "a caller who is not a member gets CHAT_NOT_FOUND": {
        as: "mallory",
        send: { chat_id: "$tea", title: "Mine" },
        answers: "CHAT_NOT_FOUND",
      },
      "a super admin is allowed": {
        given: [sendText("alice", "one")],
        as: "admin",
        send: { chat_id: "$tea", title: "Quiet ${case}" },
        with: {
          title: "Quiet ${case}",
          role: "CHAT_ROLE_MEMBER",
          member_count: 2,
          last_message: absent,
          last_read_seq: 0,
          unread_count: 0,
        },
      },
      "the title of a direct chat cannot be changed": {
        given: [directChat],
        as: "alice",
        send: { chat_id: "$direct", title: "Us" },
        answers: "DIRECT_CHAT",
        with: { code: "FAILED_PRECONDITION" },
      },
      "If-Match prevents overwriting a concurrent change": {
        steps: [
          { call: "getChat", as: "alice", send: { chat_id: "$tea" }, capture: { tag: "@etag" } },
          {
            as: "alice",
            send: { chat_id: "$tea", title: "First ${case}" },
            headers: { "if-match": "$tag" },
            with: { version: 2 },
          },
          {
            as: "alice",
            send: { chat_id: "$tea", title: "Second ${case}" },
            headers: { "if-match": "$tag" },
            answers: "PRECONDITION_FAILED",
            with: { code: "ABORTED" },
          },
          {
            call: "getChat",
            as: "alice",
            send: { chat_id: "$tea" },
            with: { chat: { title: "First ${case}", version: 2 } },
          },
        ],
      },
      "one of twenty concurrent changes with the same tag succeeds": {
        steps: [
          { call: "getChat", as: "alice", send: { chat_id: "$tea" }, capture: { tag: "@etag" } },
          {
            as: "alice",
            send: { chat_id: "$tea", title: "Turn ${turn}" },
            headers: { "if-match": "$tag" },
            times: 20,
            answers: { "200": 1, PRECONDITION_FAILED: 19 },
          },
        ],
      },
      "If-Match: * matches any existing chat": {
        as: "alice",
        send: { chat_id: "$tea", title: "Any" },
        headers: { "if-match": "*" },
        with: { title: "Any" },
      },
      "messages do not change the chat's version": {
        steps: [
          { call: "getChat", as: "alice", send: { chat_id: "$tea" }, capture: { tag: "@etag" } },
          sendText("bob", "in between"),
          {
            as: "alice",
            send: { chat_id: "$tea", title: "Still ${case}" },
            headers: { "if-match": "$tag" },
            with: { version: 2 },
          },
        ],
      },
      "needs a login": { send: { chat_id: 1, title: "x" }, answers: "UNAUTHENTICATED" },
    },
    deleteChat: {
      "an owner deletes a chat with all its messages": {
        given: [{ ...sendText("bob", "gone soon"), capture: { message: "id" } }],
        steps: [
          { as: "alice", send: { chat_id: "$tea" }, answers: 204 },
          { call: "getChat", as: "alice", send: { chat_id: "$tea" }, answers: "CHAT_NOT_FOUND" },
          { call: "getMessage", as: "bob", send: { message_id: "$message" }, answers: "MESSAGE_NOT_FOUND" },
          { as: "alice", send: { chat_id: "$tea" }, answers: "CHAT_NOT_FOUND" },
        ],
      },
      "a member who is not an owner is refused": { as: "bob", send: { chat_id: "$tea" }, answers: "PERMISSION_DENIED" },
      "a caller who is not a member gets CHAT_NOT_FOUND": {
        as: "mallory",
        send: { chat_id: "$tea" },
        answers: "CHAT_NOT_FOUND",
      },
      "a super admin is allowed": { as: "admin", send: { chat_id: "$tea" }, answers: 204 },
      "If-Match prevents deleting a chat after a concurrent change": {
        steps: [
          { call: "getChat", as: "alice", send: { chat_id: "$tea" }, capture: { tag: "@etag" } },
          { call: "updateChat", as: "alice", send: { chat_id: "$tea", title: "Changed" } },
          { as: "alice", send: { chat_id: "$tea" }, headers: { "if-match": "$tag" }, answers: "PRECONDITION_FAILED" },
          { call: "getChat", as: "alice", send: { chat_id: "$tea" }, capture: { now: "@etag" } },
          { as: "alice", send: { chat_id: "$tea" }, headers: { "if-match": "$now" }, answers: 204 },
        ],
      },
      "needs a login": { send: { chat_id: 1 }, answers: "UNAUTHENTICATED" },
    },
  },
};
