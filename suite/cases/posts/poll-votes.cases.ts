// Cases of voting in polls, and of what came of it.
import { absent, bytesOf, matches, timestamp, type CaseFile, type Step } from "../../../runner/cases/case.js";
import { password } from "../../people.js";
import { missingId } from "../tea-chat.js";
import { close, mismatch, openPoll, poll, see, vote } from "./school-polls.js";
import { anna, boris, draftPost, groupPost, post, student, twoStudents } from "./school-posts.js";

const missing = "POLL_NOT_FOUND";
const closed = "POLL_CLOSED";
const ofPoll = { poll_id: "$poll" };
const alice = { as: "alice" };
const bob = { as: "bob" };
const counts = (...votes: unknown[]) => ({ options: votes.map((vote_count) => ({ vote_count })) });
const answers = (by: Pick<Step, "as" | "token">, answer: Partial<Step>): Step => ({
  call: "listPollAnswers",
  ...by,
  send: { ...ofPoll, include: ["people"] },
  ...answer,
});

export const pollVotes: CaseFile = {
  subject: "votes in polls",
  actors: ["alice", "bob", "teacher", "admin"],
  cases: {
    voteInPoll: {
      "takes a text where one is asked for": {
        given: [post, openPoll()],
        steps: [
          vote(
            alice,
            { answer: " Because. " },
            {
              with: { options: [], voter_count: 1, chosen_options: [], answer: "Because." },
            },
          ),
          vote(alice, { options: [1] }, mismatch("answer")),
          vote(alice, { answer: "So", options: [1] }, mismatch("options")),
          vote(alice, { answer: "я".repeat(2001) }, { violates: { field: "answer", rule: "string.max_len" } }),
        ],
      },
      "counts one vote of each person, the last one": {
        given: [post, poll()],
        steps: [
          vote(
            alice,
            { options: [2] },
            {
              with: { ...counts(0, 1, 0), voter_count: 1, chosen_options: [2], answer: absent, voted_at: timestamp },
              again: true,
            },
          ),
          vote({ as: "teacher" }, { options: [2] }, { with: { ...counts(0, 2, 0), voter_count: 2 } }),
          vote(alice, { options: [3] }, { with: { ...counts(0, 1, 1), voter_count: 2, chosen_options: [3] } }),
          see(bob, { with: { ...counts(0, 1, 1), voter_count: 2, chosen_options: [], voted_at: absent, version: 1 } }),
        ],
      },
      "takes as many options as the poll says": {
        given: [post, poll({ kind: "POLL_KIND_MULTIPLE", min_choices: 2, max_choices: 2 })],
        steps: [
          vote(alice, { options: [3, 1] }, { with: { ...counts(1, 0, 1), chosen_options: [1, 3] } }),
          vote(alice, { options: [1] }, mismatch("options")),
          vote(alice, { options: [1, 2, 3] }, mismatch("options")),
          vote(alice, { options: [1, 4] }, mismatch("options")),
          vote(alice, { options: [1, 1] }, { violates: { field: "options", rule: "repeated.unique" } }),
          vote(alice, {}, mismatch("options")),
          vote(alice, { answer: "wood" }, mismatch("answer")),
          see(bob, { with: counts(1, 0, 1) }),
        ],
      },
      "shows results at once, after one's own vote, or when it is closed": {
        given: [post, poll({ results: "POLL_RESULTS_AFTER_VOTE" })],
        steps: [
          see(alice, { with: { ...counts(absent, absent, absent), are_results_shown: false, voter_count: 0 } }),
          vote(bob, { options: [1] }, { with: { ...counts(1, 0, 0), are_results_shown: true } }),
          see(alice, { with: { ...counts(absent, absent, absent), voter_count: 1 } }),
          see({ as: "admin" }, { with: { ...counts(1, 0, 0), are_results_shown: true } }),
          close,
          see(alice, { with: { ...counts(1, 0, 0), are_results_shown: true } }),
        ],
      },
      "shows results to nobody but those whose poll it is until it is closed": {
        given: [post, poll({ results: "POLL_RESULTS_AFTER_CLOSE" })],
        steps: [
          vote(
            alice,
            { options: [1] },
            {
              with: { ...counts(absent, absent, absent), are_results_shown: false, chosen_options: [1] },
            },
          ),
          see({ as: "teacher" }, { with: counts(1, 0, 0) }),
          close,
          see(alice, { with: counts(1, 0, 0) }),
        ],
      },
      "not when the poll is closed": {
        given: [post, poll(), vote(alice, { options: [1] }), close],
        steps: [
          vote(alice, { options: [1] }, { answers: closed }),
          vote(bob, { options: [1] }, { answers: closed }),
          see(bob, { with: { voter_count: 1 } }),
        ],
      },
      "not in a draft": {
        given: [draftPost, poll()],
        steps: [vote({ as: "teacher" }, { options: [1] }, { answers: "POST_NOT_PUBLISHED" })],
      },
      "is for those who may read the post": {
        given: [...twoStudents, groupPost, poll()],
        steps: [
          vote(anna, { options: [1] }),
          vote(boris, { options: [1] }, { answers: missing }),
          { call: "removeGroupMember", as: "teacher", send: { group_id: "$group", user_id: "$anna" }, answers: 204 },
          vote(anna, { options: [2] }, { answers: missing }),
          see({ as: "teacher" }, { with: counts(1, 0, 0) }),
        ],
      },
      "votes go with the account": {
        given: [...student("anna"), post, poll(), vote(anna, { options: [2] }), vote(bob, { options: [2] })],
        steps: [
          { call: "deleteMe", ...anna, send: { password }, answers: 204 },
          see(alice, { with: { ...counts(0, 1, 0), voter_count: 1 } }),
        ],
      },
      "twenty votes of one person at once are one": {
        given: [post, poll()],
        steps: [
          vote(alice, { options: [2] }, { times: 20, same: ["voted_at"] }),
          see(alice, { with: { ...counts(0, 1, 0), voter_count: 1 } }),
        ],
      },
      "there is no such poll": { ...alice, send: { poll_id: missingId, options: [1] }, answers: missing },
      "needs a login": { send: { poll_id: 1, options: [1] }, answers: "UNAUTHENTICATED" },
    },
    takeBackPollVote: {
      "the vote is counted no more": {
        given: [post, poll(), vote(alice, { options: [1] }), vote(bob, { options: [1] })],
        steps: [
          { ...alice, send: ofPoll, with: { ...counts(1, 0, 0), voter_count: 1, chosen_options: [] }, again: true },
          vote(alice, { options: [2] }, { with: counts(1, 1, 0) }),
        ],
      },
      "without a vote, in a draft too, nothing happens": {
        given: [draftPost, poll()],
        as: "teacher",
        send: ofPoll,
        with: { voter_count: 0 },
      },
      "not when the poll is closed": {
        given: [post, poll(), vote(alice, { options: [1] }), close],
        ...alice,
        send: ofPoll,
        answers: closed,
      },
      "there is no such poll": { ...alice, send: { poll_id: missingId }, answers: missing },
      "needs a login": { send: { poll_id: 1 }, answers: "UNAUTHENTICATED" },
    },
    listPollAnswers: {
      "lists texts, the newest first, with names for the author of the post and the staff": {
        given: [post, openPoll(), vote(alice, { answer: "One" }), vote(bob, { answer: "Two" })],
        steps: [
          answers(
            { as: "admin" },
            {
              with: {
                answers: [
                  { text: "Two", voter_id: "$bob", voted_at: timestamp },
                  { text: "One", voter_id: "$alice", voted_at: timestamp },
                ],
                people: [{ id: "$alice" }, { id: "$bob" }],
                next_page_token: "",
              },
            },
          ),
          vote(alice, { answer: "Three" }),
          {
            ...bob,
            send: { ...ofPoll, limit: 1, include: ["people"] },
            with: {
              answers: [{ text: "Three", voter_id: absent, voted_at: absent }],
              people: [],
              next_page_token: matches("."),
            },
            capture: { next: "next_page_token" },
          },
          {
            ...bob,
            send: { ...ofPoll, limit: 1, include: ["people"], page_token: "$next" },
            with: { answers: [{ text: "Two" }], next_page_token: "" },
          },
        ],
      },
      "names nobody in an anonymous poll": {
        given: [post, openPoll({ is_anonymous: true }), vote(alice, { answer: "One" })],
        steps: [
          answers(
            { as: "teacher" },
            { with: { answers: [{ text: "One", voter_id: absent, voted_at: absent }], people: [] } },
          ),
        ],
      },
      "is for those who are shown the results": {
        given: [post, openPoll({ results: "POLL_RESULTS_AFTER_VOTE" }), vote(alice, { answer: "One" })],
        steps: [
          answers(alice, { with: { answers: [{ text: "One" }] } }),
          answers(bob, { answers: "PERMISSION_DENIED" }),
          answers({ as: "teacher" }, { with: { answers: [{ text: "One" }] } }),
        ],
      },
      "a poll with options has none": {
        given: [post, poll(), vote(alice, { options: [1] })],
        steps: [answers(alice, { with: { answers: [] } })],
      },
      "refuses the token of another list": {
        given: [post, openPoll()],
        ...alice,
        send: { ...ofPoll, page_token: "nonsense" },
        answers: "INVALID_PAGE_TOKEN",
      },
      "there is no such poll": { ...alice, send: { poll_id: missingId }, answers: missing },
      "needs a login": { send: { poll_id: 1 }, answers: "UNAUTHENTICATED" },
    },
    exportPollVotes: {
      "a line for each vote, without names in an anonymous poll, as a file that is not kept": {
        given: [post, poll({ is_anonymous: true }), vote(alice, { options: [2] }), vote(bob, { options: [2] })],
        as: "teacher",
        send: ofPoll,
        with: { content_type: "text/csv", data: bytesOf("\ufeffwood,lake,hill\r\n,1,\r\n,1,\r\n") },
        answerHeaders: {
          "cache-control": "no-store",
          "content-disposition": matches('^attachment; filename="poll-\\d+-[-\\d]+\\.csv"$'),
        },
      },
      "is for the author of the post and the staff": {
        given: [post, poll()],
        steps: [
          { ...alice, send: ofPoll, answers: "PERMISSION_DENIED" },
          { as: "admin", send: ofPoll, with: { content_type: "text/csv" } },
        ],
      },
      "there is no such poll": { as: "teacher", send: { poll_id: missingId }, answers: missing },
      "needs a login": { send: { poll_id: 1 }, answers: "UNAUTHENTICATED" },
    },
  },
};
