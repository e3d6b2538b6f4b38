// Cases of what is counted in a chat: unread messages, members, versions; and of who sees a chat.
import { absent, size, type CaseFile, type Step } from "../../../runner/cases/case.js";
import { deleteText, sendText, teaChat } from "../tea-chat.js";

const chat = (as: string, expected: object): Step => ({
  call: "getChat",
  as,
  send: { chat_id: "$tea" },
  with: { chat: expected },
});
const read = (as: string, seq: number, unread: number, at = seq): Step => ({
  call: "readChat",
  as,
  send: { chat_id: "$tea", seq },
  with: { last_read_seq: at, unread_count: unread },
});

export const counters: CaseFile = {
  subject: "counters",
  actors: ["alice", "bob", "carol"],
  given: [teaChat],
  cases: {
    readChat: {
      "what is unread are the undeleted messages of others behind the position": {
        given: [
          sendText("alice", "one", "one"),
          sendText("bob", "two", "two"),
          sendText("alice", "three", "three"),
          sendText("bob", "four", "four"),
        ],
        steps: [
          chat("bob", { unread_count: 2, last_read_seq: 0 }),
          read("bob", 1, 1),
          read("bob", 2, 1),
          deleteText("bob", "$two"),
          chat("bob", { unread_count: 1 }),
          deleteText("bob", "$four"),
          chat("bob", { unread_count: 1 }),
          chat("alice", { unread_count: 0 }),
          deleteText("alice", "$one"),
          chat("bob", { unread_count: 1 }),
          deleteText("alice", "$three"),
          chat("bob", { unread_count: 0, message_count: 0, last_seq: 4 }),
          read("bob", 4, 0),
          sendText("alice", "five"),
          chat("bob", { unread_count: 1 }),
          read("bob", 4, 1),
          read("bob", 5, 0),
          sendText("alice", "six", "six"),
          deleteText("alice"),
          chat("bob", { unread_count: 1 }),
          read("bob", 6, 0),
          sendText("bob", "seven"),
          read("bob", 7, 0),
          sendText("alice", "eight"),
          chat("bob", { unread_count: 1 }),
        ],
      },
      "the position of one member is not that of another": {
        given: [sendText("alice", "one"), sendText("alice", "two")],
        steps: [
          read("bob", 2, 0),
          {
            call: "listChatMembers",
            as: "alice",
            send: { chat_id: "$tea" },
            with: {
              members: [
                { user_id: "$alice", last_read_seq: 0 },
                { user_id: "$bob", last_read_seq: 2 },
              ],
            },
          },
          chat("alice", { last_read_seq: 0, unread_count: 0 }),
        ],
      },
      "sending does not move the position": {
        given: [sendText("alice", "one"), sendText("bob", "two")],
        steps: [
          chat("bob", { last_read_seq: 0, unread_count: 1 }),
          chat("alice", { last_read_seq: 0, unread_count: 1 }),
        ],
      },
    },
    getChat: {
      "its members are counted after each change": {
        steps: [
          chat("alice", { member_count: 2, version: 1 }),
          { call: "addChatMember", as: "alice", send: { chat_id: "$tea", user_id: "$carol" }, answers: 201 },
          chat("carol", { member_count: 3, unread_count: 0, role: "CHAT_ROLE_MEMBER" }),
          { call: "removeChatMember", as: "alice", send: { chat_id: "$tea", user_id: "$bob" }, answers: 204 },
          chat("carol", { member_count: 2 }),
          { call: "leaveChat", as: "carol", send: { chat_id: "$tea" }, answers: 204 },
          chat("alice", { member_count: 1, version: 1 }),
        ],
      },
      "returns a hundred messages when they are asked for, and twenty when no number is": {
        given: [
          {
            call: "batchSendMessages",
            as: "alice",
            send: { chat_id: "$tea", messages: Array.from({ length: 100 }, (_, at) => ({ text: `text ${at + 1}` })) },
            answers: 201,
          },
          sendText("bob", "last"),
        ],
        steps: [
          { as: "bob", send: { chat_id: "$tea", limit: 100 }, with: { messages: size(100) } },
          { as: "bob", send: { chat_id: "$tea" }, with: { messages: size(20) } },
          { as: "bob", send: { chat_id: "$tea", limit: 1 }, with: { messages: [{ text: "last", seq: 101 }] } },
          chat("bob", { message_count: 101, unread_count: 100, last_message: { seq: 101 } }),
        ],
      },
    },
    updateChat: {
      "the same title is no change, and one in another case is": {
        steps: [
          { as: "alice", send: { chat_id: "$tea", title: " Tea ${case} " }, with: { version: 1 } },
          { as: "alice", send: { chat_id: "$tea", title: "TEA ${case}" }, with: { version: 2, title: "TEA ${case}" } },
          { as: "alice", send: { chat_id: "$tea", title: "Te\u0301 ${case}" }, with: { version: 3 } },
          { as: "alice", send: { chat_id: "$tea", title: "Té ${case}" }, with: { version: 4, title: "Té ${case}" } },
        ],
      },
    },
    listChats: {
      "a chat that one left, or was removed from, is not listed, also with own messages": {
        given: [
          sendText("bob", "one"),
          { call: "addChatMember", as: "alice", send: { chat_id: "$tea", user_id: "$carol" }, answers: 201 },
          { call: "sendMessage", as: "carol", send: { chat_id: "$tea", text: "two" }, answers: 201 },
          { call: "leaveChat", as: "bob", send: { chat_id: "$tea" }, answers: 204 },
          { call: "removeChatMember", as: "alice", send: { chat_id: "$tea", user_id: "$carol" }, answers: 204 },
        ],
        steps: ["bob", "carol"].map((as) => ({ as, send: { query: "${case}" }, with: { chats: size(0) } })),
      },
      "a member who comes back sees the chat as it is": {
        given: [
          sendText("bob", "one"),
          { call: "readChat", as: "bob", send: { chat_id: "$tea", seq: 1 } },
          { call: "leaveChat", as: "bob", send: { chat_id: "$tea" }, answers: 204 },
          sendText("alice", "two"),
          { call: "addChatMember", as: "alice", send: { chat_id: "$tea", user_id: "$bob" }, answers: 201 },
        ],
        as: "bob",
        send: { query: "${case}" },
        with: { chats: [{ id: "$tea", last_seq: 2, message_count: 2, direct_user_id: absent }] },
      },
      "titles are ordered without regard to case": {
        given: ["b", "A", "C", "Яр", "ёж", "Ель"].map((title): Step => ({
          call: "createChat",
          as: "alice",
          send: { title: `${title} \${case}` },
          answers: 201,
        })),
        as: "alice",
        send: { query: "${case}", sort: "title" },
        with: {
          chats: ["A", "b", "C", "Tea", "ёж", "Ель", "Яр"].map((title) => ({ title: `${title} \${case}` })),
        },
      },
      "every part of a title has to occur, whatever its signs": {
        given: [
          {
            call: "createChat",
            as: "alice",
            send: { title: "a=b&c+d e%20f g;h ${case}" },
            answers: 201,
            capture: { odd: "id" },
          },
        ],
        steps: [
          ...["a=b ${case}", "c+d ${case}", "e%20f ${case}", "b&c ${case}", "${case} A=B&C+D"].map((query) => ({
            as: "alice",
            send: { query },
            with: { chats: [{ id: "$odd" }] },
          })),
          // Only the first equals sign and the ampersands of a query have a meaning.
          ...["query=a=b%20${case}", "query=g;h%20${case}", "query=${case}+c%2Bd"].map((query) => ({
            as: "alice",
            query,
            with: { chats: [{ id: "$odd" }] },
          })),
          ...["a=b= ${case}", "c d ${case} x", "tea a=b ${case}", "e f% ${case}", "g&h ${case}"].map((query) => ({
            as: "alice",
            send: { query },
            with: { chats: size(0) },
          })),
        ],
      },
    },
  },
};
