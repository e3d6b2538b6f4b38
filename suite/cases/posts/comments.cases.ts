// Cases of comments on posts.
import { absent, matches, timestamp, type CaseFile, type Step } from "../../../runner/cases/case.js";
import { missingId } from "../tea-chat.js";
import { anna, boris, comment, draftPost, groupPost, post, twoStudents } from "./school-posts.js";

const missing = "COMMENT_NOT_FOUND";
const denied = "PERMISSION_DENIED";
const stale = { "If-Match": '"7"' };
const bob = { as: "bob" };
const reply = (name: string, to: string, as = "alice"): Step => comment(name, { as }, { reply_to_id: to });
/** $first with the replies $one and $two, of which the second answers the first, and $second. */
const thread: readonly Step[] = [
  post,
  comment("first", bob),
  comment("second", bob),
  reply("one", "$first"),
  reply("two", "$one", "bob"),
];
const list = (...comments: object[]): Step => ({
  call: "listComments",
  as: "alice",
  send: { post_id: "$post" },
  with: { comments, next_page_token: "" },
});
const remove = (comment_id: string, as: string): Step => ({
  call: "deleteComment",
  as,
  send: { comment_id },
  answers: 204,
});
const count = (comment_count: number): Step => ({
  call: "getPost",
  as: "alice",
  send: { post_id: "$post" },
  with: { comment_count },
});

