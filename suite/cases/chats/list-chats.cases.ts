// Cases of the list of chats.
import { matches, size, type CaseFile } from "../../../runner/cases/case.js";
import { teaChat, sendText } from "../tea-chat.js";

export const listChats: CaseFile = {
  subject: "chats",
  actors: ["alice", "bob", "carol", "mallory", "admin"],
  given: [teaChat],
  cases: {
    listChats: {
      "returns a chat with its last message and its unread count": {
        given: [sendText("alice", "one"), sendText("alice", "two")],
        as: "bob",
        send: { query: "${case}" },
        with: {
          chats: [
            {
              id: "$tea",
              title: "Tea ${case}",
              message_count: 2,
              last_seq: 2,
              unread_count: 2,
              last_read_seq: 0,
              role: "CHAT_ROLE_MEMBER",
              last_message: { seq: 2, text: "two", sender_id: "$alice" },
            },
          ],
          next_page_token: "",
        },
      },
      "own messages are never unread": {
        given: [sendText("alice", "one"), sendText("bob", "two"), sendText("alice", "three")],
        as: "alice",
        send: { query: "${case}" },
        with: { chats: [{ unread_count: 1 }] },
      },
      "finds titles by parts of words, in any order": {
        given: [
          {
            call: "createChat",
            as: "alice",
            send: { title: "Вечернее Чаепитие ${case}" },
            answers: 201,
            capture: { evening: "id" },
          },
        ],
        as: "alice",
        send: { query: "ЧАЕП ${case} ечер" },
        with: { chats: [{ id: "$evening" }] },
      },
      "finds titles in any spelling, with accents and typographic signs": {
        given: [
          {
            call: "createChat",
            as: "alice",
            send: { title: "Café d’Élise ёжики 10\u201115 🎉 ${case}" },
            answers: 201,
            capture: { cafe: "id" },
          },
        ],
        steps: ["cafe D'ELISE", "éli", "Cafe\u0301", "ЕЖИК", "10-15", "0-1", "🎉"].map((query) => ({
          as: "alice" as const,
          send: { query: `${query} \${case}` },
          with: { chats: [{ id: "$cafe" }] },
        })),
      },
      "percent and underscore in a query are literal": {
        as: "alice",
        send: { query: "%${case}_" },
        with: { chats: [] },
      },
      "chats of others are not found": {
        as: "mallory",
        send: { query: "${case}" },
        with: { chats: [], next_page_token: "" },
      },
      "pages follow the requested order": {
        given: [
          { call: "createChat", as: "alice", send: { title: "B ${case}" }, answers: 201, capture: { b: "id" } },
          { call: "createChat", as: "alice", send: { title: "A ${case}" }, answers: 201, capture: { a: "id" } },
        ],
        steps: [
          {
            as: "alice",
            send: { query: "${case}", sort: "title", limit: 2 },
            with: { chats: [{ id: "$a" }, { id: "$b" }], next_page_token: matches(".") },
            capture: { next: "next_page_token" },
          },
          {
            as: "alice",
            send: { query: "${case}", sort: "title", limit: 2, page_token: "$next" },
            with: { chats: [{ id: "$tea" }], next_page_token: "" },
          },
          { as: "alice", send: { query: "${case}", sort: "created_at", limit: 1 }, with: { chats: [{ id: "$tea" }] } },
          {
            as: "alice",
            send: { query: "${case}", sort: "-created_at", skip: 1 },
            with: { chats: [{ id: "$b" }, { id: "$tea" }] },
          },
          {
            as: "alice",
            send: { query: "${case}", sort: "created_at", page_token: "$next" },
            answers: "INVALID_PAGE_TOKEN",
          },
        ],
      },
      "the chat with the newest message comes first": {
        given: [
          { call: "createChat", as: "alice", send: { title: "Later ${case}" }, answers: 201, capture: { later: "id" } },
        ],
        steps: [
          { as: "alice", send: { query: "${case}" }, with: { chats: [{ id: "$later" }, { id: "$tea" }] } },
          sendText("alice", "up"),
          { as: "alice", send: { query: "${case}" }, with: { chats: [{ id: "$tea" }, { id: "$later" }] } },
        ],
      },
      "a query of more than twenty words is refused, and one of twenty is not": {
        steps: [
          { as: "alice", send: { query: "a b c d e f g h i j k l m n o p q r s t u" }, answers: "SEARCH_TOO_BROAD" },
          { as: "alice", send: { query: "a b c d e f g h i j k l m n o p q r s t a" }, with: { chats: size(0) } },
        ],
      },
      "an invalid page token is refused": {
        as: "alice",
        send: { page_token: "nonsense" },
        answers: "INVALID_PAGE_TOKEN",
      },
      "skip together with a page token is refused": {
        given: [{ call: "createChat", as: "alice", send: { title: "More ${case}" }, answers: 201 }],
        steps: [
          { as: "alice", send: { query: "${case}", limit: 1 }, capture: { next: "next_page_token" } },
          {
            as: "alice",
            send: { query: "${case}", limit: 1, skip: 1, page_token: "$next" },
            answers: "MALFORMED_REQUEST",
          },
        ],
      },
      "an unknown order is refused": {
        as: "alice",
        send: { sort: "id; drop table chats" },
        violates: { field: "sort", rule: "string.in" },
      },
      "needs a login": { answers: "UNAUTHENTICATED" },
    },
  },
};
