// Cases of polls themselves: made, read, moved, closed and deleted.
import { absent, matches, timestamp, type CaseFile } from "../../../runner/cases/case.js";
import { missingId } from "../tea-chat.js";
import { close, mismatch, openPoll, openQuestion, poll, pollBy, question, see, vote } from "./school-polls.js";
import { anna, boris, draftPost, forGroup, groupPost, post, twoStudents, write } from "./school-posts.js";

const denied = "PERMISSION_DENIED";
const missing = "POLL_NOT_FOUND";
const later = "2999-01-01T12:00:00Z";
const inPost = { post_id: "$post" };
const ofPoll = { poll_id: "$poll" };
const multiple = { ...question, kind: "POLL_KIND_MULTIPLE" };

export const polls: CaseFile = {
  subject: "polls",
  actors: ["alice", "bob", "teacher", "admin"],
  cases: {
    createPoll: {
      "asks for one of several options, and the post names it": {
        given: [post],
        steps: [
          { call: "getPost", as: "alice", send: inPost, with: { poll_id: absent } },
          {
            as: "teacher",
            send: { ...inPost, question: " Where to? ", options: [" wood ", "lake"], min_choices: 2, max_choices: 2 },
            answers: 201,
            with: {
              post_id: "$post",
              author_id: "$teacher",
              question: "Where to?",
              kind: "POLL_KIND_SINGLE",
              options: [
                { number: 1, text: "wood", vote_count: 0 },
                { number: 2, text: "lake", vote_count: 0 },
              ],
              min_choices: 1,
              max_choices: 1,
              results: "POLL_RESULTS_ALWAYS",
              is_anonymous: false,
              created_at: timestamp,
              closes_at: absent,
              is_closed: false,
              voter_count: 0,
              are_results_shown: true,
              chosen_options: [],
              answer: absent,
              voted_at: absent,
              version: 1,
            },
            answerHeaders: { location: matches("/v1/polls/\\d+$") },
            capture: { poll: "id" },
          },
          { call: "getPost", as: "alice", send: inPost, with: { poll_id: "$poll" } },
          { call: "listPosts", as: "alice", send: { search: "${case}" }, with: { posts: [{ poll_id: "$poll" }] } },
        ],
      },
      "asks for several, with a least and a greatest number": {
        given: [post],
        steps: [
          {
            as: "teacher",
            send: { ...inPost, ...multiple, min_choices: 2, is_anonymous: true, closes_at: later },
            answers: 201,
            with: { min_choices: 2, max_choices: 3, is_anonymous: true, closes_at: "2999-01-01T12:00:00.000Z" },
          },
        ],
      },
      "asks for a text, in a draft too": {
        given: [draftPost],
        as: "teacher",
        send: { ...inPost, ...openQuestion, min_choices: 2, results: "POLL_RESULTS_AFTER_CLOSE" },
        answers: 201,
        with: { options: [], min_choices: 0, max_choices: 0, results: "POLL_RESULTS_AFTER_CLOSE" },
      },
      "the staff make one in the post of a student, and other students do not": {
        given: [...twoStudents, write(anna, forGroup)],
        steps: [
          { as: "teacher", send: { ...inPost, ...question }, answers: 201, with: { author_id: "$teacher" } },
          { ...boris, send: { ...inPost, ...question }, answers: "POST_NOT_FOUND" },
          { call: "addGroupMembers", as: "teacher", send: { group_id: "$group", user_ids: ["$boris"] } },
          { ...boris, send: { ...inPost, ...question }, answers: denied },
        ],
      },
      "a post has one": {
        given: [post, poll()],
        as: "teacher",
        send: { ...inPost, ...question },
        answers: "POST_HAS_POLL",
      },
      "options fit what is asked for": {
        given: [post],
        steps: [
          { as: "teacher", send: { ...inPost, question: "Where?", options: ["wood"] }, ...mismatch("options") },
          { as: "teacher", send: { ...inPost, question: "Where?" }, ...mismatch("options") },
          {
            as: "teacher",
            send: { ...inPost, ...openQuestion, options: ["wood", "lake"] },
            ...mismatch("options"),
          },
          {
            as: "teacher",
            send: { ...inPost, ...question, options: ["wood", " wood"] },
            violates: { field: "options", rule: "repeated.unique" },
          },
          {
            as: "teacher",
            send: { ...inPost, ...multiple, max_choices: 4 },
            ...mismatch("max_choices"),
          },
          {
            as: "teacher",
            send: { ...inPost, ...multiple, min_choices: 3, max_choices: 2 },
            ...mismatch("min_choices"),
          },
          {
            as: "teacher",
            send: { ...inPost, ...question, closes_at: "2026-01-01T00:00:00Z" },
            violates: { field: "closes_at", rule: "timestamp.gt_now" },
          },
        ],
      },
      "there is no such post": {
        as: "teacher",
        send: { post_id: missingId, ...question },
        answers: "POST_NOT_FOUND",
      },
      "needs a login": { send: { post_id: 1, ...question }, answers: "UNAUTHENTICATED" },
    },
    getPoll: {
      "is for those who may read the post": {
        given: [...twoStudents, groupPost, poll()],
        steps: [
          see(anna, { with: { question: "Where to? ${case}" } }),
          see({ as: "admin" }, { with: { id: "$poll" } }),
          see(boris, { answers: missing }),
        ],
      },
      "is gone with its post": {
        given: [post, poll()],
        steps: [
          { call: "deletePost", as: "teacher", send: inPost, answers: 204 },
          see({ as: "alice" }, { answers: missing }),
          see({ as: "teacher" }, { answers: missing }),
        ],
      },
      "of a draft is its author's alone": {
        given: [draftPost, poll()],
        steps: [
          see({ as: "teacher" }, { with: { id: "$poll" } }),
          see({ as: "admin" }, { answers: missing }),
          see({ as: "alice" }, { answers: missing }),
        ],
      },
      "there is no such poll": { as: "alice", send: { poll_id: missingId }, answers: missing },
      "needs a login": { send: { poll_id: 1 }, answers: "UNAUTHENTICATED" },
    },
    updatePoll: {
      "moves the closing time, and takes it away": {
        given: [post, poll()],
        steps: [
          {
            as: "teacher",
            send: { ...ofPoll, closes_at: later },
            with: { closes_at: "2999-01-01T12:00:00.000Z", version: 2 },
          },
          { as: "admin", send: { ...ofPoll, closes_at: later }, with: { version: 2 } },
          { as: "admin", send: ofPoll, with: { closes_at: "2999-01-01T12:00:00.000Z", version: 2 } },
          {
            as: "admin",
            send: { ...ofPoll, closes_at: later, never_closes: true },
            with: { closes_at: absent, version: 3 },
          },
          { as: "alice", send: { ...ofPoll, closes_at: later }, answers: denied },
        ],
      },
      "not of a poll that is closed": {
        given: [post, poll(), close],
        steps: [
          { as: "teacher", send: { ...ofPoll, closes_at: later }, answers: "POLL_CLOSED" },
          { as: "teacher", send: { ...ofPoll, never_closes: true }, answers: "POLL_CLOSED" },
        ],
      },
      "in the version that was read": {
        given: [post, poll()],
        as: "teacher",
        send: { ...ofPoll, closes_at: later },
        headers: { "If-Match": '"7"' },
        answers: "PRECONDITION_FAILED",
      },
      "there is no such poll": { as: "teacher", send: { poll_id: missingId }, answers: missing },
      "needs a login": { send: { poll_id: 1 }, answers: "UNAUTHENTICATED" },
    },
    closePoll: {
      "closes it now, once": {
        given: [post, poll({ closes_at: later })],
        steps: [
          {
            as: "teacher",
            send: ofPoll,
            with: { is_closed: true, closes_at: timestamp, version: 2 },
            capture: { at: "closes_at" },
          },
          { as: "admin", send: ofPoll, with: { is_closed: true, closes_at: "$at", version: 2 } },
          { as: "alice", send: ofPoll, answers: denied },
        ],
      },
      "there is no such poll": { as: "teacher", send: { poll_id: missingId }, answers: missing },
      "needs a login": { send: { poll_id: 1 }, answers: "UNAUTHENTICATED" },
    },
    deletePoll: {
      "without votes, and the post can have another": {
        given: [post, poll()],
        steps: [
          { as: "alice", send: ofPoll, answers: denied },
          vote({ as: "alice" }, { options: [1] }),
          { as: "teacher", send: ofPoll, answers: "POLL_HAS_VOTES" },
          { call: "takeBackPollVote", as: "alice", send: ofPoll, with: { voter_count: 0 } },
          { as: "teacher", send: ofPoll, answers: 204 },
          see({ as: "alice" }, { answers: missing }),
          openPoll(),
        ],
      },
      "in the version that was read": {
        given: [post, poll()],
        as: "teacher",
        send: ofPoll,
        headers: { "If-Match": '"7"' },
        answers: "PRECONDITION_FAILED",
      },
      "students delete that of their own post": {
        given: [...twoStudents, write(anna, forGroup), pollBy({ as: "teacher" })],
        steps: [{ ...anna, send: ofPoll, answers: 204 }],
      },
      "there is no such poll": { as: "teacher", send: { poll_id: missingId }, answers: missing },
      "needs a login": { send: { poll_id: 1 }, answers: "UNAUTHENTICATED" },
    },
  },
};
