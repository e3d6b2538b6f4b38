// The list of answers in a poll, with more rows than one page shows.
import type { Step } from "../runner/cases/case.js";
import type { ListOfRows } from "../runner/suite.js";
import { password } from "./people.js";

const range = (count: number): number[] => Array.from({ length: count }, (_, at) => at + 1);

/** A $poll of the teacher that asks for a text, in a post for all. */
const poll: readonly Step[] = [
  {
    call: "createPost",
    as: "teacher",
    send: { title: "Rows", text: "words", is_for_all: true, publish: true },
    answers: 201,
    capture: { post: "id" },
  },
  {
    call: "createPoll",
    as: "teacher",
    send: { post_id: "$post", question: "Why?", kind: "POLL_KIND_OPEN" },
    answers: 201,
    capture: { poll: "id" },
  },
];

const answer = (by: Pick<Step, "as" | "token">, poll_id: string): Step => ({
  call: "voteInPoll",
  ...by,
  send: { poll_id, answer: "words" },
});

/** Another person answers. */
const answered = (at: number, poll_id: string): readonly Step[] => {
  const email = `voter.${at}.\${case}@example.org`;
  return [
    { call: "register", send: { email, password, first_name: "Row", last_name: "Voter" }, answers: 201 },
    { call: "login", send: { email, password }, capture: { voter: "access_token" } },
    answer({ token: "$voter" }, poll_id),
  ];
};

export const pollAnswers: ListOfRows = {
  actors: ["alice", "bob", "teacher"],
  given: [
    ...poll,
    ...["alice", "bob"].map((as) => answer({ as }, "$poll")),
    { call: "getPoll", as: "teacher", send: { poll_id: "$poll" }, capture: { other: "id" } },
    ...poll,
    ...range(22).flatMap((at) => answered(at, "$poll")),
  ],
  as: "alice",
  requests: [{ poll_id: "$poll" }, { poll_id: "$other" }],
  more: ["alice", "bob", "teacher"].map((as) => answer({ as }, "$poll")),
};
