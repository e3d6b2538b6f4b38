// Cases of replies, and of what a chat shows of its messages.
import { absent, size, timestamp, type CaseFile, type Step } from "../../../runner/cases/case.js";
import { deleteText, otherChat, sendText, teaChat } from "../tea-chat.js";

/** A message of alice in $other. */
const elsewhere: Step = {
  call: "sendMessage",
  as: "alice",
  send: { chat_id: "$other", text: "there" },
  answers: 201,
  capture: { there: "id" },
};

/** A reply with all that a message can have, which was edited; $whole is the message. */
const wholeMessage: readonly Step[] = [
  sendText("alice", "question"),
  {
    call: "sendMessage",
    as: "bob",
    send: { chat_id: "$tea", text: "answer", reply_to_id: "$message", client_message_id: "a" },
    answers: 201,
    capture: { reply: "id", sent: "created_at" },
  },
  {
    call: "updateMessage",
    as: "bob",
    send: { message_id: "$reply", text: "edited" },
    with: { edited_at: timestamp, created_at: "$sent", version: 2 },
    capture: { whole: "" },
  },
];

export const replies: CaseFile = {
  subject: "replies",
  actors: ["alice", "bob"],
  given: [teaChat],
  cases: {
    sendMessage: {
      "a reply to a deleted message is refused": {
        given: [sendText("alice", "question"), deleteText("alice")],
        as: "bob",
        send: { chat_id: "$tea", text: "answer", reply_to_id: "$message" },
        answers: "MESSAGE_NOT_FOUND",
        with: { detail: "Message with id=${message} not found" },
      },
      "a reply to one's own message of a chat that one left is refused": {
        given: [
          sendText("bob", "question"),
          { call: "leaveChat", as: "bob", send: { chat_id: "$tea" }, answers: 204 },
          { call: "createChat", as: "bob", send: { title: "New" }, answers: 201, capture: { fresh: "id" } },
        ],
        as: "bob",
        send: { chat_id: "$fresh", text: "answer", reply_to_id: "$message" },
        answers: "MESSAGE_NOT_FOUND",
      },
      "a reply stays when its question is deleted": {
        given: [
          sendText("alice", "question"),
          {
            call: "sendMessage",
            as: "bob",
            send: { chat_id: "$tea", text: "answer", reply_to_id: "$message" },
            answers: 201,
            capture: { reply: "id" },
          },
          deleteText("alice"),
        ],
        call: "getMessage",
        as: "alice",
        send: { message_id: "$reply" },
        with: { text: "answer", reply_to_id: "$message", version: 1 },
      },
    },
    batchSendMessages: {
      "a reply to a deleted message is refused, and nothing is sent": {
        given: [sendText("alice", "question"), deleteText("alice")],
        steps: [
          {
            as: "bob",
            send: { chat_id: "$tea", messages: [{ text: "one" }, { text: "answer", reply_to_id: "$message" }] },
            answers: "MESSAGE_NOT_FOUND",
          },
          { call: "getChat", as: "bob", send: { chat_id: "$tea" }, with: { chat: { message_count: 0, last_seq: 1 } } },
        ],
      },
      "a reply to a message of another chat is refused": {
        given: [otherChat, elsewhere],
        as: "alice",
        send: { chat_id: "$tea", messages: [{ text: "here", reply_to_id: "$there" }] },
        answers: "MESSAGE_NOT_FOUND",
        with: { detail: "Message with id=${there} not found" },
      },
      "a reply has the id of the message that it replies to": {
        given: [sendText("alice", "question")],
        as: "bob",
        send: { chat_id: "$tea", messages: [{ text: "one" }, { text: "answer", reply_to_id: "$message" }] },
        answers: 201,
        with: { messages: [{ reply_to_id: absent }, { reply_to_id: "$message", seq: 3 }] },
      },
    },
    getMessage: {
      "a message is the same wherever it is shown": {
        given: wholeMessage,
        steps: [
          { as: "alice", send: { message_id: "$reply" }, with: { id: "$reply" }, capture: { read: "" } },
          {
            call: "listMessages",
            as: "alice",
            send: { chat_id: "$tea", limit: 1 },
            with: { messages: ["$whole"] },
          },
          {
            call: "getChat",
            as: "alice",
            send: { chat_id: "$tea", limit: 1 },
            with: { chat: { last_message: "$whole" }, messages: ["$read"] },
          },
          { call: "listChats", as: "bob", send: { query: "${case}" }, with: { chats: [{ last_message: "$read" }] } },
        ],
      },
    },
    updateMessage: {
      "the same text is no change": {
        given: [sendText("bob", "one")],
        steps: [
          { as: "bob", send: { message_id: "$message", text: " one " }, with: { version: 1, edited_at: absent } },
          { as: "bob", send: { message_id: "$message", text: "One" }, with: { version: 2, edited_at: timestamp } },
          { as: "bob", send: { message_id: "$message", text: "One\u0301" }, with: { version: 3, text: "One\u0301" } },
          { as: "bob", send: { message_id: "$message", text: "Oné" }, with: { version: 4, text: "Oné" } },
        ],
      },
      "a change leaves the place, the time and the counters": {
        given: [
          { ...sendText("alice", "one"), capture: { first: "created_at", message: "id" } },
          sendText("bob", "two", "second"),
        ],
        steps: [
          {
            as: "alice",
            send: { message_id: "$message", text: "three" },
            with: { seq: 1, created_at: "$first", version: 2 },
          },
          {
            call: "getChat",
            as: "bob",
            send: { chat_id: "$tea" },
            with: {
              chat: { message_count: 2, last_seq: 2, last_message: { id: "$second" }, unread_count: 1, version: 1 },
              messages: [{ id: "$second" }, { text: "three" }],
            },
          },
        ],
      },
    },
    deleteMessage: {
      "a deletion increases the version, and is counted once": {
        given: [
          { ...sendText("bob", "one"), capture: { at: "created_at", message: "id" } },
          sendText("bob", "two", "second"),
        ],
        steps: [
          deleteText("bob"),
          { as: "bob", send: { message_id: "$message" }, answers: "MESSAGE_NOT_FOUND" },
          {
            call: "listMessages",
            as: "alice",
            send: { chat_id: "$tea", sort: "created_at" },
            with: { messages: [{ version: 2, created_at: "$at", deleted_at: timestamp, text: "" }, { version: 1 }] },
          },
          {
            call: "getChat",
            as: "alice",
            send: { chat_id: "$tea" },
            with: { chat: { message_count: 1, last_seq: 2, unread_count: 1 }, messages: size(2) },
          },
          deleteText("alice", "$second"),
          {
            call: "getChat",
            as: "alice",
            send: { chat_id: "$tea" },
            with: { chat: { message_count: 0, last_seq: 2, unread_count: 0, last_message: absent } },
          },
        ],
      },
    },
  },
};
