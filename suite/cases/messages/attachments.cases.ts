// Cases of the files of messages: who may send them, who sees them, and how long.
import { matches, size, timestamp, type CaseFile, type Fields, type Step } from "../../../runner/cases/case.js";
import { deleteText, otherChat, sendText, teaChat } from "../tea-chat.js";

/** A PNG of two by two pixels. */
const png = "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAEUlEQVR4nGP4z8DA8B+MgBgAHfAD/dPQfSYAAAAASUVORK5CYII=";

/** Uploads a picture; `variable` gets the id of the file. */
const upload = (as: string, variable: string): Step => ({
  call: "createFile",
  as,
  send: { content: { content_type: "image/png", data: png } },
  answers: 201,
  capture: { [variable]: "id" },
});

/** Sends a message that is nothing but files to $tea. */
const sendFiles = (as: string, ...file_ids: string[]): Step => ({
  call: "sendMessage",
  as,
  send: { chat_id: "$tea", file_ids },
  answers: 201,
  capture: { message: "id" },
});

const picture = (id: string): Fields => ({
  id,
  media_type: "image/png",
  size: 74,
  sha256: matches("^[0-9a-f]{64}$"),
  purpose: "FILE_PURPOSE_ATTACHMENT",
  created_at: timestamp,
  claimed_at: timestamp,
});

const sees = (as: string, file_id: string): Step => ({
  call: "getFileContent",
  as,
  send: { file_id },
  exactly: { content_type: "image/png", data: png },
});

const seesNot = (as: string, file_id: string): Step => ({
  call: "getFileContent",
  as,
  send: { file_id },
  answers: "FILE_NOT_FOUND",
});

