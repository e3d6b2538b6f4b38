// Cases of lists of posts, of pins, and of votes.
import { matches, size, type CaseFile, type Step } from "../../../runner/cases/case.js";
import { password } from "../../people.js";
import { missingId } from "../tea-chat.js";
import { anna, boris, draft, draftPost, forAll, forGroup, post, student, twoStudents, write } from "./school-posts.js";

const missing = "POST_NOT_FOUND";
const written = (name: string, by: Pick<Step, "as" | "token"> = { as: "teacher" }, fields = forAll): Step => ({
  ...write(by, { ...fields, title: `${name} \${case}` }),
  capture: { [name]: "id" },
});
const three = ["one", "two", "three"].map((name) => written(name));
const vote = (post_id: string, as: string): Step => ({ call: "voteForPost", as, send: { post_id } });
const pin = (post_id: string): Step => ({ call: "pinPost", as: "teacher", send: { post_id } });
const listed = (send: object, ...ids: string[]): Step => ({
  call: "listPosts",
  as: "alice",
  send: { search: "${case}", ...send },
  with: { posts: ids.map((id) => ({ id })), next_page_token: "" },
});

export const listsOfPosts: CaseFile = {
  subject: "lists of posts",
  actors: ["alice", "bob", "teacher", "admin"],
  cases: {
    listPosts: {
      "lists the newest first, and by votes on request": {
        given: [...three, vote("$two", "alice"), vote("$two", "bob"), vote("$one", "bob")],
        steps: [
          listed({}, "$three", "$two", "$one"),
          listed({ sort: "new" }, "$three", "$two", "$one"),
          listed({ sort: "votes" }, "$two", "$one", "$three"),
          { as: "alice", send: { search: "two ${case}" }, with: { posts: [{ vote_count: 2, is_voted: true }] } },
        ],
      },
      "a page is found by its number": {
        given: [...three],
        steps: [
          {
            as: "alice",
            send: { search: "${case}", page: 1, limit: 2 },
            with: { posts: [{ id: "$three" }, { id: "$two" }] },
          },
          listed({ page: 2, limit: 2 }, "$one"),
          listed({ page: 3, limit: 2 }),
          { as: "alice", send: { search: "${case}", page: 2, skip: 1 }, answers: "MALFORMED_REQUEST" },
          { as: "alice", send: { page: 0 }, violates: { field: "page", rule: "int32.gte" } },
        ],
      },
      "those that are pinned come first, in each order": {
        given: [...three, vote("$two", "bob"), pin("$one")],
        steps: [listed({}, "$one", "$three", "$two"), listed({ sort: "votes" }, "$one", "$two", "$three")],
      },
      "shows those alone that the caller may read": {
        given: [
          ...twoStudents,
          written("one"),
          written("two", { as: "teacher" }, forGroup),
          written("three", anna, { ...draft, publish: true }),
        ],
        steps: [
          { ...anna, send: { search: "${case}" }, with: { posts: [{ id: "$three" }, { id: "$two" }, { id: "$one" }] } },
          { ...boris, send: { search: "${case}" }, with: { posts: [{ id: "$one" }] } },
          { as: "admin", send: { search: "${case}" }, with: { posts: size(3) } },
        ],
      },
      "finds by an author, and by a group": {
        given: [
          ...twoStudents,
          written("one"),
          written("two", { as: "teacher" }, forGroup),
          written("three", anna, forGroup),
        ],
        steps: [
          { ...anna, send: { author_id: "$anna" }, with: { posts: [{ id: "$three" }] } },
          { ...anna, send: { group_id: "$group" }, with: { posts: [{ id: "$three" }, { id: "$two" }] } },
          { ...anna, send: { group_id: "$group", author_id: "$teacher" }, with: { posts: [{ id: "$two" }] } },
          { ...boris, send: { group_id: "$group" }, with: { posts: [] } },
        ],
      },
      "lists the caller's drafts, the newest first, and nobody else's": {
        given: [
          ...student("anna"),
          written("one", anna, draft),
          written("two", anna, { ...draft, publish: true }),
          written("three", anna, draft),
          written("other", { as: "teacher" }, draft),
        ],
        steps: [
          { ...anna, send: { drafts: true }, with: { posts: [{ id: "$three" }, { id: "$one" }], next_page_token: "" } },
          { ...anna, send: { drafts: true, search: "ONE" }, with: { posts: [{ id: "$one" }] } },
          { as: "teacher", send: { drafts: true, search: "${case}" }, with: { posts: [{ id: "$other" }] } },
        ],
      },
      "finds all words, in the title or the text, whatever their case": {
        given: [
          write({ as: "teacher" }, { ...forAll, title: "Поход ${case}", text: "Берём **ёжиков** и 100% терпения" }),
          written("other"),
        ],
        steps: [
          ...["поход", "ПОХОД ежиков", "терпен 100%", "по ёж", "и"].map((words) =>
            listed({ search: `${words} \${case}` }, "$post"),
          ),
          listed({ search: "поход лыжи ${case}" }),
        ],
      },
      "finds a former text no more": {
        given: [
          write({ as: "teacher" }, { ...forAll, text: "tulips" }),
          { call: "updatePost", as: "teacher", send: { post_id: "$post", text: "roses" } },
        ],
        steps: [listed({ search: "tulips ${case}" }), listed({ search: "roses ${case}" }, "$post")],
      },
      "has the first 1,000 characters of a text, and the authors on request": {
        given: [write({ as: "teacher" }, { ...forAll, text: "я".repeat(1_001) })],
        as: "alice",
        send: { search: "${case}", include: ["people"] },
        with: { posts: [{ text: "я".repeat(1_000), is_text_cut: true }], people: [{ id: "$teacher" }] },
      },
      "refuses more words than a search has": {
        as: "alice",
        send: { search: "a b c d e f g h i j k l m n o p q r s t u" },
        answers: "SEARCH_TOO_BROAD",
      },
      "refuses a token of another order": {
        given: [
          ...three,
          {
            call: "listPosts",
            as: "alice",
            send: { search: "${case}", limit: 1 },
            with: { posts: [{ id: "$three" }], next_page_token: matches(".") },
            capture: { next: "next_page_token" },
          },
        ],
        steps: [
          {
            as: "alice",
            send: { search: "${case}", sort: "votes", page_token: "$next" },
            answers: "INVALID_PAGE_TOKEN",
          },
          {
            as: "alice",
            send: { search: "${case}", page_token: "$next" },
            with: { posts: [{ id: "$two" }, { id: "$one" }] },
          },
        ],
      },
      "needs a login": { answers: "UNAUTHENTICATED" },
    },
    pinPost: {
      "pins a post, once": {
        given: [post],
        steps: [
          { as: "admin", send: { post_id: "$post" }, again: true, with: { is_pinned: true, version: 2 } },
          {
            call: "listAuditEvents",
            as: "admin",
            send: { target_type: "post", target_id: "${post}" },
            with: { events: [{ action: "post.pin", actor_id: "$admin" }] },
          },
        ],
      },
      "is for the staff": { given: [post], as: "alice", send: { post_id: "$post" }, answers: "PERMISSION_DENIED" },
      "pins no draft": { given: [draftPost], as: "teacher", send: { post_id: "$post" }, answers: "POST_NOT_PUBLISHED" },
      "there is no such post": {
        given: [draftPost],
        steps: [
          { as: "teacher", send: { post_id: missingId }, answers: missing },
          { as: "admin", send: { post_id: "$post" }, answers: missing },
        ],
      },
      "needs a login": { send: { post_id: 1 }, answers: "UNAUTHENTICATED" },
    },
    unpinPost: {
      "is for the staff": { given: [post], as: "alice", send: { post_id: "$post" }, answers: "PERMISSION_DENIED" },
      "takes the pin from a post, once": {
        given: [post, pin("$post")],
        as: "teacher",
        send: { post_id: "$post" },
        again: true,
        with: { is_pinned: false, version: 3 },
      },
      "a draft has no pin": {
        given: [draftPost],
        as: "teacher",
        send: { post_id: "$post" },
        answers: "POST_NOT_PUBLISHED",
      },
      "there is no such post": { as: "teacher", send: { post_id: missingId }, answers: missing },
      "needs a login": { send: { post_id: 1 }, answers: "UNAUTHENTICATED" },
    },
    voteForPost: {
      "counts one vote of each person": {
        given: [post],
        steps: [
          {
            as: "alice",
            send: { post_id: "$post" },
            again: true,
            exactly: { post_id: "$post", vote_count: 1, is_voted: true },
          },
          { as: "bob", send: { post_id: "$post" }, with: { vote_count: 2 } },
          {
            call: "getPost",
            as: "alice",
            send: { post_id: "$post" },
            with: { vote_count: 2, is_voted: true, version: 1 },
          },
          { call: "getPost", as: "admin", send: { post_id: "$post" }, with: { vote_count: 2, is_voted: false } },
        ],
      },
      "of twenty at once of one person one is counted": {
        given: [post],
        steps: [
          { as: "alice", send: { post_id: "$post" }, times: 20, answers: { "200": 20 }, same: ["vote_count"] },
          { call: "getPost", as: "alice", send: { post_id: "$post" }, with: { vote_count: 1 } },
        ],
      },
      "nobody votes for their own post": {
        given: [post],
        as: "teacher",
        send: { post_id: "$post" },
        answers: "PERMISSION_DENIED",
      },
      "nobody votes for a draft": {
        given: [draftPost],
        as: "teacher",
        send: { post_id: "$post" },
        answers: "POST_NOT_PUBLISHED",
      },
      "votes of an account that has ended are gone": {
        given: [post, ...student("anna"), { call: "voteForPost", ...anna, send: { post_id: "$post" } }],
        steps: [
          { call: "deleteMe", ...anna, send: { password }, answers: 204 },
          { as: "bob", send: { post_id: "$post" }, with: { vote_count: 1 } },
        ],
      },
      "there is no such post": {
        given: [...twoStudents, write(anna, forGroup)],
        steps: [
          { as: "alice", send: { post_id: missingId }, answers: missing },
          { ...boris, send: { post_id: "$post" }, answers: missing },
        ],
      },
      "needs a login": { send: { post_id: 1 }, answers: "UNAUTHENTICATED" },
    },
    takeBackPostVote: {
      "takes the vote back, if there is one": {
        given: [post, vote("$post", "alice"), vote("$post", "bob")],
        as: "alice",
        send: { post_id: "$post" },
        again: true,
        exactly: { post_id: "$post", vote_count: 1, is_voted: false },
      },
      "there is no such post": { as: "alice", send: { post_id: missingId }, answers: missing },
      "needs a login": { send: { post_id: 1 }, answers: "UNAUTHENTICATED" },
    },
  },
};
