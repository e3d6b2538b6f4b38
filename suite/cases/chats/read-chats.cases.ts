// Cases of the read position in a chat.
import { type CaseFile } from "../../../runner/cases/case.js";
import { teaChat, sendText } from "../tea-chat.js";

export const readChats: CaseFile = {
  subject: "chats",
  actors: ["alice", "bob", "carol", "mallory", "admin"],
  given: [teaChat],
  cases: {
    readChat: {
      "messages that were read are not counted as unread": {
        given: [sendText("alice", "one"), sendText("alice", "two"), sendText("alice", "three")],
        steps: [
          {
            as: "bob",
            send: { chat_id: "$tea", seq: 2 },
            exactly: { chat_id: "$tea", last_read_seq: 2, unread_count: 1 },
          },
          { as: "bob", send: { chat_id: "$tea", seq: 1 }, with: { last_read_seq: 2, unread_count: 1 } },
          { as: "bob", send: { chat_id: "$tea", seq: 999 }, with: { last_read_seq: 3, unread_count: 0 } },
          {
            call: "getChat",
            as: "bob",
            send: { chat_id: "$tea" },
            with: { chat: { last_read_seq: 3, unread_count: 0 } },
          },
        ],
      },
      "the read position never moves back in a race of twenty": {
        given: [...Array(3).keys()].map((at) => sendText("alice", `text ${at}`)),
        steps: [
          {
            together: [
              { as: "bob", send: { chat_id: "$tea", seq: 3 }, times: 10, with: { last_read_seq: 3, unread_count: 0 } },
              { as: "bob", send: { chat_id: "$tea", seq: 1 }, times: 10 },
            ],
          },
          { call: "getChat", as: "bob", send: { chat_id: "$tea" }, with: { chat: { last_read_seq: 3 } } },
        ],
      },
      "a deleted message is not unread": {
        given: [
          sendText("alice", "one"),
          { ...sendText("alice", "two"), capture: { second: "id" } },
          { call: "deleteMessage", as: "alice", send: { message_id: "$second" }, answers: 204 },
        ],
        as: "bob",
        send: { chat_id: "$tea", seq: 0 },
        with: { last_read_seq: 0, unread_count: 1 },
      },
      "a negative position breaks a rule": {
        as: "bob",
        send: { chat_id: "$tea", seq: -1 },
        violates: { field: "seq", rule: "int64.gte" },
      },
      "a caller who is not a member gets CHAT_NOT_FOUND": {
        as: "mallory",
        send: { chat_id: "$tea", seq: 1 },
        answers: "CHAT_NOT_FOUND",
      },
      "needs a login": { send: { chat_id: 1, seq: 1 }, answers: "UNAUTHENTICATED" },
    },
  },
};
