// Cases of posts themselves: written, read and removed.
import { absent, matches, timestamp, type CaseFile, type Step } from "../../../runner/cases/case.js";
import { password } from "../../people.js";
import { missingId } from "../tea-chat.js";
import {
  anna,
  boris,
  draft,
  draftPost,
  forAll,
  forGroup,
  groupOf,
  groupPost,
  post,
  student,
  twoStudents,
  write,
} from "./school-posts.js";

const denied = "PERMISSION_DENIED";
const missing = "POST_NOT_FOUND";
const stale = { "If-Match": '"7"' };
const get = (by: Pick<Step, "as" | "token">, answer: Pick<Step, "answers" | "with">): Step => ({
  call: "getPost",
  ...by,
  send: { post_id: "$post" },
  ...answer,
});
const remove: Step = { call: "deletePost", as: "teacher", send: { post_id: "$post" }, answers: 204 };

export const posts: CaseFile = {
  subject: "posts",
  actors: ["alice", "bob", "teacher", "admin"],
  cases: {
    createPost: {
      "writes a draft, which is its author's alone": {
        steps: [
          {
            as: "alice",
            send: { title: " Idea ${case} ", text: "Words" },
            answers: 201,
            with: {
              author_id: "$alice",
              title: "Idea ${case}",
              text: "Words",
              is_text_cut: false,
              html: absent,
              state: "POST_STATE_DRAFT",
              is_for_all: false,
              group_ids: [],
              is_pinned: false,
              created_at: timestamp,
              published_at: absent,
              edited_at: absent,
              vote_count: 0,
              is_voted: false,
              comment_count: 0,
              version: 1,
            },
            answerHeaders: { location: matches("/v1/posts/\\d+$") },
            capture: { post: "id" },
          },
          get({ as: "alice" }, { with: { id: "$post" } }),
          get({ as: "bob" }, { answers: missing }),
          get({ as: "teacher" }, { answers: missing }),
          get({ as: "admin" }, { answers: missing }),
        ],
      },
      "publishes for all at once": {
        steps: [
          {
            as: "teacher",
            send: { ...forAll, group_ids: [missingId] },
            answers: 201,
            with: {
              state: "POST_STATE_PUBLISHED",
              is_for_all: true,
              group_ids: [],
              published_at: timestamp,
              version: 1,
            },
            capture: { post: "id" },
          },
          get({ as: "alice" }, { with: { id: "$post" } }),
        ],
      },
      "a student writes for their own group, whose people and the staff read it": {
        given: [
          ...twoStudents,
          ...student("clara"),
          { call: "addGroupMembers", as: "teacher", send: { group_id: "$group", user_ids: ["$clara"] } },
        ],
        steps: [
          { ...anna, send: forGroup, answers: 201, with: { group_ids: ["$group"] }, capture: { post: "id" } },
          get({ token: "$clara_token" }, { with: { id: "$post", author_id: "$anna" } }),
          get({ as: "teacher" }, { with: { id: "$post" } }),
          get(boris, { answers: missing }),
        ],
      },
      "a student writes for the staff alone": {
        steps: [
          {
            as: "alice",
            send: { ...draft, publish: true },
            answers: 201,
            with: { group_ids: [] },
            capture: { post: "id" },
          },
          get({ as: "teacher" }, { with: { id: "$post" } }),
          get({ as: "bob" }, { answers: missing }),
        ],
      },
      "a student does not write for all, nor for another group": {
        given: [...twoStudents],
        steps: [
          { ...anna, send: forAll, answers: denied },
          { ...boris, send: forGroup, answers: denied },
          { ...boris, send: { ...draft, group_ids: ["$group"] }, answers: denied },
        ],
      },
      "there is no such group": {
        as: "teacher",
        send: { ...draft, group_ids: [missingId] },
        answers: "GROUP_NOT_FOUND",
      },
      "needs a title, and takes no text of more than 20,000 characters": {
        steps: [
          { as: "alice", send: { title: "  " }, violates: { field: "title", rule: "string.min_len" } },
          {
            as: "alice",
            send: { title: "Long", text: "я".repeat(20_001) },
            violates: { field: "text", rule: "string.max_len" },
          },
          { as: "alice", send: { title: "Long ${case}", text: "я".repeat(20_000) }, answers: 201 },
        ],
      },
      "needs a login": { send: draft, answers: "UNAUTHENTICATED" },
    },
    getPost: {
      "shows the text as HTML on request, without anything that a page would run": {
        given: [
          write({ as: "teacher" }, { ...forAll, text: "**Nine** <script>alert(1)</script> [x](javascript:alert)" }),
        ],
        steps: [
          {
            as: "alice",
            send: { post_id: "$post", html: true },
            with: { html: matches("^<p><strong>Nine</strong> &lt;script&gt;(?!.*<a ).*</p>$") },
          },
          { as: "alice", send: { post_id: "$post" }, with: { html: absent } },
        ],
      },
      "there is no such post": { as: "alice", send: { post_id: missingId }, answers: missing },
      "who leaves a group reads its posts no more, and who joins reads what was there": {
        given: [...twoStudents, groupPost],
        steps: [
          get(anna, { with: { id: "$post" } }),
          { call: "removeGroupMember", as: "teacher", send: { group_id: "$group", user_id: "$anna" }, answers: 204 },
          { call: "addGroupMembers", as: "teacher", send: { group_id: "$group", user_ids: ["$boris"] } },
          get(anna, { answers: missing }),
          get(boris, { with: { id: "$post" } }),
        ],
      },
      "a group that is deleted leaves the audience": {
        given: [...groupOf(), groupPost],
        steps: [
          { call: "deleteGroup", as: "teacher", send: { group_id: "$group" }, answers: 204 },
          get({ as: "teacher" }, { with: { group_ids: [], is_for_all: false } }),
          get({ as: "admin" }, { with: { group_ids: [] } }),
          get({ as: "alice" }, { answers: missing }),
        ],
      },
      "posts of an account that has ended stay without a name, and its drafts go": {
        given: [
          ...twoStudents,
          ...student("clara"),
          { call: "addGroupMembers", as: "teacher", send: { group_id: "$group", user_ids: ["$clara"] } },
          write(anna, { ...draft, group_ids: ["$group"] }),
          { call: "createPost", ...anna, send: forGroup, answers: 201, capture: { kept: "id" } },
        ],
        steps: [
          { call: "deleteMe", ...anna, send: { password }, answers: 204 },
          get({ token: "$clara_token" }, { answers: missing }),
          { as: "teacher", send: { post_id: "$kept" }, with: { author_id: "$anna", title: "Trip ${case}" } },
          {
            call: "listPosts",
            token: "$clara_token",
            send: { author_id: "$anna", include: ["people"] },
            with: { posts: [{ id: "$kept" }], people: [] },
          },
        ],
      },
      "needs a login": { send: { post_id: 1 }, answers: "UNAUTHENTICATED" },
    },
    deletePost: {
      "removes a post, and its comments with it": {
        given: [
          post,
          {
            call: "createComment",
            as: "bob",
            send: { post_id: "$post", text: "Words" },
            answers: 201,
            capture: { comment: "id" },
          },
        ],
        steps: [
          { as: "teacher", send: { post_id: "$post" }, headers: { "If-Match": "$tag" }, answers: 204 },
          ...["alice", "teacher", "admin"].map((as) => get({ as }, { answers: missing })),
          { call: "getComment", as: "bob", send: { comment_id: "$comment" }, answers: "COMMENT_NOT_FOUND" },
          { as: "teacher", send: { post_id: "$post" }, answers: missing },
        ],
      },
      "the staff remove what others have written": {
        given: [...twoStudents, write(anna, forGroup)],
        steps: [
          { as: "teacher", send: { post_id: "$post" }, answers: 204 },
          get(anna, { answers: missing }),
          {
            call: "listAuditEvents",
            as: "admin",
            send: { target_type: "post", target_id: "${post}" },
            with: { events: [{ action: "post.remove", actor_id: "$teacher" }] },
          },
        ],
      },
      "a draft is deleted": {
        given: [draftPost],
        steps: [remove, get({ as: "teacher" }, { answers: missing })],
      },
      "a student does not remove what others have written": {
        given: [post],
        as: "alice",
        send: { post_id: "$post" },
        answers: denied,
      },
      "refuses a version that is not the current one": {
        given: [post],
        as: "teacher",
        send: { post_id: "$post" },
        headers: stale,
        answers: "PRECONDITION_FAILED",
      },
      "there is no such post": { as: "teacher", send: { post_id: missingId }, answers: missing },
      "needs a login": { send: { post_id: 1 }, answers: "UNAUTHENTICATED" },
    },
    listPostVersions: {
      "is empty for a post that was never changed": {
        given: [post],
        as: "alice",
        send: { post_id: "$post" },
        with: { versions: [], next_page_token: "" },
      },
      "refuses a token of another post": {
        given: [
          post,
          ...["one", "two"].map((text): Step => ({
            call: "updatePost",
            as: "teacher",
            send: { post_id: "$post", text },
          })),
          {
            call: "listPostVersions",
            as: "alice",
            send: { post_id: "$post", limit: 1 },
            with: { versions: [{ number: 1 }], next_page_token: matches(".") },
            capture: { next: "next_page_token" },
          },
          post,
        ],
        as: "alice",
        send: { post_id: "$post", page_token: "$next" },
        answers: "INVALID_PAGE_TOKEN",
      },
      "there is no such post": { as: "alice", send: { post_id: missingId }, answers: missing },
      "needs a login": { send: { post_id: 1 }, answers: "UNAUTHENTICATED" },
    },
  },
};
