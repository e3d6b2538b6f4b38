// Cases of handing in an achievement, of changing and withdrawing it while it waits, and of who sees it.
import { above, absent, matches, timestamp, type CaseFile } from "../../../runner/cases/case.js";
import { missingId } from "../tea-chat.js";
import { text } from "../files/some-files.js";
import { accept, diploma, draft, handedIn, its, reject, sees, seesNot } from "./handed-in.js";

const stale = { "If-Match": '"7"' };
const file = {
  id: "$file",
  name: "диплом.png",
  media_type: "image/png",
  size: 74,
  sha256: matches("^[0-9a-f]{64}$"),
  purpose: "FILE_PURPOSE_DIPLOMA",
  created_at: timestamp,
  claimed_at: timestamp,
};

export const achievements: CaseFile = {
  subject: "achievements",
  actors: ["alice", "bob", "teacher", "admin"],
  cases: {
    createAchievement: {
      "hands it in, with a diploma that is in use from then on": {
        given: [diploma()],
        steps: [
          {
            as: "alice",
            send: { ...draft, title: " ${case} ", description: " two\nlines " },
            answers: 201,
            exactly: {
              id: above(0),
              user_id: "$alice",
              kind: "ACHIEVEMENT_KIND_OLYMPIAD",
              title: "${case}",
              description: "two\nlines",
              state: "ACHIEVEMENT_STATE_PENDING",
              file,
              created_at: timestamp,
              version: 1,
            },
            answerHeaders: { location: matches("/v1/achievements/\\d+$") },
          },
          { call: "deleteFile", as: "alice", send: { file_id: "$file" }, answers: "FILE_NOT_USABLE" },
          { call: "getFile", as: "teacher", send: { file_id: "$file" }, with: { id: "$file" } },
          { call: "getFile", as: "bob", send: { file_id: "$file" }, answers: "FILE_NOT_FOUND" },
        ],
      },
      "needs no description, and a teacher hands in too": {
        given: [diploma("file", "teacher")],
        as: "teacher",
        send: { kind: "ACHIEVEMENT_KIND_EVENT", title: "Conference", file_id: "$file" },
        answers: 201,
        with: { user_id: "$teacher", kind: "ACHIEVEMENT_KIND_EVENT", description: "" },
      },
      "is refused with a file of another, for something else, in use, or that does not exist": {
        given: [diploma("his", "bob"), text, ...handedIn()],
        steps: ["$his", "$text", "$file", missingId].map((file_id) => ({
          as: "alice",
          send: { ...draft, file_id },
          answers: "FILE_NOT_USABLE",
        })),
      },
      "is made once of twenty at once with one diploma": {
        given: [diploma()],
        as: "alice",
        send: draft,
        times: 20,
        answers: { "201": 1, FILE_NOT_USABLE: 19 },
      },
      "sent again with its Idempotency-Key, it is the same one": {
        given: [diploma()],
        as: "alice",
        send: draft,
        headers: { "Idempotency-Key": '"${case}"' },
        answers: 201,
        again: true,
      },
      "needs a kind, a title and a file": {
        as: "alice",
        send: { title: "  " },
        violates: [
          { field: "kind", rule: "enum.in" },
          { field: "title", rule: "string.min_len" },
          { field: "file_id", rule: "int64.gt" },
        ],
      },
      "a title has one line of at most 500 characters, a description 5,000": {
        steps: [
          {
            as: "alice",
            send: { ...draft, file_id: 1, title: "a".repeat(501), description: "b".repeat(5001) },
            violates: [
              { field: "title", rule: "string.max_len" },
              { field: "description", rule: "string.max_len" },
            ],
          },
          {
            as: "alice",
            send: { ...draft, file_id: 1, title: "two\nlines" },
            violates: { field: "title", rule: "text.line_break" },
          },
        ],
      },
      "needs a login": { send: { ...draft, file_id: 1 }, answers: "UNAUTHENTICATED" },
    },
    getAchievement: {
      "its person and staff see it while it waits, and nobody else": {
        given: handedIn(),
        steps: [
          sees("alice", { state: "ACHIEVEMENT_STATE_PENDING", file, version: 1 }),
          sees("teacher", { user_id: "$alice", file }),
          sees("admin", { file }),
          seesNot("bob"),
        ],
      },
      "everybody sees it when it is accepted, and the file as few as before": {
        given: [...handedIn(), accept()],
        steps: [
          sees("bob", { state: "ACHIEVEMENT_STATE_ACCEPTED", points: 50, moderator_id: "$teacher", file: absent }),
          sees("alice", { file }),
          { call: "getFileContent", as: "bob", send: { file_id: "$file" }, answers: "FILE_NOT_FOUND" },
        ],
      },
      "one that is rejected is seen by its person and staff, with the reason": {
        given: [...handedIn(), reject()],
        steps: [
          sees("alice", { state: "ACHIEVEMENT_STATE_REJECTED", reason: "Not yours", points: absent }),
          sees("admin", { moderator_id: "$teacher", moderated_at: timestamp }),
          seesNot("bob"),
        ],
      },
      "there is no such achievement": {
        as: "admin",
        send: { achievement_id: missingId },
        answers: "ACHIEVEMENT_NOT_FOUND",
      },
      "needs a login": { send: { achievement_id: 1 }, answers: "UNAUTHENTICATED" },
    },
    updateAchievement: {
      "changes what is given, and leaves the rest": {
        given: handedIn(),
        steps: [
          {
            as: "alice",
            send: { ...its, title: " New " },
            with: { title: "New", description: "Second place", version: 2 },
          },
          {
            as: "alice",
            send: { ...its, kind: "ACHIEVEMENT_KIND_EVENT", description: "" },
            with: { kind: "ACHIEVEMENT_KIND_EVENT", title: "New", description: "", file, version: 3 },
          },
          { as: "alice", send: { ...its, title: "New", file_id: "$file" }, with: { version: 3 } },
        ],
      },
      "another diploma takes the place of the one before, which is deleted": {
        given: [...handedIn(), diploma("next")],
        steps: [
          { as: "alice", send: { ...its, file_id: "$next" }, with: { file: { id: "$next" }, version: 2 } },
          { call: "getFile", as: "alice", send: { file_id: "$file" }, answers: "FILE_NOT_FOUND" },
          { as: "alice", send: { ...its, file_id: "$file" }, answers: "FILE_NOT_USABLE" },
          sees("alice", { file: { id: "$next" }, version: 2 }),
        ],
      },
      "is refused once somebody has decided, and the detail says who": {
        given: [...handedIn(), accept()],
        as: "alice",
        send: { ...its, title: "New" },
        answers: "ACHIEVEMENT_MODERATED",
        with: { status: 409, detail: matches("is accepted already with 50 points, by user with id=\\d+$") },
      },
      "is refused to others, for whom it exists or not": {
        given: handedIn(),
        steps: [
          { as: "teacher", send: { ...its, title: "New" }, answers: "PERMISSION_DENIED" },
          { as: "bob", send: { ...its, title: "New" }, answers: "ACHIEVEMENT_NOT_FOUND" },
          accept(),
          { as: "bob", send: { ...its, title: "New" }, answers: "PERMISSION_DENIED" },
        ],
      },
      "is refused to who has seen another version": {
        given: handedIn(),
        steps: [
          { as: "alice", send: { ...its, title: "New" }, headers: stale, answers: "PRECONDITION_FAILED" },
          { call: "getAchievement", as: "alice", send: its, capture: { tag: "@etag" }, with: { version: 1 } },
          { as: "alice", send: { ...its, title: "New" }, headers: { "If-Match": "$tag" }, with: { version: 2 } },
        ],
      },
      "needs a login": { send: { achievement_id: 1 }, answers: "UNAUTHENTICATED" },
    },
    withdrawAchievement: {
      "deletes it while it waits, with its diploma, once": {
        given: handedIn(),
        steps: [
          { as: "alice", send: its, answers: 204 },
          { as: "alice", send: its, answers: "ACHIEVEMENT_NOT_FOUND" },
          seesNot("teacher"),
          { call: "getFile", as: "alice", send: { file_id: "$file" }, answers: "FILE_NOT_FOUND" },
          { ...accept(), answers: "ACHIEVEMENT_NOT_FOUND" },
        ],
      },
      "one of twenty at once succeeds": {
        given: handedIn(),
        as: "alice",
        send: its,
        times: 20,
        answers: { "204": 1, ACHIEVEMENT_NOT_FOUND: 19 },
      },
      "is refused once somebody has decided": {
        given: [...handedIn(), reject()],
        steps: [
          { as: "alice", send: its, answers: "ACHIEVEMENT_MODERATED" },
          sees("alice", { state: "ACHIEVEMENT_STATE_REJECTED", file }),
        ],
      },
      "is refused to others, and to who has seen another version": {
        given: handedIn(),
        steps: [
          { as: "admin", send: its, answers: "PERMISSION_DENIED" },
          { as: "alice", send: its, headers: stale, answers: "PRECONDITION_FAILED" },
        ],
      },
      "needs a login": { send: { achievement_id: 1 }, answers: "UNAUTHENTICATED" },
    },
  },
};
