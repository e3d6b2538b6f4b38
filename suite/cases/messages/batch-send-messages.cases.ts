// Cases of sending several messages at once.
import { size, type CaseFile } from "../../../runner/cases/case.js";
import { missingId, teaChat } from "../tea-chat.js";

export const batchSendMessages: CaseFile = {
  subject: "messages",
  actors: ["alice", "bob", "carol", "mallory", "admin"],
  given: [teaChat],
  cases: {
    batchSendMessages: {
      "keeps the order, with consecutive seqs": {
        as: "bob",
        send: {
          chat_id: "$tea",
          messages: [{ text: " one " }, { text: "two", client_message_id: "b" }, { text: "three" }],
        },
        answers: 201,
        with: {
          messages: [
            { seq: 1, text: "one", sender_id: "$bob" },
            { seq: 2, text: "two", client_message_id: "b" },
            { seq: 3, text: "three" },
          ],
        },
        answerHeaders: { location: "/v1/chats/${tea}/messages" },
      },
      "a retry returns the first messages": {
        as: "bob",
        send: {
          chat_id: "$tea",
          messages: [
            { text: "one", client_message_id: "a" },
            { text: "two", client_message_id: "b" },
          ],
        },
        answers: 201,
        again: true,
        with: { messages: [{ seq: 1 }, { seq: 2 }] },
      },
      "twenty concurrent retries keep one of each message": {
        steps: [
          {
            as: "bob",
            send: {
              chat_id: "$tea",
              messages: [
                { text: "one", client_message_id: "a" },
                { text: "two", client_message_id: "b" },
              ],
            },
            times: 20,
            answers: 201,
            same: ["messages[0].id", "messages[1].id", "messages[1].seq"],
          },
          { call: "getChat", as: "bob", send: { chat_id: "$tea" }, with: { chat: { message_count: 2, last_seq: 2 } } },
        ],
      },
      "a message that was sent before is returned, and the others are sent": {
        given: [
          {
            call: "sendMessage",
            as: "bob",
            send: { chat_id: "$tea", text: "one", client_message_id: "a" },
            answers: 201,
            capture: { one: "id" },
          },
        ],
        as: "bob",
        send: { chat_id: "$tea", messages: [{ text: "one", client_message_id: "a" }, { text: "two" }] },
        answers: 201,
        with: { messages: [{ id: "$one", seq: 1 }, { seq: 2 }] },
      },
      "is atomic: one refused message refuses all": {
        given: [
          {
            call: "sendMessage",
            as: "bob",
            send: { chat_id: "$tea", text: "one", client_message_id: "a" },
            answers: 201,
          },
        ],
        steps: [
          {
            as: "bob",
            send: { chat_id: "$tea", messages: [{ text: "new" }, { text: "other", client_message_id: "a" }] },
            answers: "CLIENT_MESSAGE_ID_REUSED",
          },
          {
            as: "bob",
            send: { chat_id: "$tea", messages: [{ text: "new" }, { text: "reply", reply_to_id: missingId }] },
            answers: "MESSAGE_NOT_FOUND",
          },
          { call: "getChat", as: "bob", send: { chat_id: "$tea" }, with: { chat: { message_count: 1, last_seq: 1 } } },
        ],
      },
      "messages with one id are one message, and are refused when they differ": {
        steps: [
          {
            as: "bob",
            send: {
              chat_id: "$tea",
              messages: [
                { text: "one", client_message_id: "a" },
                { text: "two" },
                { text: "one", client_message_id: "a" },
              ],
            },
            answers: 201,
            with: { messages: [{ seq: 1 }, { seq: 2 }, { seq: 1 }] },
          },
          {
            as: "bob",
            send: {
              chat_id: "$tea",
              messages: [
                { text: "three", client_message_id: "b" },
                { text: "Three", client_message_id: "b" },
              ],
            },
            answers: "CLIENT_MESSAGE_ID_REUSED",
          },
          { call: "getChat", as: "bob", send: { chat_id: "$tea" }, with: { chat: { message_count: 2, last_seq: 2 } } },
        ],
      },
      "100 messages are accepted, and 101 break a rule": {
        steps: [
          { as: "bob", send: { chat_id: "$tea", messages: texts(100) }, answers: 201, with: { messages: size(100) } },
          {
            as: "bob",
            send: { chat_id: "$tea", messages: texts(101) },
            violates: { field: "messages", rule: "repeated.max_items" },
          },
        ],
      },
      "an empty list breaks a rule": {
        as: "bob",
        send: { chat_id: "$tea", messages: [] },
        violates: { field: "messages", rule: "repeated.min_items" },
      },
      "a text that nobody can see is reported with its index in the list": {
        as: "bob",
        send: { chat_id: "$tea", messages: [{ text: "fine" }, { text: "\u200b" }, { text: "a\u007fb" }] },
        violates: [
          { field: "messages[1].text", rule: "text.visible" },
          { field: "messages[2].text", rule: "text.control" },
        ],
      },
      "a broken rule is reported with its index in the list": {
        as: "bob",
        send: {
          chat_id: "$tea",
          messages: [{ text: "fine" }, { text: "x", reply_to_id: 0 }, { text: "x", client_message_id: "y".repeat(65) }],
        },
        violates: [
          { field: "messages[1].reply_to_id", rule: "int64.gt" },
          { field: "messages[2].client_message_id", rule: "string.max_len" },
        ],
        with: { violations: [{ pointer: "/messages/1/reply_to_id" }, { pointer: "/messages/2/client_message_id" }] },
      },
      "one file that does not exist keeps every message from being sent": {
        steps: [
          {
            as: "bob",
            send: { chat_id: "$tea", messages: [{ text: "fine" }, { file_ids: [missingId] }] },
            answers: "FILE_NOT_USABLE",
          },
          { call: "listMessages", as: "bob", send: { chat_id: "$tea" }, with: { messages: [] } },
        ],
      },
      "each message with neither a text nor files is reported with its index in the list": {
        as: "bob",
        send: { chat_id: "$tea", messages: [{ text: " " }, { text: "fine" }, { text: "" }] },
        violates: [
          { field: "messages[0].text", rule: "string.min_len" },
          { field: "messages[2].text", rule: "string.min_len" },
        ],
        with: { violations: [{ pointer: "/messages/0/text" }, { pointer: "/messages/2/text" }] },
      },
      "a caller who is not a member gets CHAT_NOT_FOUND": {
        as: "mallory",
        send: { chat_id: "$tea", messages: [{ text: "hi" }] },
        answers: "CHAT_NOT_FOUND",
      },
      "needs a login": { send: { chat_id: 1, messages: [{ text: "hi" }] }, answers: "UNAUTHENTICATED" },
    },
  },
};

function texts(count: number): { text: string }[] {
  return Array.from({ length: count }, (_, at) => ({ text: `text ${at + 1}` }));
}
