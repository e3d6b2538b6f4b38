// Cases of reading, changing and deleting a message.
import { absent, matches, timestamp, type CaseFile } from "../../../runner/cases/case.js";
import { deleteText, missingId, sendText, teaChat } from "../tea-chat.js";

export const changeMessages: CaseFile = {
  subject: "messages",
  actors: ["alice", "bob", "carol", "mallory", "admin"],
  given: [teaChat],
  cases: {
    getMessage: {
      "returns a message to a member": {
        given: [sendText("alice", "one")],
        as: "bob",
        send: { message_id: "$message" },
        exactly: {
          id: "$message",
          chat_id: "$tea",
          seq: 1,
          sender_id: "$alice",
          text: "one",
          created_at: timestamp,
          version: 1,
          attachments: [],
        },
        answerHeaders: { etag: matches('^"1\\.') },
      },
      "an unchanged answer is not sent again": {
        given: [sendText("alice", "one")],
        steps: [
          { as: "bob", send: { message_id: "$message" }, capture: { tag: "@etag" } },
          { as: "bob", send: { message_id: "$message" }, headers: { "if-none-match": 'W/"x", ${tag}' }, answers: 304 },
          { call: "updateMessage", as: "alice", send: { message_id: "$message", text: "two" } },
          { as: "bob", send: { message_id: "$message" }, headers: { "if-none-match": "$tag" }, with: { text: "two" } },
        ],
      },
      "a former member gets MESSAGE_NOT_FOUND": {
        given: [sendText("alice", "one"), { call: "leaveChat", as: "bob", send: { chat_id: "$tea" }, answers: 204 }],
        as: "bob",
        send: { message_id: "$message" },
        answers: "MESSAGE_NOT_FOUND",
      },
      "a caller who is not a member gets MESSAGE_NOT_FOUND": {
        given: [sendText("alice", "one")],
        as: "mallory",
        send: { message_id: "$message" },
        answers: "MESSAGE_NOT_FOUND",
        with: { detail: "Message with id=${message} not found" },
      },
      "an id that does not exist is refused with a detail": {
        as: "alice",
        send: { message_id: missingId },
        answers: "MESSAGE_NOT_FOUND",
        with: { detail: `Message with id=${missingId} not found` },
      },
      "an id of 0 breaks a rule": {
        as: "alice",
        send: { message_id: 0 },
        violates: { field: "message_id", rule: "int64.gt" },
      },
      "needs a login": { send: { message_id: 1 }, answers: "UNAUTHENTICATED" },
    },
    updateMessage: {
      "a text that nobody can see, and a control character, are refused": {
        given: [sendText("bob", "one")],
        steps: [
          ...["\u200b", "\u2800", "\u3164"].map((text) => ({
            as: "bob" as const,
            send: { message_id: "$message", text },
            violates: { field: "text", rule: "text.visible" },
          })),
          {
            as: "bob",
            send: { message_id: "$message", text: "a\u001bb" },
            violates: { field: "text", rule: "text.control" },
          },
        ],
      },
      "changes the caller's own text and sets edited_at": {
        given: [sendText("bob", "one")],
        as: "bob",
        send: { message_id: "$message", text: " two " },
        exactly: {
          id: "$message",
          chat_id: "$tea",
          seq: 1,
          sender_id: "$bob",
          text: "two",
          created_at: timestamp,
          edited_at: timestamp,
          version: 2,
          attachments: [],
        },
      },
      "a request without changes changes nothing": {
        given: [sendText("bob", "one")],
        as: "bob",
        send: { message_id: "$message" },
        with: { text: "one", edited_at: absent, version: 1 },
      },
      "the owner of the chat cannot change a text of another member": {
        given: [sendText("bob", "one")],
        as: "alice",
        send: { message_id: "$message", text: "two" },
        answers: "PERMISSION_DENIED",
      },
      "a text cannot be empty": {
        given: [sendText("bob", "one")],
        as: "bob",
        send: { message_id: "$message", text: " " },
        violates: { field: "text", rule: "string.min_len" },
      },
      "a deleted message cannot be changed": {
        given: [sendText("bob", "one"), deleteText("bob")],
        as: "bob",
        send: { message_id: "$message", text: "two" },
        answers: "MESSAGE_NOT_FOUND",
      },
      "If-Match prevents overwriting a concurrent change": {
        given: [sendText("bob", "one")],
        steps: [
          { call: "getMessage", as: "bob", send: { message_id: "$message" }, capture: { tag: "@etag" } },
          {
            as: "bob",
            send: { message_id: "$message", text: "two" },
            headers: { "if-match": "W/${tag}" },
            with: { version: 2 },
          },
          {
            as: "bob",
            send: { message_id: "$message", text: "three" },
            headers: { "if-match": "$tag" },
            answers: "PRECONDITION_FAILED",
          },
        ],
      },
      "If-None-Match leaves the versions that it names as they are": {
        given: [sendText("bob", "one")],
        steps: [
          { call: "getMessage", as: "bob", send: { message_id: "$message" }, capture: { tag: "@etag" } },
          {
            as: "bob",
            send: { message_id: "$message", text: "two" },
            headers: { "if-none-match": '"other", W/${tag}' },
            answers: "PRECONDITION_FAILED",
          },
          { as: "bob", send: { message_id: "$message", text: "two" }, with: { version: 2 } },
          {
            as: "bob",
            send: { message_id: "$message", text: "three" },
            headers: { "if-none-match": "$tag" },
            with: { text: "three", version: 3 },
          },
        ],
      },
      "a caller who is not a member gets MESSAGE_NOT_FOUND": {
        given: [sendText("bob", "one")],
        as: "mallory",
        send: { message_id: "$message", text: "two" },
        answers: "MESSAGE_NOT_FOUND",
      },
      "needs a login": { send: { message_id: 1, text: "x" }, answers: "UNAUTHENTICATED" },
    },
    deleteMessage: {
      "removes the text and keeps the seq": {
        given: [sendText("bob", "one")],
        steps: [
          deleteText("bob"),
          {
            call: "listMessages",
            as: "alice",
            send: { chat_id: "$tea" },
            with: { messages: [{ seq: 1, text: "", deleted_at: timestamp }] },
          },
          { call: "getChat", as: "bob", send: { chat_id: "$tea" }, with: { chat: { last_message: absent } } },
          sendText("bob", "two", "second"),
          { call: "getMessage", as: "bob", send: { message_id: "$second" }, with: { seq: 2 } },
          {
            call: "getChat",
            as: "bob",
            send: { chat_id: "$tea" },
            with: { chat: { message_count: 1, last_seq: 2, last_message: { seq: 2 } } },
          },
          // The last message is one that is not deleted.
          sendText("bob", "three", "third"),
          deleteText("bob", "$third"),
          {
            call: "getChat",
            as: "bob",
            send: { chat_id: "$tea" },
            with: { chat: { message_count: 1, last_seq: 3, last_message: { seq: 2, text: "two" } } },
          },
        ],
      },
      "a deleted message is not found": {
        given: [sendText("bob", "one"), deleteText("bob")],
        as: "bob",
        send: { message_id: "$message" },
        answers: "MESSAGE_NOT_FOUND",
      },
      "the owner of the chat is allowed": {
        given: [sendText("bob", "one")],
        as: "alice",
        send: { message_id: "$message" },
        answers: 204,
      },
      "a super admin is allowed": {
        given: [sendText("bob", "one")],
        as: "admin",
        send: { message_id: "$message" },
        answers: 204,
      },
      "If-Match holds for a super admin who is not a member": {
        given: [sendText("bob", "one")],
        steps: [
          { call: "getMessage", as: "bob", send: { message_id: "$message" }, capture: { tag: "@etag" } },
          { call: "updateMessage", as: "bob", send: { message_id: "$message", text: "two" } },
          {
            as: "admin",
            send: { message_id: "$message" },
            headers: { "if-match": "$tag" },
            answers: "PRECONDITION_FAILED",
          },
        ],
      },
      "a member cannot delete a message of another member": {
        given: [sendText("alice", "one")],
        as: "bob",
        send: { message_id: "$message" },
        answers: "PERMISSION_DENIED",
      },
      "If-Match prevents deleting a message after a concurrent change": {
        given: [sendText("bob", "one")],
        steps: [
          { call: "getMessage", as: "bob", send: { message_id: "$message" }, capture: { tag: "@etag" } },
          { call: "updateMessage", as: "bob", send: { message_id: "$message", text: "two" } },
          {
            as: "bob",
            send: { message_id: "$message" },
            headers: { "if-match": "$tag" },
            answers: "PRECONDITION_FAILED",
          },
        ],
      },
      "a caller who is not a member gets MESSAGE_NOT_FOUND": {
        given: [sendText("bob", "one")],
        as: "mallory",
        send: { message_id: "$message" },
        answers: "MESSAGE_NOT_FOUND",
      },
      "needs a login": { send: { message_id: 1 }, answers: "UNAUTHENTICATED" },
    },
  },
};