export const comments: CaseFile = {
  subject: "comments",
  actors: ["alice", "bob", "teacher", "admin"],
  cases: {
    createComment: {
      "writes a comment": {
        given: [post],
        steps: [
          {
            as: "bob",
            send: { post_id: "$post", text: " And if it rains? " },
            answers: 201,
            with: {
              post_id: "$post",
              author_id: "$bob",
              root_id: absent,
              reply_to_id: absent,
              text: "And if it rains?",
              created_at: timestamp,
              edited_at: absent,
              removed_at: absent,
              reply_count: 0,
              version: 1,
            },
            answerHeaders: { location: matches("/v1/comments/\\d+$") },
          },
          count(1),
        ],
      },
      "a reply to a reply belongs to the same thread": {
        given: [...thread],
        steps: [
          {
            call: "getComment",
            as: "alice",
            send: { comment_id: "$one" },
            with: { root_id: "$first", reply_to_id: "$first" },
          },
          {
            call: "getComment",
            as: "alice",
            send: { comment_id: "$two" },
            with: { root_id: "$first", reply_to_id: "$one" },
          },
          { call: "getComment", as: "alice", send: { comment_id: "$first" }, with: { reply_count: 2, version: 1 } },
          count(4),
        ],
      },
      "answers no comment on another post, and none that was removed": {
        given: [
          post,
          comment("first", bob),
          comment("second", bob),
          remove("$second", "bob"),
          { ...post, capture: { other: "id" } },
        ],
        steps: [
          { as: "alice", send: { post_id: "$other", text: "Words", reply_to_id: "$first" }, answers: missing },
          { as: "alice", send: { post_id: "$post", text: "Words", reply_to_id: "$second" }, answers: missing },
          { as: "alice", send: { post_id: "$post", text: "Words", reply_to_id: missingId }, answers: missing },
          count(1),
        ],
      },
      "is not for a draft": {
        given: [draftPost],
        as: "teacher",
        send: { post_id: "$post", text: "Words" },
        answers: "POST_NOT_PUBLISHED",
      },
      "is for those who may read the post": {
        given: [...twoStudents, groupPost],
        steps: [
          { ...anna, send: { post_id: "$post", text: "Words" }, answers: 201 },
          { ...boris, send: { post_id: "$post", text: "Words" }, answers: "POST_NOT_FOUND" },
        ],
      },
      "needs a login": { send: { post_id: 1, text: "Words" }, answers: "UNAUTHENTICATED" },
    },
    listComments: {
      "lists threads, the oldest first, each with its replies": {
        given: [...thread],
        steps: [
          list({ id: "$first", reply_count: 2 }, { id: "$one" }, { id: "$two" }, { id: "$second" }),
          {
            as: "alice",
            send: { post_id: "$post", limit: 3, include: ["people"] },
            with: {
              comments: [{ id: "$first" }, { id: "$one" }, { id: "$two" }],
              next_page_token: matches("."),
              people: [{ id: "$alice" }, { id: "$bob" }],
            },
            capture: { next: "next_page_token" },
          },
          reply("three", "$first"),
          {
            as: "alice",
            send: { post_id: "$post", limit: 3, include: ["people"], page_token: "$next" },
            with: { comments: [{ id: "$three" }, { id: "$second" }], next_page_token: "" },
          },
        ],
      },
      "lists one thread": {
        given: [...thread],
        as: "alice",
        send: { post_id: "$post", root_id: "$first" },
        with: { comments: [{ id: "$first" }, { id: "$one" }, { id: "$two" }] },
      },
      "there is no such post": { as: "alice", send: { post_id: missingId }, answers: "POST_NOT_FOUND" },
      "refuses a token of another list": {
        given: [
          ...thread,
          {
            call: "listComments",
            as: "alice",
            send: { post_id: "$post", limit: 1 },
            with: { comments: [{ id: "$first" }] },
            capture: { next: "next_page_token" },
          },
        ],
        as: "alice",
        send: { post_id: "$post", root_id: "$first", page_token: "$next" },
        answers: "INVALID_PAGE_TOKEN",
      },
      "needs a login": { send: { post_id: 1 }, answers: "UNAUTHENTICATED" },
    },
    getComment: {
      "there is no such comment": {
        given: [...twoStudents, groupPost, comment("first", anna)],
        steps: [
          { as: "alice", send: { comment_id: missingId }, answers: missing },
          { ...boris, send: { comment_id: "$first" }, answers: missing },
          { as: "admin", send: { comment_id: "$first" }, with: { author_id: "$anna" } },
        ],
      },
      "needs a login": { send: { comment_id: 1 }, answers: "UNAUTHENTICATED" },
    },
    updateComment: {
      "changes the text": {
        given: [post, comment("first", bob)],
        as: "bob",
        send: { comment_id: "$first", text: "Others" },
        with: { text: "Others", edited_at: timestamp, version: 2 },
      },
      "keeps what it said, and the same text is no change": {
        given: [post, comment("first", bob)],
        steps: [
          {
            as: "bob",
            send: { comment_id: "$first", text: "Other words" },
            headers: { "If-Match": "$first_tag" },
            with: { text: "Other words", edited_at: timestamp, version: 2 },
          },
          { as: "bob", send: { comment_id: "$first", text: "Other words" }, with: { version: 2 } },
          { as: "bob", send: { comment_id: "$first" }, with: { version: 2 } },
          {
            call: "listCommentVersions",
            as: "alice",
            send: { comment_id: "$first" },
            with: {
              versions: [{ number: 1, text: "Words of first", written_at: timestamp, author_id: "$bob" }],
              next_page_token: "",
            },
          },
        ],
      },
      "nobody changes what others have written, of the staff neither": {
        given: [post, comment("first", bob)],
        steps: ["alice", "admin"].map((as) => ({ as, send: { comment_id: "$first", text: "Mine" }, answers: denied })),
      },
      "refuses a version that is not the current one": {
        given: [post, comment("first", bob)],
        as: "bob",
        send: { comment_id: "$first", text: "Late" },
        headers: stale,
        answers: "PRECONDITION_FAILED",
      },
      "there is no such comment": { as: "bob", send: { comment_id: missingId, text: "Words" }, answers: missing },
      "needs a login": { send: { comment_id: 1, text: "Words" }, answers: "UNAUTHENTICATED" },
    },
    deleteComment: {
      "leaves a comment with replies in its place, without its text": {
        given: [...thread],
        steps: [
          { as: "bob", send: { comment_id: "$first" }, headers: { "If-Match": "$first_tag" }, answers: 204 },
          list(
            { id: "$first", text: "", removed_at: timestamp, reply_count: 2 },
            { id: "$one" },
            { id: "$two" },
            { id: "$second" },
          ),
          { call: "getComment", as: "bob", send: { comment_id: "$first" }, answers: missing },
          count(3),
          remove("$one", "alice"),
          list({ id: "$first", reply_count: 1 }, { id: "$two", reply_to_id: "$one" }, { id: "$second" }),
          remove("$two", "teacher"),
          list({ id: "$second" }),
          count(1),
        ],
      },
      "the staff remove what others have written": {
        given: [post, comment("first", bob)],
        steps: [
          { as: "admin", send: { comment_id: "$first" }, answers: 204 },
          list(),
          {
            call: "listAuditEvents",
            as: "admin",
            send: { target_type: "comment", target_id: "${first}" },
            with: { events: [{ action: "comment.remove", actor_id: "$admin" }] },
          },
        ],
      },
      "a student does not remove what others have written": {
        given: [post, comment("first", bob)],
        as: "alice",
        send: { comment_id: "$first" },
        answers: denied,
      },
      "refuses a version that is not the current one": {
        given: [post, comment("first", bob)],
        as: "bob",
        send: { comment_id: "$first" },
        headers: stale,
        answers: "PRECONDITION_FAILED",
      },
      "there is no such comment": { as: "bob", send: { comment_id: missingId }, answers: missing },
      "needs a login": { send: { comment_id: 1 }, answers: "UNAUTHENTICATED" },
    },
    listCommentVersions: {
      "is empty for a comment that was never changed": {
        given: [post, comment("first", bob)],
        as: "alice",
        send: { comment_id: "$first" },
        with: { versions: [], next_page_token: "" },
      },
      "there is no such comment": { as: "bob", send: { comment_id: missingId }, answers: missing },
      "refuses what is no token of it": {
        given: [post, comment("first", bob)],
        as: "alice",
        send: { comment_id: "$first", page_token: "nonsense" },
        answers: "INVALID_PAGE_TOKEN",
      },
      "needs a login": { send: { comment_id: 1 }, answers: "UNAUTHENTICATED" },
    },
  },
};
