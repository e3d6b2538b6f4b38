// Polls that the cases of polls vote in.
import type { Fields, Step } from "../../../runner/cases/case.js";

export const question: Fields = { question: "Where to? ${case}", options: ["wood", "lake", "hill"] };
export const openQuestion: Fields = { question: "Why? ${case}", kind: "POLL_KIND_OPEN" };

/** $poll in $post, with its $poll_tag. */
export const pollBy = (by: Pick<Step, "as" | "token">, fields: Fields = question): Step => ({
  call: "createPoll",
  ...by,
  send: { post_id: "$post", ...fields },
  answers: 201,
  capture: { poll: "id", poll_tag: "@etag" },
});

/** $poll of the teacher in $post. */
export const poll = (fields: Fields = {}): Step => pollBy({ as: "teacher" }, { ...question, ...fields });
/** The same of one that asks for a text. */
export const openPoll = (fields: Fields = {}): Step => pollBy({ as: "teacher" }, { ...openQuestion, ...fields });

/** Somebody votes in $poll. */
export const vote = (by: Pick<Step, "as" | "token">, send: Fields, answer: Partial<Step> = {}): Step => ({
  call: "voteInPoll",
  ...by,
  send: { poll_id: "$poll", ...send },
  ...answer,
});

/** $poll as somebody sees it. */
export const see = (by: Pick<Step, "as" | "token">, answer: Pick<Step, "answers" | "with">): Step => ({
  call: "getPoll",
  ...by,
  send: { poll_id: "$poll" },
  ...answer,
});

export const close: Step = { call: "closePoll", as: "teacher", send: { poll_id: "$poll" } };

/** The refusal of what does not fit a poll. */
export const mismatch = (field: string): Pick<Step, "answers" | "with"> => ({
  answers: "POLL_MISMATCH",
  with: { violations: [{ field }] },
});
