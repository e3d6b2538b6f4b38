// Cases of the pictures of chats: bytes in and out as they are.
import { matches, timestamp, size, type CaseFile, type Fields } from "../../../runner/cases/case.js";
import { directChat, missingId, otherChat, teaChat } from "../tea-chat.js";

/** A PNG of two by two pixels. */
const png = "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAEUlEQVR4nGP4z8DA8B+MgBgAHfAD/dPQfSYAAAAASUVORK5CYII=";
/** The first bytes of a JPEG. */
const jpeg = "/9j/4AAQSkZJRgABAQ==";
/** The same with another last byte. */
const otherJpeg = "/9j/4AAQSkZJRgABAg==";
/** The first bytes of a WebP. */
const webp = "UklGRgQAAABXRUJQVlA4IA==";
/** The first bytes of a WAV. */
const wave = Buffer.from("RIFF\x04\0\0\0WAVEfmt ", "latin1").toString("base64");

const picture = (content_type: string, data: string): Fields => ({
  chat_id: "$tea",
  picture: { content_type, data },
});

const upload = { call: "updateChatPicture", as: "alice", send: picture("image/png", png) };

export const chatPictures: CaseFile = {
  subject: "chat pictures",
  actors: ["alice", "bob", "mallory", "admin"],
  given: [teaChat],
  cases: {
    updateChatPicture: {
      "the picture of an owner is kept, and counted by its version": {
        steps: [
          {
            as: "alice",
            send: picture("image/png", png),
            exactly: { chat_id: "$tea", content_type: "image/png", size: 74, updated_at: timestamp, version: 1 },
          },
          { as: "alice", send: picture("image/jpeg", jpeg), with: { content_type: "image/jpeg", version: 2 } },
          { as: "alice", send: picture("image/webp", webp), with: { content_type: "image/webp", version: 3 } },
          {
            call: "getChatPicture",
            as: "bob",
            send: { chat_id: "$tea" },
            exactly: { content_type: "image/webp", data: webp },
          },
        ],
      },
      "a super admin who is not a member may change it": {
        as: "admin",
        send: picture("image/png", png),
        with: { version: 1 },
      },
      "a member who owns nothing is refused": {
        as: "bob",
        send: picture("image/png", png),
        answers: "PERMISSION_DENIED",
      },
      "a caller who is not a member gets CHAT_NOT_FOUND": {
        as: "mallory",
        send: picture("image/png", png),
        answers: "CHAT_NOT_FOUND",
      },
      "a direct chat has none": {
        given: [directChat],
        as: "alice",
        send: { chat_id: "$direct", picture: { content_type: "image/png", data: png } },
        answers: "DIRECT_CHAT",
      },
      "If-None-Match: * uploads the first picture alone, and If-Match replaces the one that it names": {
        steps: [
          {
            as: "alice",
            send: picture("image/png", png),
            headers: { "if-match": "*" },
            answers: "PRECONDITION_FAILED",
            with: { code: "ABORTED" },
          },
          { as: "alice", send: picture("image/png", png), headers: { "if-none-match": "*" }, with: { version: 1 } },
          {
            as: "alice",
            send: picture("image/jpeg", jpeg),
            headers: { "if-none-match": "*" },
            answers: "PRECONDITION_FAILED",
          },
          {
            call: "getChatPicture",
            as: "bob",
            send: { chat_id: "$tea" },
            with: { data: png },
            capture: { tag: "@etag" },
          },
          { as: "alice", send: picture("image/jpeg", jpeg), headers: { "if-match": "$tag" }, with: { version: 2 } },
          {
            as: "alice",
            send: picture("image/webp", webp),
            headers: { "if-match": "$tag" },
            answers: "PRECONDITION_FAILED",
          },
          { call: "getChatPicture", as: "bob", send: { chat_id: "$tea" }, with: { data: jpeg } },
        ],
      },
      "one of twenty concurrent first uploads succeeds": {
        as: "alice",
        send: picture("image/png", png),
        headers: { "if-none-match": "*" },
        times: 20,
        answers: { "200": 1, PRECONDITION_FAILED: 19 },
      },
      "bytes of another media type than is named are refused, and change nothing": {
        steps: [
          upload,
          {
            as: "alice",
            send: picture("image/jpeg", png),
            answers: "UNSUPPORTED_MEDIA_TYPE",
            with: { supported: ["image/png"] },
          },
          {
            as: "alice",
            send: picture("image/png", "PGh0bWw+"),
            answers: "UNSUPPORTED_MEDIA_TYPE",
            with: { supported: size(3) },
          },
          { as: "alice", send: picture("image/png", ""), answers: "UNSUPPORTED_MEDIA_TYPE" },
          // A sound has the same first bytes as a WebP.
          { as: "alice", send: picture("image/webp", wave), answers: "UNSUPPORTED_MEDIA_TYPE" },
          { as: "alice", send: picture("image/png", png.slice(0, 8)), answers: "UNSUPPORTED_MEDIA_TYPE" },
          { call: "getChatPicture", as: "alice", send: { chat_id: "$tea" }, with: { data: png } },
        ],
      },
      "a page is not taken, whatever it is called": {
        as: "alice",
        send: picture("text/html", "PGh0bWw+"),
        answers: "UNSUPPORTED_MEDIA_TYPE",
      },
      "needs a login": { send: picture("image/png", png), answers: "UNAUTHENTICATED" },
    },
    getChatPicture: {
      "a member gets the bytes as they were uploaded, with a tag": {
        given: [upload],
        as: "bob",
        send: { chat_id: "$tea" },
        exactly: { content_type: "image/png", data: png },
        answerHeaders: { "content-type": "image/png", "cache-control": "private, no-cache", etag: matches('^"') },
      },
      "an unchanged picture is not sent again": {
        given: [upload],
        steps: [
          { as: "alice", send: { chat_id: "$tea" }, capture: { tag: "@etag" } },
          { as: "bob", send: { chat_id: "$tea" }, headers: { "if-none-match": "$tag" }, answers: 304 },
          { call: "updateChatPicture", as: "alice", send: picture("image/jpeg", jpeg), with: { version: 2 } },
          {
            as: "bob",
            send: { chat_id: "$tea" },
            headers: { "if-none-match": "$tag" },
            with: { content_type: "image/jpeg" },
          },
        ],
      },
      "another picture of the same size has another tag": {
        given: [{ ...upload, send: picture("image/jpeg", jpeg) }],
        steps: [
          { as: "bob", send: { chat_id: "$tea" }, capture: { tag: "@etag" } },
          {
            call: "updateChatPicture",
            as: "alice",
            send: picture("image/jpeg", otherJpeg),
            with: { size: 13, version: 2 },
          },
          { as: "bob", send: { chat_id: "$tea" }, headers: { "if-none-match": "$tag" }, with: { data: otherJpeg } },
        ],
      },
      "a chat without one answers PICTURE_NOT_FOUND to its members alone": {
        given: [otherChat, { ...upload, send: { ...picture("image/png", png), chat_id: "$other" } }],
        steps: [
          { as: "bob", send: { chat_id: "$tea" }, answers: "PICTURE_NOT_FOUND" },
          { as: "mallory", send: { chat_id: "$tea" }, answers: "CHAT_NOT_FOUND" },
          { as: "bob", send: { chat_id: missingId }, answers: "CHAT_NOT_FOUND" },
        ],
      },
      "a caller who is not a member gets CHAT_NOT_FOUND": {
        given: [upload],
        as: "mallory",
        send: { chat_id: "$tea" },
        answers: "CHAT_NOT_FOUND",
      },
      "needs a login": { send: { chat_id: 1 }, answers: "UNAUTHENTICATED" },
    },
    deleteChatPicture: {
      "If-Match prevents deleting another picture than the one that was seen": {
        given: [upload],
        steps: [
          { call: "getChatPicture", as: "alice", send: { chat_id: "$tea" }, capture: { tag: "@etag" } },
          { call: "updateChatPicture", as: "alice", send: picture("image/jpeg", jpeg), with: { version: 2 } },
          { as: "alice", send: { chat_id: "$tea" }, headers: { "if-match": "$tag" }, answers: "PRECONDITION_FAILED" },
          { as: "alice", send: { chat_id: "$tea" }, headers: { "if-none-match": "*" }, answers: "PRECONDITION_FAILED" },
          { call: "getChatPicture", as: "bob", send: { chat_id: "$tea" }, with: { data: jpeg } },
          { as: "alice", send: { chat_id: "$tea" }, headers: { "if-none-match": "$tag" }, answers: 204 },
          { as: "alice", send: { chat_id: "$tea" }, headers: { "if-match": "*" }, answers: "PICTURE_NOT_FOUND" },
        ],
      },
      "an owner takes it away, once": {
        given: [upload],
        steps: [
          { as: "alice", send: { chat_id: "$tea" }, answers: 204 },
          { as: "alice", send: { chat_id: "$tea" }, answers: "PICTURE_NOT_FOUND" },
          { call: "getChatPicture", as: "bob", send: { chat_id: "$tea" }, answers: "PICTURE_NOT_FOUND" },
          { ...upload, with: { version: 1 } },
        ],
      },
      "a member who owns nothing is refused": {
        given: [upload],
        as: "bob",
        send: { chat_id: "$tea" },
        answers: "PERMISSION_DENIED",
      },
      "a caller who is not a member gets CHAT_NOT_FOUND": {
        given: [upload],
        as: "mallory",
        send: { chat_id: "$tea" },
        answers: "CHAT_NOT_FOUND",
      },
      "a direct chat has none": {
        given: [directChat],
        as: "alice",
        send: { chat_id: "$direct" },
        answers: "DIRECT_CHAT",
      },
      "needs a login": { send: { chat_id: 1 }, answers: "UNAUTHENTICATED" },
    },
  },
};
