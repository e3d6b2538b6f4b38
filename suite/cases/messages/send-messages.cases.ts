// Cases of sending a message.
import { matches, timestamp, size, type CaseFile } from "../../../runner/cases/case.js";
import { missingId, teaChat, otherChat, directChat, sendText, deleteText } from "../tea-chat.js";

export const sendMessages: CaseFile = {
  subject: "messages",
  actors: ["alice", "bob", "carol", "mallory", "admin"],
  given: [teaChat],
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
          attachments: [],
        },
        answerHeaders: { location: "/v1/messages/${id}" },
      },
      "a send with a tag in If-Match, which a list does not have, stores nothing": {
        steps: [
          {
            as: "bob",
            send: { chat_id: "$tea", text: "hi" },
            headers: { "if-match": '"1.x-json", "2.x-json"' },
            answers: 412,
            with: { reason: "PRECONDITION_FAILED" },
          },
          { as: "bob", send: { chat_id: "$tea", text: "hi" }, headers: { "if-none-match": "*" }, answers: 412 },
          { call: "listMessages", as: "bob", send: { chat_id: "$tea" }, with: { messages: [] } },
          { as: "bob", send: { chat_id: "$tea", text: "hi" }, headers: { "if-match": "*" }, answers: 201 },
        ],
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
          sendText("alice", "after"),
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
        given: [otherChat],
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
          deleteText("bob", "$id"),
          {
            as: "bob",
            send: { chat_id: "$tea", text: "one", client_message_id: "a" },
            answers: 201,
            with: { id: "$id", text: "", deleted_at: timestamp },
          },
        ],
      },
      "a reply has the id of the message that it replies to": {
        given: [sendText("alice", "question")],
        as: "bob",
        send: { chat_id: "$tea", text: "answer", reply_to_id: "$message" },
        answers: 201,
        with: { reply_to_id: "$message" },
      },
      "a reply to a message of another chat is refused": {
        given: [
          otherChat,
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
        given: [directChat],
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
        send: { chat_id: missingId, text: "hi" },
        answers: "CHAT_NOT_FOUND",
        with: { detail: `Chat with id=${missingId} not found` },
      },
      "a text that nobody can see, and a control character, are refused by name": {
        steps: [
          ...["\u200b", "\u2800", "\u3164"].map((text) => ({
            as: "alice" as const,
            send: { chat_id: "$tea", text },
            violates: { field: "text", rule: "text.visible" },
          })),
          {
            as: "alice",
            send: { chat_id: "$tea", text: "ab\u0007" },
            violates: { field: "text", rule: "text.control" },
            with: { violations: [{ message: matches("U\\+0007 \\(BEL\\), as character 3$") }] },
          },
          ...["a\tb\r\nc", "👩\u200d👩\u200d👧 ❤\ufe0f", "می\u200cخواهم", "при\u00adвет", "\u202eabc\u202c"].map(
            (text) => ({
              as: "alice" as const,
              send: { chat_id: "$tea", text },
              answers: 201 as const,
              with: { text },
            }),
          ),
        ],
      },
      "a file that does not exist is refused, and nothing is sent": {
        steps: [
          {
            as: "alice",
            send: { chat_id: "$tea", text: "look", file_ids: [missingId] },
            answers: "FILE_NOT_USABLE",
            with: { code: "FAILED_PRECONDITION", status: 409, detail: matches(`id=${missingId} `) },
          },
          { call: "listMessages", as: "alice", send: { chat_id: "$tea" }, with: { messages: [] } },
        ],
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
        send: { chat_id: 0, text: "a\u0007", client_message_id: "", reply_to_id: 0, file_ids: [0, 5, 5] },
        violates: [
          { field: "chat_id", rule: "int64.gt" },
          { field: "text", rule: "text.control" },
          { field: "client_message_id", rule: "string.min_len" },
          { field: "reply_to_id", rule: "int64.gt" },
          { field: "file_ids", rule: "repeated.unique" },
          { field: "file_ids[0]", rule: "int64.gt" },
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
  },
};
