// Cases of uploads: what is taken for each purpose, what it is told to be, and how much of it.
import { above, matches, timestamp, type CaseFile } from "../../../runner/cases/case.js";
import { base64, file, hello, named, png, somebody } from "./some-files.js";

export const uploads: CaseFile = {
  subject: "files",
  actors: ["alice", "bob"],
  cases: {
    createFile: {
      "a file is told by its content, whatever the client says, and keeps its name in any language": {
        as: "alice",
        send: file(hello, undefined, "text/html"),
        headers: named("привет.txt"),
        answers: 201,
        exactly: {
          id: above(0),
          name: "привет.txt",
          media_type: "text/plain",
          size: 22,
          sha256: "234213c5aad789362f0601772f44a1c3a2c4fb4d353be0eefd275a4df1fb8633",
          purpose: "FILE_PURPOSE_ATTACHMENT",
          created_at: timestamp,
        },
        answerHeaders: { location: matches("^/v1/files/\\d+$") },
      },
      "the same file twice is two files": {
        as: "alice",
        send: file(hello),
        turns: 2,
        answers: { "201": 2 },
        distinct: ["id"],
        same: ["sha256"],
      },
      "twenty uploads of the same bytes at once are twenty files": {
        as: "alice",
        send: file(base64("all at once")),
        times: 20,
        answers: { "201": 20 },
        distinct: ["id"],
        same: ["sha256"],
      },
      "an empty file is a file, and one without a name is called file": {
        as: "alice",
        send: file(""),
        answers: 201,
        with: { size: 0, name: "file" },
      },
      "nothing of a name leads out of a folder, or hides what the file is": {
        as: "alice",
        send: file(hello),
        headers: named("../../etc/\u202egpj.exe"),
        answers: 201,
        with: { name: "gpj.exe" },
      },
      "a name that cannot be read is refused": {
        as: "alice",
        send: file(hello),
        headers: { "content-disposition": 'attachment; filename="a' },
        answers: "MALFORMED_REQUEST",
      },
      "a picture for a profile is made anew, in WebP": {
        as: "alice",
        send: file(png, "AVATAR"),
        headers: named("Я.png"),
        answers: 201,
        with: { name: "Я.webp", media_type: "image/webp", purpose: "FILE_PURPOSE_AVATAR" },
      },
      "a picture for a profile that cannot be read is refused": {
        as: "alice",
        send: file(Buffer.from(png, "base64").subarray(0, 40).toString("base64"), "AVATAR"),
        headers: named("me.png"),
        answers: "INVALID_IMAGE",
      },
      "each purpose takes its types alone, by the content": {
        steps: [
          {
            as: "alice",
            send: file(png, "DIPLOMA", "application/pdf"),
            answers: 201,
            with: { media_type: "image/png" },
          },
          {
            as: "alice",
            send: file(hello, "DIPLOMA", "application/pdf"),
            headers: named("diploma.pdf"),
            answers: "FILE_TYPE_NOT_ALLOWED",
            with: { supported: ["image/png", "image/jpeg", "application/pdf"] },
          },
          { as: "alice", send: file(hello, "AVATAR", "image/png"), answers: "FILE_TYPE_NOT_ALLOWED" },
          { as: "alice", send: file(png, "SOURCE"), headers: named("a.py"), answers: "FILE_TYPE_NOT_ALLOWED" },
          { as: "alice", send: file(base64("print(1)"), "SOURCE"), headers: named("a.py"), answers: 201 },
        ],
      },
      "a page is taken, and served as bytes to be saved": {
        steps: [
          {
            as: "alice",
            send: file(base64("<script>alert(1)</script>")),
            headers: named("page.html"),
            answers: 201,
            capture: { page: "id" },
          },
          {
            call: "getFileContent",
            as: "alice",
            send: { file_id: "$page" },
            with: { content_type: "application/octet-stream" },
            answerHeaders: { "content-disposition": 'attachment; filename="page.html"' },
          },
        ],
      },
      "a source of more than a mebibyte is refused": {
        as: "alice",
        send: file(Buffer.alloc(1024 * 1024 + 1, "a").toString("base64"), "SOURCE"),
        headers: named("a.py"),
        answers: "BODY_TOO_LARGE",
      },
      "within a day a person uploads as much as the quota, also with twenty at once, and with what was deleted": {
        server: "strained-files",
        given: [
          { call: "register", send: { ...somebody, first_name: "Up", last_name: "Loader" }, answers: 201 },
          { call: "login", send: somebody, capture: { uploader: "access_token" } },
        ],
        steps: [
          {
            token: "$uploader",
            send: file(Buffer.alloc(500, "a").toString("base64")),
            answers: 201,
            capture: { first: "id" },
          },
          { call: "deleteFile", token: "$uploader", send: { file_id: "$first" }, answers: 204 },
          {
            token: "$uploader",
            send: file(Buffer.alloc(500, "a").toString("base64")),
            times: 20,
            answers: { "201": 7, QUOTA_EXCEEDED: 13 },
          },
          {
            token: "$uploader",
            send: file(Buffer.alloc(500, "a").toString("base64")),
            answers: "QUOTA_EXCEEDED",
            with: { retry_after_seconds: above(80_000) },
          },
          { as: "bob", send: file(hello), answers: 201 },
        ],
      },
      "needs a login": { send: file(hello), answers: "UNAUTHENTICATED" },
    },
  },
};
