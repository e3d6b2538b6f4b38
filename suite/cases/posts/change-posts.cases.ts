// Cases of changing posts and of publishing them.
import { absent, timestamp, type CaseFile, type Step } from "../../../runner/cases/case.js";
import { missingId } from "../tea-chat.js";
import { anna, boris, draft, draftPost, forGroup, post, twoStudents, write } from "./school-posts.js";

const denied = "PERMISSION_DENIED";
const missing = "POST_NOT_FOUND";
const stale = { "If-Match": '"7"' };
const get = (by: Pick<Step, "as" | "token">, answer: Pick<Step, "answers" | "with">): Step => ({
  call: "getPost",
  ...by,
  send: { post_id: "$post" },
  ...answer,
});

export const changedPosts: CaseFile = {
  subject: "changed posts",
  actors: ["alice", "bob", "teacher", "admin"],
  cases: {
    updatePost: {
      "changes what a published post says, and keeps what it said": {
        given: [post],
        steps: [
          {
            as: "teacher",
            send: { post_id: "$post", title: "Trip on Sunday ${case}" },
            headers: { "If-Match": "$tag" },
            with: { title: "Trip on Sunday ${case}", text: "We meet **at nine**.", edited_at: timestamp, version: 2 },
          },
          { as: "teacher", send: { post_id: "$post", text: "At ten." }, with: { text: "At ten.", version: 3 } },
          {
            call: "listPostVersions",
            as: "alice",
            send: { post_id: "$post" },
            with: {
              versions: [
                {
                  number: 1,
                  title: "Trip ${case}",
                  text: "We meet **at nine**.",
                  written_at: timestamp,
                  author_id: "$teacher",
                },
                { number: 2, title: "Trip on Sunday ${case}", text: "We meet **at nine**." },
              ],
              next_page_token: "",
            },
          },
        ],
      },
      "changes nothing when all is equal": {
        given: [post],
        as: "teacher",
        send: { post_id: "$post", title: "Trip ${case}", is_for_all: true },
        with: { edited_at: absent, version: 1 },
      },
      "keeps nothing of what a draft said": {
        given: [draftPost],
        steps: [
          { as: "teacher", send: { post_id: "$post", text: "Other words" }, with: { edited_at: absent, version: 2 } },
          {
            call: "publishPost",
            as: "teacher",
            send: { post_id: "$post" },
            with: { text: "Other words", edited_at: absent },
          },
          { call: "listPostVersions", as: "teacher", send: { post_id: "$post" }, with: { versions: [] } },
        ],
      },
      "changes whom it is for": {
        given: [...twoStudents, post],
        steps: [
          {
            as: "teacher",
            send: { post_id: "$post", group_ids: ["$group"] },
            with: { is_for_all: false, group_ids: ["$group"] },
          },
          get(anna, { with: { id: "$post", edited_at: absent } }),
          get(boris, { answers: missing }),
          { as: "teacher", send: { post_id: "$post", is_for_all: false }, with: { is_for_all: false, group_ids: [] } },
          get(anna, { answers: missing }),
          { as: "teacher", send: { post_id: "$post", is_for_all: true }, with: { is_for_all: true, group_ids: [] } },
          get(boris, { with: { id: "$post" } }),
        ],
      },
      "a student does not make it one for all, nor one of another group": {
        given: [
          ...twoStudents,
          write(anna, forGroup),
          {
            call: "createGroup",
            as: "teacher",
            send: { name: "Other ${case}" },
            answers: 201,
            capture: { other: "id" },
          },
        ],
        steps: [
          { ...anna, send: { post_id: "$post", is_for_all: true }, answers: denied },
          { ...anna, send: { post_id: "$post", group_ids: ["$group", "$other"] }, answers: denied },
          { ...anna, send: { post_id: "$post", text: "Mine" }, with: { group_ids: ["$group"] } },
        ],
      },
      "nobody changes what others have written, of the staff neither": {
        given: [write({ as: "alice" }, { ...draft, publish: true })],
        steps: ["teacher", "admin"].map((as) => ({ as, send: { post_id: "$post", text: "Mine" }, answers: denied })),
      },
      "there is no such group": {
        given: [post],
        as: "teacher",
        send: { post_id: "$post", group_ids: [missingId] },
        answers: "GROUP_NOT_FOUND",
      },
      "refuses a version that is not the current one": {
        given: [post],
        as: "teacher",
        send: { post_id: "$post", text: "Late" },
        headers: stale,
        answers: "PRECONDITION_FAILED",
      },
      "there is no such post": { as: "alice", send: { post_id: missingId, text: "Words" }, answers: missing },
      "needs a login": { send: { post_id: 1 }, answers: "UNAUTHENTICATED" },
    },
    publishPost: {
      "publishes a draft, once, with the time": {
        given: [draftPost],
        steps: [
          {
            as: "teacher",
            send: { post_id: "$post" },
            again: true,
            with: { state: "POST_STATE_PUBLISHED", published_at: timestamp, version: 2 },
          },
          get({ as: "alice" }, { with: { id: "$post" } }),
        ],
      },
      "a student whose group has changed is refused, until they have changed whom it is for": {
        given: [
          ...twoStudents,
          write(anna, { ...draft, group_ids: ["$group"] }),
          { call: "removeGroupMember", as: "teacher", send: { group_id: "$group", user_id: "$anna" }, answers: 204 },
        ],
        steps: [
          { ...anna, send: { post_id: "$post" }, answers: denied },
          { call: "updatePost", ...anna, send: { post_id: "$post", is_for_all: false }, with: { group_ids: [] } },
          { ...anna, send: { post_id: "$post" }, with: { state: "POST_STATE_PUBLISHED" } },
        ],
      },
      "others do not publish it": {
        given: [draftPost],
        steps: [
          { as: "admin", send: { post_id: "$post" }, answers: missing },
          { call: "publishPost", as: "teacher", send: { post_id: "$post" } },
          { as: "admin", send: { post_id: "$post" }, answers: denied },
        ],
      },
      "there is no such post": { as: "alice", send: { post_id: missingId }, answers: missing },
      "needs a login": { send: { post_id: 1 }, answers: "UNAUTHENTICATED" },
    },
  },
};
