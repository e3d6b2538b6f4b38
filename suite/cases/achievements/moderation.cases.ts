// Cases of decisions about achievements: each is final, and is told to all who come after.
import { absent, matches, timestamp, type CaseFile, type Step } from "../../../runner/cases/case.js";
import { password } from "../../people.js";
import { missingId } from "../tea-chat.js";
import { accept, draft, freshStudent, handedIn, its, reject, revoke, sees, seesNot } from "./handed-in.js";

const stale = { "If-Match": '"7"' };
const moderated = "ACHIEVEMENT_MODERATED";
const none = { achievement_id: missingId };

/** Hands in $achievement of a person of the case, whose rating is 0 before. */
const ofOwner: Step[] = [
  ...freshStudent("owner.${case}@example.org", password),
  {
    call: "createFile",
    token: "$ownerToken",
    send: { content: { content_type: "application/pdf", data: "JVBERi0xLjQK" }, purpose: "FILE_PURPOSE_DIPLOMA" },
    answers: 201,
    capture: { file: "id" },
  },
  { call: "createAchievement", token: "$ownerToken", send: draft, answers: 201, capture: { achievement: "id" } },
];
const hasRating = (rating: number): Step => ({
  call: "getUser",
  as: "bob",
  send: { user_id: "$owner" },
  with: { rating },
});

