// Cases of the ids that clients choose for messages: they are compared byte by byte.
import { size, timestamp, type CaseFile, type Fields, type Step } from "../../../runner/cases/case.js";
import { otherChat, teaChat } from "../tea-chat.js";

/** Ids that differ in case, normal form, width, script or white space alone. */
const nearIds = [
  "file-é",
  "File-é",
  "file-e\u0301",
  "ﬁle-é",
  "file-é ",
  " file-é",
  "file-é\u00a0",
  "file-é\u200b",
  "fıle-é",
  "ｆile-é",
  "file-е",
  "null",
  "😀",
  "😀\ufe0f",
];

/** Others that differ as little from those, and from each other. */
const furtherIds = ["FILE-É", "file-é  ", "FILE-e\u0301", "ﬁle-e\u0301", "Null", "NULL", "000", "😀\ufe0e"];

const message = (id: string): Fields => ({ text: "same", client_message_id: id });

const sendEach: readonly Step[] = nearIds.map((id, at) => ({
  as: "bob",
  send: { chat_id: "$tea", ...message(id) },
  answers: 201,
  with: { seq: at + 1, ...message(id) },
}));

export const clientIds: CaseFile = {
  subject: "client ids",
  actors: ["alice", "bob"],
  given: [teaChat],
  cases: {
    sendMessage: {
      "ids that differ in any byte are of different messages": {
        steps: [
          ...sendEach,
          // Each is recognized again.
          ...sendEach,
          { call: "getChat", as: "bob", send: { chat_id: "$tea" }, with: { chat: { message_count: nearIds.length } } },
        ],
      },
      "a retry with another message to reply to is refused": {
        given: [
          {
            call: "sendMessage",
            as: "alice",
            send: { chat_id: "$tea", text: "question" },
            answers: 201,
            capture: { one: "id" },
          },
          { call: "sendMessage", as: "bob", send: { chat_id: "$tea", ...message("a") }, answers: 201 },
        ],
        as: "bob",
        send: { chat_id: "$tea", ...message("a"), reply_to_id: "$one" },
        answers: "CLIENT_MESSAGE_ID_REUSED",
      },
      "a retry with a text that differs in case or normal form is refused": {
        given: [
          {
            call: "sendMessage",
            as: "bob",
            send: { chat_id: "$tea", text: "Né", client_message_id: "a" },
            answers: 201,
          },
        ],
        steps: ["né", "Ne\u0301", "NÉ"].map((text) => ({
          as: "bob",
          send: { chat_id: "$tea", text, client_message_id: "a" },
          answers: "CLIENT_MESSAGE_ID_REUSED",
        })),
      },
      "a retry is recognized whether the message was sent alone or in a batch": {
        steps: [
          {
            call: "batchSendMessages",
            as: "bob",
            send: { chat_id: "$tea", messages: [message("a"), message("A")] },
            answers: 201,
            capture: { small: "messages[0].id", capital: "messages[1].id" },
          },
          {
            as: "bob",
            send: { chat_id: "$tea", ...message("a") },
            answers: 201,
            with: { id: "$small", seq: 1, client_message_id: "a" },
          },
          {
            as: "bob",
            send: { chat_id: "$tea", ...message("A") },
            answers: 201,
            with: { id: "$capital", seq: 2, client_message_id: "A" },
          },
        ],
      },
      "a retry leaves the counters, the version and the time of the message": {
        steps: [
          { as: "bob", send: { chat_id: "$tea", ...message("a") }, answers: 201, again: true, capture: { first: "" } },
          {
            call: "getChat",
            as: "bob",
            send: { chat_id: "$tea" },
            with: { chat: { message_count: 1, last_seq: 1, last_message: "$first" }, messages: ["$first"] },
          },
        ],
      },
    },
    batchSendMessages: {
      "ids that differ in any byte are of different messages": {
        steps: [
          {
            as: "bob",
            send: { chat_id: "$tea", messages: nearIds.map(message) },
            answers: 201,
            again: true,
            with: { messages: nearIds.map((id, at) => ({ seq: at + 1, ...message(id) })) },
          },
          // Some were sent before, and those next to them are new.
          {
            as: "bob",
            send: { chat_id: "$tea", messages: nearIds.map((id) => message(`${id}.`)).concat(nearIds.map(message)) },
            answers: 201,
            with: { messages: size(2 * nearIds.length) },
          },
          {
            as: "bob",
            send: {
              chat_id: "$tea",
              messages: furtherIds.map((id) => ({ text: "other", client_message_id: id })),
            },
            answers: 201,
            with: {
              messages: furtherIds.map((id, at) => ({
                seq: 2 * nearIds.length + 1 + at,
                text: "other",
                client_message_id: id,
              })),
            },
          },
        ],
      },
      "an id belongs to one sender and one chat": {
        given: [
          otherChat,
          { call: "sendMessage", as: "bob", send: { chat_id: "$tea", ...message("a") }, answers: 201 },
          { call: "sendMessage", as: "alice", send: { chat_id: "$other", ...message("b") }, answers: 201 },
        ],
        as: "alice",
        send: { chat_id: "$tea", messages: [message("a"), message("b")] },
        answers: 201,
        with: {
          messages: [
            { seq: 2, sender_id: "$alice", chat_id: "$tea" },
            { seq: 3, created_at: timestamp },
          ],
        },
      },
    },
  },
};