export const attachments: CaseFile = {
  subject: "attachments",
  actors: ["alice", "bob", "mallory", "admin"],
  given: [teaChat],
  cases: {
    sendMessage: {
      "files are sent in their order, with a text or without": {
        given: [upload("bob", "one"), upload("bob", "two"), upload("bob", "three")],
        steps: [
          {
            as: "bob",
            send: { chat_id: "$tea", text: "look", file_ids: ["$two", "$one"] },
            answers: 201,
            with: { text: "look", seq: 1, version: 1, attachments: [picture("$two"), picture("$one")] },
          },
          {
            as: "bob",
            send: { chat_id: "$tea", text: "  ", file_ids: ["$three"] },
            answers: 201,
            with: { text: "", seq: 2, attachments: [picture("$three")] },
          },
        ],
      },
      "a retry answers with the message and its files, and one with other files is refused": {
        given: [upload("bob", "one"), upload("bob", "two")],
        steps: [
          {
            as: "bob",
            send: { chat_id: "$tea", text: "look", file_ids: ["$one"], client_message_id: "a" },
            answers: 201,
            capture: { first: "" },
          },
          {
            call: "batchSendMessages",
            as: "bob",
            send: { chat_id: "$tea", messages: [{ text: "look", file_ids: ["$one"], client_message_id: "a" }] },
            answers: 201,
            with: { messages: ["$first"] },
          },
          ...[["$two"], ["$one", "$two"], []].map((file_ids) => ({
            as: "bob",
            send: { chat_id: "$tea", text: "look", file_ids, client_message_id: "a" },
            answers: "CLIENT_MESSAGE_ID_REUSED" as const,
          })),
          { call: "listMessages", as: "bob", send: { chat_id: "$tea" }, with: { messages: ["$first"] } },
        ],
      },
      "twenty concurrent retries keep one message with its file": {
        given: [upload("bob", "one")],
        steps: [
          {
            as: "bob",
            send: { chat_id: "$tea", file_ids: ["$one"], client_message_id: "race" },
            times: 20,
            answers: 201,
            same: ["id", "seq", "attachments[0].id"],
          },
          { call: "listMessages", as: "bob", send: { chat_id: "$tea" }, with: { messages: size(1) } },
        ],
      },
      "a file is of one message": {
        given: [upload("alice", "one"), otherChat, sendFiles("alice", "$one")],
        steps: [
          ...["$tea", "$other"].map((chat_id) => ({
            as: "alice",
            send: { chat_id, text: "again", file_ids: ["$one"] },
            answers: "FILE_NOT_USABLE" as const,
          })),
          { call: "deleteFile", as: "alice", send: { file_id: "$one" }, answers: "FILE_NOT_USABLE" },
          {
            call: "getChat",
            as: "alice",
            send: { chat_id: "$tea" },
            with: { chat: { last_seq: 1, message_count: 1 } },
          },
        ],
      },
      "nobody sends the file of another, and it stays theirs": {
        given: [upload("alice", "one")],
        steps: [
          { as: "bob", send: { chat_id: "$tea", text: "mine", file_ids: ["$one"] }, answers: "FILE_NOT_USABLE" },
          sendFiles("alice", "$one"),
        ],
      },
      "the files of a send that is refused can be sent with another": {
        given: [upload("bob", "one"), upload("alice", "two")],
        steps: [
          { as: "bob", send: { chat_id: "$tea", file_ids: ["$one", "$two"] }, answers: "FILE_NOT_USABLE" },
          sendFiles("bob", "$one"),
        ],
      },
    },
    batchSendMessages: {
      "each message has files of its own": {
        given: [upload("bob", "one"), upload("bob", "two")],
        steps: [
          {
            as: "bob",
            send: { chat_id: "$tea", messages: [{ file_ids: ["$one"] }, { text: "and", file_ids: ["$one"] }] },
            answers: "FILE_NOT_USABLE",
          },
          {
            as: "bob",
            send: {
              chat_id: "$tea",
              messages: [{ file_ids: ["$two"] }, { text: "and" }, { text: "this", file_ids: ["$one"] }],
            },
            answers: 201,
            with: {
              messages: [
                { seq: 1, text: "", attachments: [picture("$two")] },
                { seq: 2, attachments: [] },
                { seq: 3, text: "this", attachments: [picture("$one")] },
              ],
            },
          },
        ],
      },
    },
    getMessage: {
      "the files are the same wherever the message is shown": {
        given: [upload("bob", "one"), sendFiles("bob", "$one")],
        steps: [
          {
            as: "alice",
            send: { message_id: "$message" },
            with: { attachments: [picture("$one")] },
            capture: { shown: "" },
          },
          { call: "listMessages", as: "alice", send: { chat_id: "$tea" }, with: { messages: ["$shown"] } },
          {
            call: "getChat",
            as: "alice",
            send: { chat_id: "$tea" },
            with: { chat: { last_message: "$shown" }, messages: ["$shown"] },
          },
        ],
      },
    },
    getFileContent: {
      "the members of the chat see a file from the moment in which it is sent": {
        given: [upload("bob", "one")],
        steps: [
          seesNot("alice", "$one"),
          sees("bob", "$one"),
          sendFiles("bob", "$one"),
          sees("alice", "$one"),
          sees("bob", "$one"),
          seesNot("mallory", "$one"),
          seesNot("admin", "$one"),
        ],
      },
      "somebody who has left the chat sees its files no longer, their own neither": {
        given: [upload("bob", "one"), upload("alice", "two"), sendFiles("bob", "$one"), sendFiles("alice", "$two")],
        steps: [
          { call: "leaveChat", as: "bob", send: { chat_id: "$tea" }, answers: 204 },
          seesNot("bob", "$one"),
          seesNot("bob", "$two"),
          sees("alice", "$one"),
        ],
      },
    },
    updateMessage: {
      "an edit keeps the files, and may take the text away where there are some": {
        given: [upload("bob", "one"), sendFiles("bob", "$one")],
        steps: [
          {
            as: "bob",
            send: { message_id: "$message", text: "caption" },
            with: { text: "caption", version: 2, attachments: [picture("$one")] },
          },
          {
            as: "bob",
            send: { message_id: "$message", text: " " },
            with: { text: "", version: 3, attachments: [picture("$one")] },
          },
          sendText("bob", "plain", "plain"),
          {
            as: "bob",
            send: { message_id: "$plain", text: "" },
            violates: { field: "text", rule: "string.min_len" },
          },
        ],
      },
    },
    deleteMessage: {
      "a message goes with its files": {
        given: [upload("bob", "one"), sendFiles("bob", "$one")],
        steps: [
          deleteText("alice"),
          { call: "listMessages", as: "bob", send: { chat_id: "$tea" }, with: { messages: [{ attachments: [] }] } },
          seesNot("alice", "$one"),
          seesNot("bob", "$one"),
          { call: "getFile", as: "bob", send: { file_id: "$one" }, answers: "FILE_NOT_FOUND" },
        ],
      },
      "a member may not delete the files of another": {
        given: [upload("alice", "one"), sendFiles("alice", "$one")],
        steps: [{ as: "bob", send: { message_id: "$message" }, answers: "PERMISSION_DENIED" }, sees("bob", "$one")],
      },
    },
    deleteChat: {
      "a chat goes with the files of its messages": {
        given: [upload("bob", "one"), sendFiles("bob", "$one")],
        steps: [
          { as: "alice", send: { chat_id: "$tea" }, answers: 204 },
          { call: "getFile", as: "bob", send: { file_id: "$one" }, answers: "FILE_NOT_FOUND" },
        ],
      },
    },
  },
};
