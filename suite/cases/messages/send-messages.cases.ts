import { absent, excluding, matches, timestamp, size, type CaseFile, type Step } from "../../../runner/cases/case.js";

const nowhere = 999999999;
const say = (as: string, text: string, id = "message"): Step => ({
  call: "sendMessage",
  as,
  send: { chat_id: "$tea", text },
  answers: 201,
  capture: { [id]: "id" },
});
const deleted = (as: string, id = "$message"): Step => ({
  call: "deleteMessage",
  as,
  send: { message_id: id },
  answers: 204,
});
const other: Step = {
  call: "createChat",
  as: "alice",
  send: { title: "Other" },
  answers: 201,
  capture: { other: "id" },
};
const direct: Step = { call: "openDirectChat", as: "alice", send: { user_id: "$bob" }, capture: { direct: "id" } };

export const messages: CaseFile = {
  subject: "messages",
  actors: ["alice", "bob", "carol", "mallory", "admin"],
  given: [
    {
      call: "createChat",
      as: "alice",
      send: { title: "Tea ${case}", member_ids: ["$bob"] },
      answers: 201,
      capture: { tea: "id" },
    },
  ],
  cases: {
    sendMessage: {
      "returns the message with an id, a seq and a time": {
        as: "bob",
        send: { chat_id: "$tea", text: "  привет \n мир 😀\t" },
        answers: 201,
        capture: { id: "id" },
        exactly: {
          id: "$id",
          chat_id: "$tea",
          seq: 1,
          sender_id: "$bob",
          text: "привет \n мир 😀",
          created_at: timestamp,
          version: 1,
        },
        answerHeaders: { location: "/v1/messages/${id}" },
      },
      "a retry answers with the first message": {
        steps: [
          {
            as: "bob",
            send: { chat_id: "$tea", text: " once ", client_message_id: "a" },
            answers: 201,
            again: true,
            capture: { id: "id" },
            with: { text: "once", client_message_id: "a", seq: 1 },
          },
          {
            as: "bob",
            send: { chat_id: "$tea", text: "once", client_message_id: "a" },
            answers: 201,
            with: { id: "$id" },
          },
          { call: "listMessages", as: "bob", send: { chat_id: "$tea" }, with: { messages: size(1) } },
        ],
      },
      "twenty concurrent retries keep one message": {
        steps: [
          {
            as: "bob",
            send: { chat_id: "$tea", text: "once", client_message_id: "race" },
            times: 20,
            answers: 201,
            same: ["id", "seq"],
          },
          say("alice", "after"),
          {
            call: "listMessages",
            as: "alice",
            send: { chat_id: "$tea" },
            with: {
              messages: [
                { seq: 2, text: "after" },
                { seq: 1, text: "once" },
              ],
            },
          },
        ],
      },
      "twenty concurrent messages get consecutive seqs": {
        steps: [
          {
            as: "bob",
            send: { chat_id: "$tea", text: "text ${turn}" },
            times: 20,
            answers: 201,
            distinct: ["id", "seq"],
          },
          {
            call: "getChat",
            as: "bob",
            send: { chat_id: "$tea" },
            with: { chat: { message_count: 20, last_seq: 20 } },
          },
          {
            call: "listMessages",
            as: "bob",
            send: { chat_id: "$tea", sort: "created_at" },
            with: { messages: [...Array(20).keys()].map((at) => ({ seq: at + 1 })) },
          },
        ],
        noisy: true,
      },
      "the same client_message_id with another text is refused": {
        steps: [
          { as: "bob", send: { chat_id: "$tea", text: "one", client_message_id: "a" }, answers: 201 },
          {
            as: "bob",
            send: { chat_id: "$tea", text: "two", client_message_id: "a" },
            answers: "CLIENT_MESSAGE_ID_REUSED",
            with: { code: "ALREADY_EXISTS", status: 409 },
          },
        ],
      },
      "a client_message_id belongs to one sender and one chat": {
        given: [other],
        steps: [
          { as: "bob", send: { chat_id: "$tea", text: "one", client_message_id: "a" }, answers: 201, with: { seq: 1 } },
          {
            as: "alice",
            send: { chat_id: "$tea", text: "two", client_message_id: "a" },
            answers: 201,
            with: { seq: 2 },
          },
          {
            as: "alice",
            send: { chat_id: "$other", text: "three", client_message_id: "a" },
            answers: 201,
            with: { seq: 1 },
          },
        ],
      },
      "a retry after an edit returns the edited message": {
        steps: [
          {
            as: "bob",
            send: { chat_id: "$tea", text: "one", client_message_id: "a" },
            answers: 201,
            capture: { id: "id" },
          },
          { call: "updateMessage", as: "bob", send: { message_id: "$id", text: "edited" } },
          {
            as: "bob",
            send: { chat_id: "$tea", text: "one", client_message_id: "a" },
            answers: 201,
            with: { id: "$id", text: "edited", edited_at: timestamp },
          },
        ],
      },
      "a retry after a deletion creates no second message": {
        steps: [
          {
            as: "bob",
            send: { chat_id: "$tea", text: "one", client_message_id: "a" },
            answers: 201,
            capture: { id: "id" },
          },
          deleted("bob", "$id"),
          {
            as: "bob",
            send: { chat_id: "$tea", text: "one", client_message_id: "a" },
            answers: 201,
            with: { id: "$id", text: "", deleted_at: timestamp },
          },
        ],
      },
      "a reply has the id of the message that it replies to": {
        given: [say("alice", "question")],
        as: "bob",
        send: { chat_id: "$tea", text: "answer", reply_to_id: "$message" },
        answers: 201,
        with: { reply_to_id: "$message" },
      },
      "a reply to a message of another chat is refused": {
        given: [
          other,
          {
            call: "sendMessage",
            as: "alice",
            send: { chat_id: "$other", text: "there" },
            answers: 201,
            capture: { there: "id" },
          },
        ],
        as: "alice",
        send: { chat_id: "$tea", text: "here", reply_to_id: "$there" },
        answers: "MESSAGE_NOT_FOUND",
        with: { detail: "Message with id=${there} not found" },
      },
      "both members of a direct chat can send": {
        given: [direct],
        steps: [
          { as: "alice", send: { chat_id: "$direct", text: "hi" }, answers: 201 },
          { as: "bob", send: { chat_id: "$direct", text: "hi" }, answers: 201 },
        ],
        noisy: true,
      },
      "a caller who is not a member gets CHAT_NOT_FOUND": {
        as: "mallory",
        send: { chat_id: "$tea", text: "hi" },
        answers: "CHAT_NOT_FOUND",
        with: { detail: "Chat with id=${tea} not found" },
      },
      "an id that does not exist is refused with a detail": {
        as: "alice",
        send: { chat_id: nowhere, text: "hi" },
        answers: "CHAT_NOT_FOUND",
        with: { detail: `Chat with id=${nowhere} not found` },
      },
      "a text of white space breaks a rule": {
        as: "alice",
        send: { chat_id: "$tea", text: "   " },
        violates: { field: "text", rule: "string.min_len" },
        with: { violations: [{ pointer: "/text", message: matches(".") }] },
      },
      "a text has at most 5,000 code points": {
        steps: [
          {
            as: "alice",
            send: { chat_id: "$tea", text: ` ${"😀".repeat(5000)} ` },
            answers: 201,
            with: { text: "😀".repeat(5000) },
          },
          {
            as: "alice",
            send: { chat_id: "$tea", text: "я".repeat(5001) },
            violates: { field: "text", rule: "string.max_len" },
          },
        ],
      },
      "all broken rules are reported at once": {
        as: "alice",
        send: { chat_id: 0, text: "", client_message_id: "", reply_to_id: 0 },
        violates: [
          { field: "chat_id", rule: "int64.gt" },
          { field: "text", rule: "string.min_len" },
          { field: "client_message_id", rule: "string.min_len" },
          { field: "reply_to_id", rule: "int64.gt" },
        ],
      },
      "a text with a NUL character is refused": {
        as: "alice",
        send: { chat_id: "$tea", text: "a\0b" },
        answers: "INVALID_FIELDS",
        with: { violations: [{ field: "text", pointer: "/text" }] },
      },
      "SQL and HTML in a text are kept unchanged": {
        as: "alice",
        send: { chat_id: "$tea", text: "'); drop table messages; -- <script>%s${run}\\u0000" },
        answers: 201,
        with: { text: "'); drop table messages; -- <script>%s${run}\\u0000" },
      },
      "needs a login": { send: { chat_id: 1, text: "hi" }, answers: "UNAUTHENTICATED" },
    },
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
            send: { chat_id: "$tea", messages: [{ text: "new" }, { text: "reply", reply_to_id: nowhere }] },
            answers: "MESSAGE_NOT_FOUND",
          },
          { call: "getChat", as: "bob", send: { chat_id: "$tea" }, with: { chat: { message_count: 1, last_seq: 1 } } },
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
      "a broken rule is reported with its index in the list": {
        as: "bob",
        send: {
          chat_id: "$tea",
          messages: [{ text: "fine" }, { text: " " }, { text: "x", client_message_id: "y".repeat(65) }],
        },
        violates: [
          { field: "messages[1].text", rule: "string.min_len" },
          { field: "messages[2].client_message_id", rule: "string.max_len" },
        ],
        with: { violations: [{ pointer: "/messages/1/text" }, { pointer: "/messages/2/client_message_id" }] },
      },
      "a caller who is not a member gets CHAT_NOT_FOUND": {
        as: "mallory",
        send: { chat_id: "$tea", messages: [{ text: "hi" }] },
        answers: "CHAT_NOT_FOUND",
      },
      "needs a login": { send: { chat_id: 1, messages: [{ text: "hi" }] }, answers: "UNAUTHENTICATED" },
    },
    listMessages: {
      "returns the newest first, and deleted messages without text": {
        given: [say("alice", "one"), say("bob", "two"), deleted("bob"), say("alice", "three")],
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
        given: [say("alice", "one"), say("alice", "two"), say("alice", "three")],
        steps: [
          {
            as: "bob",
            send: { chat_id: "$tea", limit: 2 },
            with: { messages: [{ seq: 3 }, { seq: 2 }], next_page_token: matches(".") },
            capture: { next: "next_page_token" },
          },
          say("alice", "four"),
          {
            as: "bob",
            send: { chat_id: "$tea", limit: 2, page_token: "$next" },
            with: { messages: [{ seq: 1 }], next_page_token: "" },
          },
        ],
      },
      "a page of exactly the limit has no next page": {
        given: [say("alice", "one"), say("alice", "two")],
        as: "bob",
        send: { chat_id: "$tea", limit: 2 },
        with: { messages: size(2), next_page_token: "" },
      },
      "the order created_at returns the oldest first, page by page": {
        given: [say("alice", "one"), say("alice", "two"), say("alice", "three")],
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
        given: [other, say("alice", "one"), say("alice", "two")],
        steps: [
          { as: "alice", send: { chat_id: "$tea", limit: 1 }, capture: { next: "next_page_token" } },
          { as: "alice", send: { chat_id: "$other", limit: 1, page_token: "$next" }, answers: "INVALID_PAGE_TOKEN" },
        ],
      },
      "filters by sender, or excludes a sender": {
        given: [say("alice", "one"), say("bob", "two")],
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
        given: [{ ...say("alice", "one"), capture: { at: "created_at" } }],
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
      "finds Russian and English words in all their forms": {
        given: [
          say("alice", "Завтра контрольные работы"),
          say("alice", "The runners were running"),
          say("alice", "Чай"),
        ],
        steps: [
          { as: "bob", send: { chat_id: "$tea", query: "контрольная работа" }, with: { messages: [{ seq: 1 }] } },
          { as: "bob", send: { chat_id: "$tea", query: "run" }, with: { messages: [{ seq: 2 }] } },
          { as: "bob", send: { chat_id: "$tea", query: "работа -контрольная" }, with: { messages: [] } },
          { as: "bob", send: { chat_id: "$tea", query: '"контрольные работы"' }, with: { messages: [{ seq: 1 }] } },
        ],
      },
      "does not find deleted messages": {
        given: [say("alice", "secret tulips"), deleted("alice")],
        as: "bob",
        send: { chat_id: "$tea", query: "tulips" },
        with: { messages: [] },
      },
      "a query of punctuation finds nothing": {
        given: [say("alice", "one")],
        as: "bob",
        send: { chat_id: "$tea", query: "'&|!():*<>\\" },
        with: { messages: excluding({ seq: 99 }) },
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
        given: [say("alice", "one")],
        as: "admin",
        send: { chat_id: "$tea" },
        answers: "CHAT_NOT_FOUND",
      },
      "needs a login": { send: { chat_id: 1 }, answers: "UNAUTHENTICATED" },
    },
    getMessage: {
      "returns a message to a member": {
        given: [say("alice", "one")],
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
        },
        answerHeaders: { etag: matches('^"1\\.') },
      },
      "an unchanged answer is not sent again": {
        given: [say("alice", "one")],
        steps: [
          { as: "bob", send: { message_id: "$message" }, capture: { tag: "@etag" } },
          { as: "bob", send: { message_id: "$message" }, headers: { "if-none-match": 'W/"x", ${tag}' }, answers: 304 },
          { call: "updateMessage", as: "alice", send: { message_id: "$message", text: "two" } },
          { as: "bob", send: { message_id: "$message" }, headers: { "if-none-match": "$tag" }, with: { text: "two" } },
        ],
      },
      "a former member gets MESSAGE_NOT_FOUND": {
        given: [say("alice", "one"), { call: "leaveChat", as: "bob", send: { chat_id: "$tea" }, answers: 204 }],
        as: "bob",
        send: { message_id: "$message" },
        answers: "MESSAGE_NOT_FOUND",
      },
      "a caller who is not a member gets MESSAGE_NOT_FOUND": {
        given: [say("alice", "one")],
        as: "mallory",
        send: { message_id: "$message" },
        answers: "MESSAGE_NOT_FOUND",
        with: { detail: "Message with id=${message} not found" },
      },
      "an id that does not exist is refused with a detail": {
        as: "alice",
        send: { message_id: nowhere },
        answers: "MESSAGE_NOT_FOUND",
        with: { detail: `Message with id=${nowhere} not found` },
      },
      "an id of 0 breaks a rule": {
        as: "alice",
        send: { message_id: 0 },
        violates: { field: "message_id", rule: "int64.gt" },
      },
      "needs a login": { send: { message_id: 1 }, answers: "UNAUTHENTICATED" },
    },
    updateMessage: {
      "changes the caller's own text and sets edited_at": {
        given: [say("bob", "one")],
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
        },
      },
      "a request without changes changes nothing": {
        given: [say("bob", "one")],
        as: "bob",
        send: { message_id: "$message" },
        with: { text: "one", edited_at: absent, version: 1 },
      },
      "the owner of the chat cannot change a text of another member": {
        given: [say("bob", "one")],
        as: "alice",
        send: { message_id: "$message", text: "two" },
        answers: "PERMISSION_DENIED",
      },
      "a text cannot be empty": {
        given: [say("bob", "one")],
        as: "bob",
        send: { message_id: "$message", text: " " },
        violates: { field: "text", rule: "string.min_len" },
      },
      "a deleted message cannot be changed": {
        given: [say("bob", "one"), deleted("bob")],
        as: "bob",
        send: { message_id: "$message", text: "two" },
        answers: "MESSAGE_NOT_FOUND",
      },
      "If-Match prevents overwriting a concurrent change": {
        given: [say("bob", "one")],
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
      "a caller who is not a member gets MESSAGE_NOT_FOUND": {
        given: [say("bob", "one")],
        as: "mallory",
        send: { message_id: "$message", text: "two" },
        answers: "MESSAGE_NOT_FOUND",
      },
      "needs a login": { send: { message_id: 1, text: "x" }, answers: "UNAUTHENTICATED" },
    },
    deleteMessage: {
      "removes the text and keeps the seq": {
        given: [say("bob", "one")],
        steps: [
          deleted("bob"),
          {
            call: "listMessages",
            as: "alice",
            send: { chat_id: "$tea" },
            with: { messages: [{ seq: 1, text: "", deleted_at: timestamp }] },
          },
          say("bob", "two", "second"),
          { call: "getMessage", as: "bob", send: { message_id: "$second" }, with: { seq: 2 } },
          {
            call: "getChat",
            as: "bob",
            send: { chat_id: "$tea" },
            with: { chat: { message_count: 1, last_seq: 2, last_message: { seq: 2 } } },
          },
        ],
      },
      "a deleted message is not found": {
        given: [say("bob", "one"), deleted("bob")],
        as: "bob",
        send: { message_id: "$message" },
        answers: "MESSAGE_NOT_FOUND",
      },
      "the owner of the chat is allowed": {
        given: [say("bob", "one")],
        as: "alice",
        send: { message_id: "$message" },
        answers: 204,
      },
      "a super admin is allowed": { given: [say("bob", "one")], as: "admin", send: { message_id: "$message" }, answers: 204 },
      "a member cannot delete a message of another member": {
        given: [say("alice", "one")],
        as: "bob",
        send: { message_id: "$message" },
        answers: "PERMISSION_DENIED",
      },
      "If-Match prevents deleting a message after a concurrent change": {
        given: [say("bob", "one")],
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
        given: [say("bob", "one")],
        as: "mallory",
        send: { message_id: "$message" },
        answers: "MESSAGE_NOT_FOUND",
      },
      "needs a login": { send: { message_id: 1 }, answers: "UNAUTHENTICATED" },
    },
  },
};

function texts(count: number): { text: string }[] {
  return Array.from({ length: count }, (_, at) => ({ text: `text ${at + 1}` }));
}
