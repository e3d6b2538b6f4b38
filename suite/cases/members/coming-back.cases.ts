// Cases of what is unread for those who join a chat, and for those who come back to it.
import { type CaseFile, type Fields, type Step } from "../../../runner/cases/case.js";
import { sendText, teaChat } from "../tea-chat.js";

const add = (user: string, read: number): Step => ({
  call: "addChatMember",
  as: "alice",
  send: { chat_id: "$tea", user_id: user },
  answers: 201,
  with: { last_read_seq: read },
});

const remove: Step = {
  call: "removeChatMember",
  as: "alice",
  send: { chat_id: "$tea", user_id: "$bob" },
  answers: 204,
};

const read = (as: string, seq: number): Step => ({ call: "readChat", as, send: { chat_id: "$tea", seq } });

const chat = (as: string, fields: Fields): Step => ({
  call: "getChat",
  as,
  send: { chat_id: "$tea" },
  with: { chat: fields },
});

export const comingBack: CaseFile = {
  subject: "coming back",
  actors: ["alice", "bob", "carol", "teacher", "admin"],
  given: [teaChat, sendText("alice", "one"), sendText("alice", "two")],
  cases: {
    addChatMember: {
      "what was said before is not unread for who joins": {
        steps: [
          add("$carol", 2),
          chat("carol", { last_read_seq: 2, unread_count: 0 }),
          sendText("alice", "three"),
          chat("carol", { last_read_seq: 2, unread_count: 1 }),
          chat("bob", { last_read_seq: 0, unread_count: 3 }),
        ],
      },
      "a teacher and an owner join as everybody does": {
        steps: [
          add("$teacher", 2),
          chat("teacher", { unread_count: 0 }),
          {
            as: "admin",
            send: { chat_id: "$tea", user_id: "$admin", role: "CHAT_ROLE_OWNER" },
            answers: 201,
            with: { last_read_seq: 2 },
          },
          chat("admin", { unread_count: 0 }),
        ],
      },
      "who was removed comes back to what they had read, and what was said meanwhile is unread": {
        steps: [
          read("bob", 1),
          remove,
          sendText("alice", "three"),
          add("$bob", 1),
          chat("bob", { last_read_seq: 1, unread_count: 2, last_seq: 3 }),
          {
            call: "listChats",
            as: "bob",
            send: { query: "${case}" },
            with: { chats: [{ last_read_seq: 1, unread_count: 2 }] },
          },
        ],
      },
      "who had read nothing comes back to all of it": {
        steps: [remove, add("$bob", 0), chat("bob", { last_read_seq: 0, unread_count: 2 })],
      },
      "the second time as the first": {
        steps: [
          read("bob", 1),
          remove,
          add("$bob", 1),
          read("bob", 2),
          remove,
          sendText("alice", "three"),
          add("$bob", 2),
          chat("bob", { last_read_seq: 2, unread_count: 1 }),
        ],
      },
    },
    leaveChat: {
      "who left comes back to what they had read, as a member again": {
        steps: [
          {
            call: "updateChatMember",
            as: "alice",
            send: { chat_id: "$tea", user_id: "$bob", role: "CHAT_ROLE_OWNER" },
          },
          read("bob", 2),
          { as: "bob", send: { chat_id: "$tea" }, answers: 204 },
          sendText("alice", "three"),
          add("$bob", 2),
          chat("bob", { last_read_seq: 2, unread_count: 1, role: "CHAT_ROLE_MEMBER" }),
        ],
      },
    },
    readChat: {
      "nobody reads a chat that they left": {
        steps: [
          { as: "bob", send: { chat_id: "$tea", seq: 1 } },
          { call: "leaveChat", as: "bob", send: { chat_id: "$tea" }, answers: 204 },
          { as: "bob", send: { chat_id: "$tea", seq: 2 }, answers: "CHAT_NOT_FOUND" },
          add("$bob", 1),
        ],
      },
    },
  },
};