export const moderation: CaseFile = {
  subject: "moderation of achievements",
  actors: ["alice", "bob", "teacher", "admin"],
  cases: {
    acceptAchievement: {
      "gives the points, and is told to all who come after": {
        given: ofOwner,
        steps: [
          {
            as: "teacher",
            send: { ...its, points: 50 },
            with: {
              id: "$achievement",
              user_id: "$owner",
              state: "ACHIEVEMENT_STATE_ACCEPTED",
              points: 50,
              reason: absent,
              moderator_id: "$teacher",
              moderated_at: timestamp,
              revoked_by_id: absent,
              version: 2,
            },
          },
          hasRating(50),
          {
            as: "admin",
            send: { ...its, points: 60 },
            answers: moderated,
            with: {
              status: 409,
              detail:
                "Achievement with id=${achievement} is accepted already with 50 points, by user with id=${teacher}",
            },
          },
          {
            as: "teacher",
            send: { ...its, points: 50 },
            answers: moderated,
            with: { detail: matches("accepted already with 50 points, by user with id=\\d+: this was done by you") },
          },
          { ...reject("admin"), answers: moderated },
          hasRating(50),
        ],
      },
      "of twenty at once one is the first, and the points are given once": {
        given: ofOwner,
        steps: [
          { as: "teacher", send: { ...its, points: 7 }, times: 20, answers: { "200": 1, [moderated]: 19 } },
          hasRating(7),
        ],
      },
      "of twenty who accept and twenty who reject one is the first": {
        given: handedIn(),
        noisy: true,
        steps: [
          {
            together: [
              { ...accept(), times: 10, answers: "*" },
              { ...accept("admin"), times: 10, answers: "*" },
              { ...reject(), times: 10, answers: "*" },
              { ...reject("admin"), times: 10, answers: "*" },
            ],
            same: ["state", "moderator_id", "moderated_at"],
          },
          { ...accept(), answers: moderated },
        ],
      },
      "nobody accepts their own, nor does a super admin": {
        given: handedIn("admin"),
        steps: [
          { as: "admin", send: { ...its, points: 1 }, answers: "OWN_ACHIEVEMENT", with: { status: 403 } },
          sees("admin", { state: "ACHIEVEMENT_STATE_PENDING" }),
          accept(),
          { as: "admin", send: { ...its, points: 1 }, answers: "OWN_ACHIEVEMENT" },
        ],
      },
      "is refused to who has seen another version, who is told of a decision": {
        given: handedIn(),
        steps: [
          { call: "getAchievement", as: "teacher", send: its, capture: { tag: "@etag" } },
          { call: "updateAchievement", as: "alice", send: { ...its, title: "Another" } },
          { ...accept(), headers: { "If-Match": "$tag" }, answers: "PRECONDITION_FAILED" },
          { call: "getAchievement", as: "teacher", send: its, capture: { tag: "@etag" } },
          { ...accept(), headers: { "If-Match": "$tag" }, with: { version: 3 } },
          {
            ...accept("admin"),
            headers: { "If-Match": "$tag" },
            answers: "PRECONDITION_FAILED",
            with: { detail: matches("is accepted already with 50 points, by user with id=\\d+$") },
          },
        ],
      },
      "points are from 1 to 1,000": {
        given: handedIn(),
        steps: [
          { ...accept("teacher", 0), violates: { field: "points", rule: "int32.gte" } },
          { ...accept("teacher", 1001), violates: { field: "points", rule: "int32.lte" } },
          { ...accept("teacher", 1000), with: { points: 1000 } },
        ],
      },
      "there is no such achievement, or not for a student": {
        given: handedIn(),
        steps: [
          { as: "teacher", send: { ...none, points: 1 }, answers: "ACHIEVEMENT_NOT_FOUND" },
          { ...accept("alice"), answers: "PERMISSION_DENIED" },
        ],
      },
      "needs a login": { send: { achievement_id: 1, points: 1 }, answers: "UNAUTHENTICATED" },
    },
    rejectAchievement: {
      "has a reason, and is final": {
        given: ofOwner,
        steps: [
          {
            as: "admin",
            send: { ...its, reason: " No diploma\nof yours " },
            with: {
              state: "ACHIEVEMENT_STATE_REJECTED",
              points: absent,
              reason: "No diploma\nof yours",
              moderator_id: "$admin",
              version: 2,
            },
          },
          { ...accept(), answers: moderated, with: { detail: matches("is rejected already, by user with id=\\d+$") } },
          { ...reject("admin"), answers: moderated, with: { detail: matches("this was done by you") } },
          hasRating(0),
        ],
      },
      "of twenty at once one is the first": {
        given: handedIn(),
        as: "admin",
        send: { ...its, reason: "No" },
        times: 20,
        answers: { "200": 1, [moderated]: 19 },
      },
      "needs a reason of at most 500 characters": {
        given: handedIn(),
        steps: [
          { as: "teacher", send: { ...its, reason: "  " }, violates: { field: "reason", rule: "string.min_len" } },
          {
            as: "teacher",
            send: { ...its, reason: "a".repeat(501) },
            violates: { field: "reason", rule: "string.max_len" },
          },
        ],
      },
      "nobody rejects their own": {
        given: handedIn("teacher"),
        as: "teacher",
        send: { ...its, reason: "No" },
        answers: "OWN_ACHIEVEMENT",
      },
      "there is no such achievement, or another version of it": {
        given: handedIn(),
        steps: [
          { as: "teacher", send: { ...none, reason: "No" }, answers: "ACHIEVEMENT_NOT_FOUND" },
          { as: "teacher", send: { ...its, reason: "No" }, headers: stale, answers: "PRECONDITION_FAILED" },
          { ...reject("bob"), answers: "PERMISSION_DENIED" },
        ],
      },
      "needs a login": { send: { achievement_id: 1, reason: "No" }, answers: "UNAUTHENTICATED" },
    },
    revokeAchievement: {
      "takes the points back, and hides it from others": {
        given: [...ofOwner, accept()],
        steps: [
          hasRating(50),
          {
            as: "admin",
            send: { ...its, reason: "A forgery" },
            with: {
              state: "ACHIEVEMENT_STATE_REVOKED",
              points: 50,
              reason: "A forgery",
              moderator_id: "$teacher",
              revoked_by_id: "$admin",
              revoked_at: timestamp,
              version: 3,
            },
          },
          hasRating(0),
          seesNot("bob"),
          { ...revoke(), answers: moderated, with: { detail: matches("is revoked already, by user with id=\\d+$") } },
          { ...accept(), answers: moderated },
          hasRating(0),
        ],
      },
      "of twenty at once one takes them back": {
        given: [...ofOwner, accept()],
        steps: [
          { as: "admin", send: { ...its, reason: "No" }, times: 20, answers: { "200": 1, [moderated]: 19 } },
          hasRating(0),
        ],
      },
      "is refused while it waits, and when it was rejected": {
        given: handedIn(),
        steps: [
          { as: "teacher", send: { ...its, reason: "No" }, answers: "ACHIEVEMENT_NOT_ACCEPTED", with: { status: 409 } },
          reject(),
          { as: "teacher", send: { ...its, reason: "No" }, answers: "ACHIEVEMENT_NOT_ACCEPTED" },
        ],
      },
      "nobody revokes their own": {
        given: [...handedIn("teacher"), accept("admin")],
        as: "teacher",
        send: { ...its, reason: "No" },
        answers: "OWN_ACHIEVEMENT",
      },
      "there is no such achievement, or another version of it": {
        given: [...handedIn(), accept()],
        steps: [
          { as: "teacher", send: { ...none, reason: "No" }, answers: "ACHIEVEMENT_NOT_FOUND" },
          { as: "teacher", send: { ...its, reason: "No" }, headers: stale, answers: "PRECONDITION_FAILED" },
          { ...revoke("alice"), answers: "PERMISSION_DENIED" },
        ],
      },
      "needs a login": { send: { achievement_id: 1, reason: "No" }, answers: "UNAUTHENTICATED" },
    },
  },
};
