// Cases of listing and searching messages.
import { absent, excluding, matches, timestamp, size, type CaseFile } from "../../../runner/cases/case.js";
import { teaChat, otherChat, sendText, deleteText } from "../tea-chat.js";

export const listMessages: CaseFile = {
  subject: "messages",
  actors: ["alice", "bob", "carol", "mallory", "admin"],
  given: [teaChat],
  cases: {
    listMessages: {
      "returns the newest first, and deleted messages without text": {
        given: [sendText("alice", "one"), sendText("bob", "two"), deleteText("bob"), sendText("alice", "three")],
        as: "bob",
        send: { chat_id: "$tea" },
        with: {
          messages: [
            { seq: 3, text: "three", deleted_at: absent },
            { seq: 2, text: "", deleted_at: timestamp, sender_id: "$bob" },
            { seq: 1, text: "one" },
          ],
          next_page_token: "",
        },
      },
      "pages neither shift nor repeat while messages arrive": {
        given: [sendText("alice", "one"), sendText("alice", "two"), sendText("alice", "three")],
        steps: [
          {
            as: "bob",
            send: { chat_id: "$tea", limit: 2 },
            with: { messages: [{ seq: 3 }, { seq: 2 }], next_page_token: matches(".") },
            capture: { next: "next_page_token" },
          },
          sendText("alice", "four"),
          {
            as: "bob",
            send: { chat_id: "$tea", limit: 2, page_token: "$next" },
            with: { messages: [{ seq: 1 }], next_page_token: "" },
          },
        ],
      },
      "a page of exactly the limit has no next page": {
        given: [sendText("alice", "one"), sendText("alice", "two")],
        as: "bob",
        send: { chat_id: "$tea", limit: 2 },
        with: { messages: size(2), next_page_token: "" },
      },
      "the order created_at returns the oldest first, page by page": {
        given: [sendText("alice", "one"), sendText("alice", "two"), sendText("alice", "three")],
        steps: [
          {
            as: "bob",
            send: { chat_id: "$tea", sort: "created_at", limit: 2 },
            with: { messages: [{ seq: 1 }, { seq: 2 }], next_page_token: matches(".") },
            capture: { next: "next_page_token" },
          },
          {
            as: "bob",
            send: { chat_id: "$tea", sort: "created_at", limit: 2, page_token: "$next" },
            with: { messages: [{ seq: 3 }], next_page_token: "" },
          },
          { as: "bob", send: { chat_id: "$tea", sort: "created_at", skip: 2 }, with: { messages: [{ seq: 3 }] } },
          { as: "bob", send: { chat_id: "$tea", limit: 2, page_token: "$next" }, answers: "INVALID_PAGE_TOKEN" },
          {
            as: "bob",
            send: { chat_id: "$tea", sort: "created_at", skip: 1, page_token: "$next" },
            answers: "MALFORMED_REQUEST",
          },
        ],
      },
      "a page token of another chat is refused": {
        given: [otherChat, sendText("alice", "one"), sendText("alice", "two")],
        steps: [
          { as: "alice", send: { chat_id: "$tea", limit: 1 }, capture: { next: "next_page_token" } },
          { as: "alice", send: { chat_id: "$other", limit: 1, page_token: "$next" }, answers: "INVALID_PAGE_TOKEN" },
        ],
      },
      "filters by sender, or excludes a sender": {
        given: [sendText("alice", "one"), sendText("bob", "two")],
        steps: [
          { as: "bob", send: { chat_id: "$tea", sender_id: "$alice" }, with: { messages: [{ text: "one" }] } },
          { as: "bob", send: { chat_id: "$tea", exclude_sender_id: "$alice" }, with: { messages: [{ text: "two" }] } },
          {
            as: "bob",
            send: { chat_id: "$tea", sender_id: "$bob", exclude_sender_id: "$bob" },
            with: { messages: [] },
          },
        ],
      },
      "both bounds of the time range are exclusive": {
        given: [{ ...sendText("alice", "one"), capture: { at: "created_at" } }],
        steps: [
          { as: "bob", send: { chat_id: "$tea", created_after: "$at" }, with: { messages: [] } },
          { as: "bob", send: { chat_id: "$tea", created_before: "$at" }, with: { messages: [] } },
          {
            as: "bob",
            send: {
              chat_id: "$tea",
              created_after: "2001-01-01T00:00:00Z",
              created_before: "2999-01-01T03:00:00+03:00",
            },
            with: { messages: [{ text: "one" }] },
          },
        ],
      },
      "after_seq is exclusive, and goes with every order and filter": {
        given: [
          sendText("alice", "one"),
          sendText("bob", "two"),
          sendText("alice", "three"),
          sendText("bob", "four"),
          deleteText("bob"),
        ],
        steps: [
          { as: "bob", send: { chat_id: "$tea", after_seq: 2 }, with: { messages: [{ seq: 4 }, { seq: 3 }] } },
          {
            as: "bob",
            send: { chat_id: "$tea", after_seq: 2, sort: "created_at" },
            with: { messages: [{ seq: 3 }, { seq: 4, text: "" }], next_page_token: "" },
          },
          { as: "bob", send: { chat_id: "$tea", after_seq: 0 }, with: { messages: size(4) } },
          { as: "bob", send: { chat_id: "$tea", after_seq: 1, sender_id: "$alice" }, with: { messages: [{ seq: 3 }] } },
          { as: "bob", send: { chat_id: "$tea", after_seq: 1, query: "three" }, with: { messages: [{ seq: 3 }] } },
          { as: "bob", send: { chat_id: "$tea", after_seq: 3, query: "three" }, with: { messages: [] } },
          { as: "bob", send: { chat_id: "$tea", after_seq: 1, skip: 2 }, with: { messages: [{ seq: 2 }] } },
          {
            as: "bob",
            send: { chat_id: "$tea", after_seq: 1, created_before: "2001-01-01T00:00:00Z" },
            with: { messages: [] },
          },
        ],
      },
      "whoever asks after the last message that they have gets the rest page by page, and then nothing": {
        given: [sendText("alice", "one"), sendText("alice", "two"), sendText("alice", "three")],
        steps: [
          {
            as: "bob",
            send: { chat_id: "$tea", after_seq: 0, sort: "created_at", limit: 2 },
            with: { messages: [{ seq: 1 }, { seq: 2 }], next_page_token: matches(".") },
            capture: { next: "next_page_token" },
          },
          sendText("alice", "four"),
          {
            as: "bob",
            send: { chat_id: "$tea", after_seq: 0, sort: "created_at", limit: 2, page_token: "$next" },
            with: { messages: [{ seq: 3 }, { seq: 4 }], next_page_token: "" },
          },
          {
            as: "bob",
            send: { chat_id: "$tea", after_seq: 4, sort: "created_at", limit: 2 },
            with: { messages: [], next_page_token: "" },
          },
          sendText("bob", "five"),
          {
            as: "bob",
            send: { chat_id: "$tea", after_seq: 4, sort: "created_at", limit: 2 },
            with: { messages: [{ seq: 5 }], next_page_token: "" },
          },
          {
            as: "bob",
            send: { chat_id: "$tea", after_seq: 1, sort: "created_at", page_token: "$next" },
            answers: "INVALID_PAGE_TOKEN",
          },
        ],
      },
      "after_seq is of no use to who is not a member, and not below 0": {
        steps: [
          { as: "mallory", send: { chat_id: "$tea", after_seq: 99 }, answers: "CHAT_NOT_FOUND" },
          {
            as: "bob",
            send: { chat_id: "$tea", after_seq: -1 },
            violates: { field: "after_seq", rule: "int64.gte" },
          },
          { as: "bob", send: { chat_id: "$tea", after_seq: 999999 }, with: { messages: [], next_page_token: "" } },
        ],
      },
      "finds Russian and English words in all their forms": {
        given: [
          sendText("alice", "Завтра контрольные работы"),
          sendText("alice", "The runners were running"),
          sendText("alice", "Чай"),
        ],
        steps: [
          { as: "bob", send: { chat_id: "$tea", query: "контрольная работа" }, with: { messages: [{ seq: 1 }] } },
          { as: "bob", send: { chat_id: "$tea", query: "run" }, with: { messages: [{ seq: 2 }] } },
          { as: "bob", send: { chat_id: "$tea", query: "работа -контрольная" }, with: { messages: [] } },
          { as: "bob", send: { chat_id: "$tea", query: '"контрольные работы"' }, with: { messages: [{ seq: 1 }] } },
        ],
      },
      "finds a message by itself, and by the parts of what it joins": {
        given: [
          sendText("alice", "https://school.example.org:8080/a/foo.png?q=1"),
          sendText("alice", "Map<string,int> anna.smith@example.com 10-15"),
          sendText("alice", "🎉 👩‍👩‍👧"),
          sendText("alice", ":)"),
          sendText("alice", "и не что"),
          sendText("alice", "今天天气很好"),
          sendText("alice", "-5 foo-bar-baz"),
        ],
        steps: [
          ["https://school.example.org:8080/a/foo.png?q=1", 1],
          ["example.org", 1],
          ["png", 1],
          ["Map<string,int> anna.smith@example.com 10-15", 2],
          ["example.com", 2],
          ["smith", 2],
          ["15", 2],
          ["🎉 👩‍👩‍👧", 3],
          ["🎉", 3],
          [":)", 4],
          ["и не что", 5],
          ["天气", 6],
          ["-5 foo-bar-baz", 7],
          ["foo-bar", 7],
          ["-5", 7],
        ].map(([query, seq]) => ({
          as: "bob" as const,
          send: { chat_id: "$tea", query },
          with: { messages: [{ seq }] },
        })),
      },
      "does not find deleted messages": {
        given: [sendText("alice", "secret tulips"), deleteText("alice")],
        as: "bob",
        send: { chat_id: "$tea", query: "tulips" },
        with: { messages: [] },
      },
      "a query of punctuation finds nothing": {
        given: [sendText("alice", "one")],
        as: "bob",
        send: { chat_id: "$tea", query: "'&|!():*<>\\" },
        with: { messages: excluding({ seq: 99 }) },
      },
      "a query of nothing but minuses finds nothing": {
        given: [sendText("alice", "one")],
        as: "bob",
        send: { chat_id: "$tea", query: "---------------------------------" },
        with: { messages: size(0) },
      },
      "a query that only excludes is refused": {
        given: [sendText("alice", "one")],
        steps: [
          { as: "bob", send: { chat_id: "$tea", query: "-nothing" }, answers: "SEARCH_TOO_BROAD" },
          { as: "bob", send: { chat_id: "$tea", query: "one -nothing" }, with: { messages: [{ text: "one" }] } },
          { as: "bob", send: { chat_id: "$tea", query: 'one -"nothing else"' }, with: { messages: [{ text: "one" }] } },
        ],
      },
      "a query has no operators beside the quotes and the minus": {
        given: [sendText("alice", "green tea"), sendText("alice", "green | black")],
        steps: [
          { as: "bob", send: { chat_id: "$tea", query: "green | black" }, with: { messages: [{ seq: 2 }] } },
          { as: "bob", send: { chat_id: "$tea", query: "green or tea" }, with: { messages: [{ seq: 1 }] } },
        ],
      },
      "an unknown order is refused": {
        as: "bob",
        send: { chat_id: "$tea", sort: "text" },
        violates: { field: "sort", rule: "string.in" },
      },
      "an invalid timestamp is malformed": {
        as: "bob",
        send: { chat_id: "$tea" },
        query: "created_after=yesterday",
        answers: "MALFORMED_REQUEST",
        with: { violations: [{ field: "created_after" }] },
      },
      "an invalid page token is refused": {
        as: "bob",
        send: { chat_id: "$tea", page_token: "nonsense" },
        answers: "INVALID_PAGE_TOKEN",
      },
      "a caller who is not a member gets CHAT_NOT_FOUND": {
        as: "mallory",
        send: { chat_id: "$tea" },
        answers: "CHAT_NOT_FOUND",
      },
      "a super admin who is not a member gets CHAT_NOT_FOUND": {
        given: [sendText("alice", "one")],
        as: "admin",
        send: { chat_id: "$tea" },
        answers: "CHAT_NOT_FOUND",
      },
      "needs a login": { send: { chat_id: 1 }, answers: "UNAUTHENTICATED" },
    },
  },
};
