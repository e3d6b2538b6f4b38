import { absent, matches, timestamp, type CaseFile, type Step } from "../../../runner/cases/case.js";

const nowhere = 999999999;
const unknownChat = { code: "NOT_FOUND", detail: `Chat with id=${nowhere} not found` };
const tag = matches('^"1\\.');

/** Alice and Bob talk directly. */
const direct: Step = { call: "openDirectChat", as: "alice", send: { user_id: "$bob" }, capture: { direct: "id" } };
const say = (as: string, text: string): Step => ({
  call: "sendMessage",
  as,
  send: { chat_id: "$tea", text },
  answers: 201,
});

export const chats: CaseFile = {
  subject: "chats",
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
    createChat: {
      "creates a group chat that the caller owns": {
        as: "alice",
        send: { title: "  Чаепитие ", member_ids: ["$bob", "$alice"] },
        answers: 201,
        capture: { id: "id" },
        exactly: {
          id: "$id",
          title: "Чаепитие",
          kind: "CHAT_KIND_GROUP",
          created_at: timestamp,
          message_count: 0,
          member_count: 2,
          last_seq: 0,
          last_read_seq: 0,
          unread_count: 0,
          role: "CHAT_ROLE_OWNER",
          version: 1,
        },
        answerHeaders: { location: "/v1/chats/${id}" },
      },
      "a chat needs no member but its creator": {
        as: "alice",
        send: { title: "Notes" },
        answers: 201,
        with: { member_count: 1 },
      },
      "a member id that does not exist is refused": {
        as: "alice",
        send: { title: "Ghosts", member_ids: ["$bob", nowhere] },
        answers: "USER_NOT_FOUND",
        with: { detail: `User with id=${nowhere} not found` },
      },
      "a title of white space breaks a rule": {
        as: "alice",
        send: { title: " \t\n" },
        violates: { field: "title", rule: "string.min_len" },
        with: { violations: [{ pointer: "/title", message: matches(".") }] },
      },
      "a title has at most 200 code points": {
        steps: [
          { as: "alice", send: { title: "😀".repeat(200) }, answers: 201, with: { title: "😀".repeat(200) } },
          { as: "alice", send: { title: "я".repeat(201) }, violates: { field: "title", rule: "string.max_len" } },
        ],
      },
      "repeated member ids and the id 0 break rules": {
        as: "alice",
        send: { title: "Twice", member_ids: ["$bob", "$bob", 0] },
        violates: [
          { field: "member_ids", rule: "repeated.unique" },
          { field: "member_ids[2]", rule: "int64.gt" },
        ],
      },
      "101 members are too many": {
        as: "alice",
        send: { title: "Crowd", member_ids: Array.from({ length: 101 }, (_, at) => at + 1) },
        violates: { field: "member_ids", rule: "repeated.max_items" },
      },
      "needs a login": { send: { title: "Nobody's" }, answers: "UNAUTHENTICATED" },
    },
    openDirectChat: {
      "creates a chat of two people, with the other's name as its title": {
        steps: [
          {
            as: "alice",
            send: { user_id: "$bob" },
            capture: { id: "id" },
            with: {
              id: "$id",
              title: "bob Run${run}",
              kind: "CHAT_KIND_DIRECT",
              direct_user_id: "$bob",
              member_count: 2,
              role: "CHAT_ROLE_MEMBER",
            },
          },
          {
            as: "bob",
            send: { user_id: "$alice" },
            with: { id: "$id", title: "alice Run${run}", direct_user_id: "$alice" },
          },
          { as: "alice", send: { user_id: "$bob" }, with: { id: "$id" } },
        ],
      },
      "twenty concurrent calls of both people open the same chat": {
        given: [
          { call: "register", ...newcomer(), capture: { fresh: "id" } },
          { call: "login", ...credentials(), capture: { token: "access_token" } },
        ],
        together: [
          { as: "alice", send: { user_id: "$fresh" }, times: 10 },
          { token: "$token", send: { user_id: "$alice" }, times: 10 },
        ],
        same: ["id"],
      },
      "a direct chat with oneself is allowed": {
        steps: [
          {
            as: "carol",
            send: { user_id: "$carol" },
            capture: { notes: "id" },
            with: { member_count: 1, direct_user_id: "$carol" },
          },
          { as: "carol", send: { user_id: "$carol" }, with: { id: "$notes" } },
        ],
      },
      "a user id that does not exist is refused": {
        as: "alice",
        send: { user_id: nowhere },
        answers: "USER_NOT_FOUND",
        with: { detail: `User with id=${nowhere} not found` },
      },
      "an id of 0 breaks a rule": {
        as: "alice",
        send: { user_id: 0 },
        violates: { field: "user_id", rule: "int64.gt" },
      },
      "needs a login": { send: { user_id: 1 }, answers: "UNAUTHENTICATED" },
    },
    listChats: {
      "returns a chat with its last message and its unread count": {
        given: [say("alice", "one"), say("alice", "two")],
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
        given: [say("alice", "one"), say("bob", "two"), say("alice", "three")],
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
          say("alice", "up"),
          { as: "alice", send: { query: "${case}" }, with: { chats: [{ id: "$tea" }, { id: "$later" }] } },
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
    getChat: {
      "returns the chat and its newest messages, the newest first": {
        given: [say("alice", "one"), say("bob", "two"), say("alice", "three")],
        as: "bob",
        send: { chat_id: "$tea", limit: 2 },
        with: {
          chat: { id: "$tea", member_count: 2, message_count: 3, last_seq: 3, last_message: { text: "three" } },
          messages: [
            { seq: 3, text: "three", sender_id: "$alice" },
            { seq: 2, text: "two", sender_id: "$bob" },
          ],
        },
        answerHeaders: { etag: tag },
      },
      "a chat without messages has no last message": {
        as: "alice",
        send: { chat_id: "$tea" },
        with: { chat: { id: "$tea", last_message: absent }, messages: [] },
      },
      "a caller who is not a member gets CHAT_NOT_FOUND": {
        as: "mallory",
        send: { chat_id: "$tea" },
        answers: "CHAT_NOT_FOUND",
        with: { detail: "Chat with id=${tea} not found" },
      },
      "an id that does not exist is refused with a detail": {
        as: "alice",
        send: { chat_id: nowhere },
        answers: "CHAT_NOT_FOUND",
        with: unknownChat,
      },
      "a super admin who is not a member gets CHAT_NOT_FOUND": {
        as: "admin",
        send: { chat_id: "$tea" },
        answers: "CHAT_NOT_FOUND",
      },
      "an id of 0 breaks a rule, and a word is malformed": {
        steps: [
          { as: "alice", send: { chat_id: 0 }, violates: { field: "chat_id", rule: "int64.gt" } },
          {
            as: "alice",
            path: "/v1/chats/abc",
            answers: "MALFORMED_REQUEST",
            with: { violations: [{ field: "chat_id", pointer: "/chat_id" }] },
          },
        ],
      },
      "an unchanged answer is not sent again": {
        steps: [
          { as: "alice", send: { chat_id: "$tea" }, capture: { tag: "@etag" } },
          {
            as: "alice",
            send: { chat_id: "$tea" },
            headers: { "if-none-match": "$tag" },
            answers: 304,
            answerHeaders: { etag: "$tag" },
          },
        ],
      },
      "needs a login": { send: { chat_id: 1 }, answers: "UNAUTHENTICATED" },
    },
    updateChat: {
      "an owner changes the title and increases the version": {
        as: "alice",
        send: { chat_id: "$tea", title: " Coffee ${case} " },
        with: { id: "$tea", title: "Coffee ${case}", version: 2 },
      },
      "a request without changes changes nothing": {
        as: "alice",
        send: { chat_id: "$tea" },
        with: { title: "Tea ${case}", version: 1 },
      },
      "a title cannot be empty": {
        as: "alice",
        send: { chat_id: "$tea", title: "  " },
        violates: { field: "title", rule: "string.min_len" },
      },
      "a member who is not an owner is refused": {
        as: "bob",
        send: { chat_id: "$tea", title: "Mine" },
        answers: "PERMISSION_DENIED",
        with: { code: "PERMISSION_DENIED" },
      },
      "a caller who is not a member gets CHAT_NOT_FOUND": {
        as: "mallory",
        send: { chat_id: "$tea", title: "Mine" },
        answers: "CHAT_NOT_FOUND",
      },
      "a super admin is allowed": {
        as: "admin",
        send: { chat_id: "$tea", title: "Quiet ${case}" },
        with: { title: "Quiet ${case}" },
      },
      "the title of a direct chat cannot be changed": {
        given: [direct],
        as: "alice",
        send: { chat_id: "$direct", title: "Us" },
        answers: "DIRECT_CHAT",
        with: { code: "FAILED_PRECONDITION" },
      },
      "If-Match prevents overwriting a concurrent change": {
        steps: [
          { call: "getChat", as: "alice", send: { chat_id: "$tea" }, capture: { tag: "@etag" } },
          {
            as: "alice",
            send: { chat_id: "$tea", title: "First ${case}" },
            headers: { "if-match": "$tag" },
            with: { version: 2 },
          },
          {
            as: "alice",
            send: { chat_id: "$tea", title: "Second ${case}" },
            headers: { "if-match": "$tag" },
            answers: "PRECONDITION_FAILED",
            with: { code: "ABORTED" },
          },
          {
            call: "getChat",
            as: "alice",
            send: { chat_id: "$tea" },
            with: { chat: { title: "First ${case}", version: 2 } },
          },
        ],
      },
      "one of twenty concurrent changes with the same tag succeeds": {
        steps: [
          { call: "getChat", as: "alice", send: { chat_id: "$tea" }, capture: { tag: "@etag" } },
          {
            as: "alice",
            send: { chat_id: "$tea", title: "Turn ${turn}" },
            headers: { "if-match": "$tag" },
            times: 20,
            answers: { "200": 1, PRECONDITION_FAILED: 19 },
          },
        ],
      },
      "If-Match: * matches any existing chat": {
        as: "alice",
        send: { chat_id: "$tea", title: "Any" },
        headers: { "if-match": "*" },
        with: { title: "Any" },
      },
      "messages do not change the chat's version": {
        steps: [
          { call: "getChat", as: "alice", send: { chat_id: "$tea" }, capture: { tag: "@etag" } },
          say("bob", "in between"),
          {
            as: "alice",
            send: { chat_id: "$tea", title: "Still ${case}" },
            headers: { "if-match": "$tag" },
            with: { version: 2 },
          },
        ],
      },
      "needs a login": { send: { chat_id: 1, title: "x" }, answers: "UNAUTHENTICATED" },
    },
    deleteChat: {
      "an owner deletes a chat with all its messages": {
        given: [{ ...say("bob", "gone soon"), capture: { message: "id" } }],
        steps: [
          { as: "alice", send: { chat_id: "$tea" }, answers: 204 },
          { call: "getChat", as: "alice", send: { chat_id: "$tea" }, answers: "CHAT_NOT_FOUND" },
          { call: "getMessage", as: "bob", send: { message_id: "$message" }, answers: "MESSAGE_NOT_FOUND" },
          { as: "alice", send: { chat_id: "$tea" }, answers: "CHAT_NOT_FOUND" },
        ],
      },
      "a member who is not an owner is refused": { as: "bob", send: { chat_id: "$tea" }, answers: "PERMISSION_DENIED" },
      "a caller who is not a member gets CHAT_NOT_FOUND": {
        as: "mallory",
        send: { chat_id: "$tea" },
        answers: "CHAT_NOT_FOUND",
      },
      "a super admin is allowed": { as: "admin", send: { chat_id: "$tea" }, answers: 204 },
      "If-Match prevents deleting a chat after a concurrent change": {
        steps: [
          { call: "getChat", as: "alice", send: { chat_id: "$tea" }, capture: { tag: "@etag" } },
          { call: "updateChat", as: "alice", send: { chat_id: "$tea", title: "Changed" } },
          { as: "alice", send: { chat_id: "$tea" }, headers: { "if-match": "$tag" }, answers: "PRECONDITION_FAILED" },
          { call: "getChat", as: "alice", send: { chat_id: "$tea" }, capture: { now: "@etag" } },
          { as: "alice", send: { chat_id: "$tea" }, headers: { "if-match": "$now" }, answers: 204 },
        ],
      },
      "needs a login": { send: { chat_id: 1 }, answers: "UNAUTHENTICATED" },
    },
    getChatStats: {
      "counts messages in total, by day and by member, without deleted ones": {
        given: [
          say("alice", "one"),
          say("bob", "two"),
          say("bob", "three"),
          { ...say("alice", "slip"), capture: { slip: "id" } },
        ],
        steps: [
          { call: "deleteMessage", as: "alice", send: { message_id: "$slip" }, answers: 204 },
          {
            as: "alice",
            send: { chat_id: "$tea" },
            exactly: {
              chat_id: "$tea",
              message_count: 3,
              first_message_at: timestamp,
              last_message_at: timestamp,
              days: [{ date: matches("^\\d{4}-\\d\\d-\\d\\d$"), message_count: 3 }],
              members: [
                { user_id: "$bob", first_name: "bob", last_name: "Run${run}", message_count: 2 },
                { user_id: "$alice", first_name: "alice", last_name: "Run${run}", message_count: 1 },
              ],
            },
          },
        ],
      },
      "a chat without messages has empty statistics": {
        as: "bob",
        send: { chat_id: "$tea" },
        exactly: { chat_id: "$tea", message_count: 0, days: [], members: [] },
      },
      "days outside the range are left out": {
        given: [say("alice", "today")],
        as: "alice",
        send: { chat_id: "$tea", start_date: "2001-01-01", end_date: "2001-12-31", time_zone: "Europe/Moscow" },
        with: { message_count: 0, days: [] },
      },
      "a date that is not in the calendar is refused": {
        as: "alice",
        send: { chat_id: "$tea", start_date: "2026-02-30" },
        answers: "INVALID_DATE",
        with: { code: "INVALID_ARGUMENT" },
      },
      "a range that ends before it begins is refused": {
        as: "alice",
        send: { chat_id: "$tea", start_date: "2026-02-02", end_date: "2026-02-01" },
        answers: "INVALID_DATE",
      },
      "a time zone that does not exist is refused": {
        as: "alice",
        send: { chat_id: "$tea", time_zone: "Europe/Atlantis" },
        answers: "INVALID_DATE",
      },
      "an abbreviation of a time zone is refused, since it is ambiguous": {
        as: "alice",
        send: { chat_id: "$tea", time_zone: "CET" },
        answers: "INVALID_DATE",
      },
      "a date in another format breaks a rule": {
        as: "alice",
        send: { chat_id: "$tea", start_date: "1.2.2026" },
        violates: { field: "start_date", rule: "string.pattern" },
      },
      "a caller who is not a member gets CHAT_NOT_FOUND": {
        as: "mallory",
        send: { chat_id: "$tea" },
        answers: "CHAT_NOT_FOUND",
      },
      "needs a login": { send: { chat_id: 1 }, answers: "UNAUTHENTICATED" },
    },
    readChat: {
      "messages that were read are not counted as unread": {
        given: [say("alice", "one"), say("alice", "two"), say("alice", "three")],
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
        given: [...Array(3).keys()].map((at) => say("alice", `text ${at}`)),
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
          say("alice", "one"),
          { ...say("alice", "two"), capture: { second: "id" } },
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

function newcomer(): Step {
  return {
    send: { email: "fresh.${case}@example.org", password: "correct horse", first_name: "Fresh", last_name: "Face" },
    answers: 201,
  };
}

function credentials(): Step {
  return { send: { email: "fresh.${case}@example.org", password: "correct horse" } };
}
