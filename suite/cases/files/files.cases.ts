// Cases of what is known of files, of their contents, and of links to these.
import { absent, matches, timestamp, type CaseFile } from "../../../runner/cases/case.js";
import { missingId } from "../tea-chat.js";
import { avatar, base64, hello, link, text } from "./some-files.js";

export const files: CaseFile = {
  subject: "files",
  actors: ["alice", "bob", "teacher", "admin", "uploader"],
  cases: {
    getFile: {
      "its owner sees a file that nothing uses, and nobody else": {
        given: [text],
        steps: [
          { as: "alice", send: { file_id: "$text" }, with: { id: "$text", name: "привет.txt", claimed_at: absent } },
          { as: "bob", send: { file_id: "$text" }, answers: "FILE_NOT_FOUND" },
          { as: "teacher", send: { file_id: "$text" }, answers: "FILE_NOT_FOUND" },
          { as: "admin", send: { file_id: "$text" }, answers: "FILE_NOT_FOUND" },
          { as: "alice", send: { file_id: missingId }, answers: "FILE_NOT_FOUND" },
        ],
      },
      "needs a login": { send: { file_id: 1 }, answers: "UNAUTHENTICATED" },
    },
    getFileContent: {
      "its owner gets the bytes as they were uploaded, and nobody else": {
        given: [text],
        steps: [
          {
            as: "alice",
            send: { file_id: "$text" },
            exactly: { content_type: "text/plain", data: hello },
            answerHeaders: {
              "content-type": "text/plain; charset=utf-8",
              "cache-control": "private, max-age=86400, immutable",
              "content-disposition": matches("^inline; filename=\"[ -~]+\"; filename\\*=UTF-8''"),
            },
          },
          { as: "bob", send: { file_id: "$text" }, answers: "FILE_NOT_FOUND" },
        ],
      },
      "a part of it is sent alone, and what is known is not sent again": {
        given: [text],
        steps: [
          {
            as: "alice",
            send: { file_id: "$text" },
            headers: { range: "bytes=0-11" },
            answers: 206,
            with: { data: base64("Привет") },
            answerHeaders: { "content-range": "bytes 0-11/22" },
            capture: { tag: "@etag" },
          },
          { as: "alice", send: { file_id: "$text" }, headers: { "if-none-match": "$tag" }, answers: 304 },
          {
            as: "alice",
            send: { file_id: "$text" },
            headers: { range: "bytes=22-" },
            answers: "RANGE_NOT_SATISFIABLE",
            answerHeaders: { "content-range": "bytes */22" },
          },
        ],
      },
      "an avatar is there in three sizes": {
        given: [avatar],
        steps: [
          { as: "alice", send: { file_id: "$avatar", size: 64 }, with: { content_type: "image/webp" } },
          { as: "alice", send: { file_id: "$avatar" }, with: { content_type: "image/webp" } },
          {
            as: "alice",
            send: { file_id: "$avatar", size: 65 },
            violates: { field: "size", rule: "int32.in" },
          },
        ],
      },
      "a content that the store has lost is told": {
        server: "strained-files",
        steps: [
          { call: "getFile", as: "alice", send: { file_id: 1 }, with: { size: 10 } },
          { as: "alice", send: { file_id: 1 }, answers: "FILE_LOST", with: { status: 410 } },
          { as: "alice", send: { file_id: 1 }, answers: "FILE_LOST" },
        ],
      },
      "needs a login": { send: { file_id: 1 }, answers: "UNAUTHENTICATED" },
    },
    deleteFile: {
      "its owner deletes it, once, with its links": {
        given: [text, link],
        steps: [
          { as: "bob", send: { file_id: "$text" }, answers: "FILE_NOT_FOUND" },
          { as: "alice", send: { file_id: "$text" }, answers: 204 },
          { as: "alice", send: { file_id: "$text" }, answers: "FILE_NOT_FOUND" },
          { call: "getFile", as: "alice", send: { file_id: "$text" }, answers: "FILE_NOT_FOUND" },
          { call: "getLinkedFileContent", send: { token: "$token" }, answers: "FILE_NOT_FOUND" },
        ],
      },
      "one of twenty deletions at once succeeds": {
        given: [text],
        as: "alice",
        send: { file_id: "$text" },
        times: 20,
        answers: { "204": 1, FILE_NOT_FOUND: 19 },
      },
      "a file that something uses stays": {
        server: "strained-files",
        as: "uploader",
        send: { file_id: 1 },
        answers: "FILE_NOT_USABLE",
      },
      "needs a login": { send: { file_id: 1 }, answers: "UNAUTHENTICATED" },
    },
    createFileLink: {
      "who may see a file makes a link that is good for as long as they ask": {
        given: [text],
        steps: [
          {
            as: "alice",
            send: { file_id: "$text", valid_seconds: 60 },
            exactly: { url: matches("^https?://[^/]+/v1/linked-files/[\\w-]{43}$"), expires_at: timestamp },
          },
          { as: "bob", send: { file_id: "$text" }, answers: "FILE_NOT_FOUND" },
          {
            as: "alice",
            send: { file_id: "$text", valid_seconds: 59 },
            violates: { field: "valid_seconds", rule: "int32.gte" },
          },
          {
            as: "alice",
            send: { file_id: "$text", valid_seconds: 86401 },
            violates: { field: "valid_seconds", rule: "int32.lte" },
          },
        ],
      },
      "needs a login": { send: { file_id: 1 }, answers: "UNAUTHENTICATED" },
    },
    getLinkedFileContent: {
      "whoever has the link sees the content, also in a page of another origin": {
        given: [text, link],
        send: { token: "$token" },
        exactly: { content_type: "text/plain", data: hello },
        answerHeaders: {
          "cross-origin-resource-policy": "cross-origin",
          "cache-control": matches("^private, max-age=\\d+, immutable$"),
        },
      },
      "a link that was changed in one letter is none": {
        given: [text, link],
        steps: [
          { send: { token: "${token}A" }, answers: "FILE_NOT_FOUND" },
          { send: { token: "B${token}" }, answers: "FILE_NOT_FOUND" },
          { send: { token: "AAAAAAAAAAEAAAAAf____wAAAAAAAAAAAAAAAAAAAAA" }, answers: "FILE_NOT_FOUND" },
          { send: { token: "." }, path: "/v1/linked-files/%00", answers: 422 },
        ],
      },
      "a content that the store has lost is told": {
        server: "strained-files",
        given: [{ ...link, send: { file_id: 1 } }],
        send: { token: "$token" },
        answers: "FILE_LOST",
      },
      "a part of it is sent alone": {
        given: [text, link],
        steps: [
          { send: { token: "$token" }, headers: { range: "bytes=-1" }, answers: 206, with: { data: base64("\n") } },
          { send: { token: "$token" }, headers: { range: "bytes=99-" }, answers: "RANGE_NOT_SATISFIABLE" },
        ],
      },
      "what is no link is told without the database": {
        server: "database-unavailable",
        send: { token: "AAAAAAAAAAEAAAAAf____wAAAAAAAAAAAAAAAAAAAAA" },
        answers: "FILE_NOT_FOUND",
      },
    },
  },
};
