// Lists of posts, comments, reports and former texts, with more rows than one page shows.
import type { Fields, Step } from "../runner/cases/case.js";
import type { ListOfRows } from "../runner/suite.js";

const range = (count: number): number[] => Array.from({ length: count }, (_, at) => at + 1);

/** Posts of the teacher for all. */
const write = (title: string): Step => ({
  call: "createPost",
  as: "teacher",
  send: { title, text: "tulips", is_for_all: true, publish: true },
  answers: 201,
});
const vote = (at: number, as: string): Step => ({ call: "voteForPost", as, send: { post_id: `$rows[${at}]` } });
const takeBack = (at: number, as: string): Step => ({ ...vote(at, as), call: "takeBackPostVote" });
const pin = (at: number): Step => ({ call: "pinPost", as: "teacher", send: { post_id: `$rows[${at}]` } });
const unpin = (at: number): Step => ({ ...pin(at), call: "unpinPost" });

export const posts: ListOfRows = {
  actors: ["alice", "bob", "teacher"],
  given: [
    { ...write("Row ${case}"), turns: 13 },
    // At once, so that some have one time of publication.
    { ...write("Row ${case}"), times: 9 },
    { call: "listPosts", as: "alice", send: { search: "${case}", limit: 22 }, capture: { rows: "posts[*].id" } },
    pin(20),
    vote(10, "bob"),
  ],
  as: "alice",
  requests: [
    { search: "${case}" },
    { search: "${case}", sort: "votes" },
    { search: "${case}", author_id: "$teacher", sort: "votes" },
    { search: "tulips ${case}" },
  ],
  more: range(3).map(() => write("Row ${case}")),
  // From each end to the other, and back.
  moves: [
    pin(21),
    vote(19, "bob"),
    vote(0, "bob"),
    unpin(20),
    vote(19, "alice"),
    takeBack(0, "bob"),
    unpin(21),
    pin(1),
    vote(21, "bob"),
  ],
};

const post: Step = { ...write("Rows ${case}"), capture: { post: "id" } };
const onPost = (fields: Fields = {}): Fields => ({ post_id: "$post", ...fields });
const comment = (fields: Fields = {}): Step => ({
  call: "createComment",
  as: "bob",
  send: onPost({ text: "words", ...fields }),
  answers: 201,
});

export const comments: ListOfRows = {
  actors: ["alice", "bob", "teacher"],
  given: [
    { ...post, capture: { other: "id" } },
    { ...comment({ post_id: "$other" }), turns: 2 },
    post,
    { ...comment(), capture: { root: "id" } },
    { ...comment(), turns: 8 },
    { ...comment(), times: 7 },
    { ...comment({ reply_to_id: "$root" }), turns: 7 },
  ],
  as: "alice",
  requests: [onPost(), onPost({ root_id: "$root" }), { post_id: "$other" }],
  more: [comment(), comment({ reply_to_id: "$root" }), comment()],
};

const edit = (turn: string): Step => ({ call: "updatePost", as: "teacher", send: onPost({ text: `words ${turn}` }) });

export const postVersions: ListOfRows = {
  actors: ["alice", "teacher"],
  given: [
    post,
    { ...edit("${turn}"), turns: 3 },
    { call: "getPost", as: "alice", send: onPost(), capture: { other: "id" } },
    post,
    { ...edit("${turn}"), turns: 22 },
  ],
  as: "alice",
  requests: [onPost(), { post_id: "$other" }],
  more: ["one", "two", "three"].map(edit),
};

const rewrite = (turn: string): Step => ({
  call: "updateComment",
  as: "bob",
  send: { comment_id: "$comment", text: `words ${turn}` },
});
const commentOn: Step = { ...comment(), capture: { comment: "id" } };

export const commentVersions: ListOfRows = {
  actors: ["alice", "bob", "teacher"],
  given: [
    post,
    commentOn,
    { ...rewrite("${turn}"), turns: 3 },
    { call: "getComment", as: "alice", send: { comment_id: "$comment" }, capture: { other: "id" } },
    commentOn,
    { ...rewrite("${turn}"), turns: 22 },
  ],
  as: "alice",
  requests: [{ comment_id: "$comment" }, { comment_id: "$other" }],
  more: ["one", "two", "three"].map(rewrite),
};

/** Bob reports a new comment of alice. */
const reported: readonly Step[] = [
  { ...comment(), as: "alice", capture: { comment: "id" } },
  { call: "reportComment", as: "bob", send: { comment_id: "$comment", reason: "rude" }, answers: 204 },
];
const report = (name: string): Step => ({
  call: "reportComment",
  as: "bob",
  send: { comment_id: name, reason: "rude" },
  answers: 204,
});

export const reports: ListOfRows = {
  actors: ["alice", "bob", "teacher", "admin"],
  given: [
    { ...post, capture: { other: "id" } },
    ...["alice", "bob"].map((as): Step => ({
      call: "reportPost",
      as,
      send: { post_id: "$other", reason: "rude" },
      answers: 204,
    })),
    post,
    ...range(22).flatMap(() => reported),
    ...["one", "two", "three"].map((name): Step => ({
      call: "createComment",
      as: "alice",
      send: onPost({ text: "words" }),
      answers: 201,
      capture: { [name]: "id" },
    })),
  ],
  as: "admin",
  requests: [onPost(), onPost({ author_id: "$alice" }), { post_id: "$other" }],
  more: ["$one", "$two", "$three"].map(report),
};
