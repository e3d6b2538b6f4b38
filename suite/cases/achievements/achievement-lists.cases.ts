// Cases of lists of achievements, of their numbers, and of their export.
import { absent, including, matches, type CaseFile, type Fields, type Step } from "../../../runner/cases/case.js";
import { password } from "../../people.js";
import { missingId } from "../tea-chat.js";
import { accept, freshStudent, handedIn, reject } from "./handed-in.js";

const second = "ACHIEVEMENT_KIND_EVENT";
/** Two of alice: the second is an event. */
const two: Step[] = [
  ...handedIn("alice", {}, { first: "id", begun: "created_at" }),
  ...handedIn("alice", { kind: second, title: "Концерт ${case}" }),
];
const pending = (send: Fields, with_: Fields): Step => ({
  call: "listPendingAchievements",
  as: "teacher",
  send: { query: "${case}", ...send },
  with: with_,
});
const [olympiad, event] = [{ id: "$first" }, { id: "$achievement" }];
/** A token of the queue. */
const pageOfOne: Step = {
  ...pending({ limit: 1 }, { achievements: [olympiad], total_count: 2 }),
  capture: { next: "next_page_token" },
};
const nobody = { user_id: missingId };

export const achievementLists: CaseFile = {
  subject: "lists of achievements",
  actors: ["alice", "bob", "teacher", "admin"],
  cases: {
    listMyAchievements: {
      "has those of the caller in every state, the newest first": {
        given: [...two, reject()],
        noisy: true,
        steps: [
          {
            as: "alice",
            send: { limit: 2 },
            with: {
              achievements: [
                { id: "$achievement", state: "ACHIEVEMENT_STATE_REJECTED", reason: "Not yours", file: { id: "$file" } },
                { id: "$first", state: "ACHIEVEMENT_STATE_PENDING" },
              ],
            },
          },
          { as: "alice", send: { limit: 1, state: "ACHIEVEMENT_STATE_REJECTED" }, with: { achievements: [event] } },
          { as: "alice", send: { limit: 1, kind: "ACHIEVEMENT_KIND_OLYMPIAD" }, with: { achievements: [olympiad] } },
        ],
      },
      "has none of others": { as: "bob", exactly: { achievements: [], next_page_token: "" } },
      "a page token that no page had is refused": {
        as: "alice",
        send: { page_token: "x" },
        answers: "INVALID_PAGE_TOKEN",
      },
      "needs a login": { answers: "UNAUTHENTICATED" },
    },
    listPendingAchievements: {
      "has those that wait, the oldest first, and how many there are": {
        given: two,
        steps: [
          pageOfOne,
          pending(
            { limit: 1, page_token: "$next" },
            { achievements: [event], total_count: 2, next_page_token: "", people: [] },
          ),
          pending({ sort: "-created_at" }, { achievements: [event, olympiad] }),
          accept(),
          pending({}, { achievements: [olympiad], total_count: 1 }),
        ],
      },
      "is filtered by kind, person, time and words of the title, in any case and order": {
        given: two,
        steps: [
          pending({ kind: second }, { achievements: [event], total_count: 1 }),
          pending({ user_id: "$alice" }, { achievements: [olympiad, event] }),
          pending({ user_id: "$bob" }, { achievements: [], total_count: 0 }),
          pending({ created_before: "$begun" }, { achievements: [] }),
          pending({ created_after: "2000-01-01T00:00:00Z" }, { total_count: 2 }),
          pending({ query: "${case} ОЛИМП" }, { achievements: [olympiad] }),
          pending({ query: "концерт ${case}" }, { achievements: [event] }),
          pending({ query: "${case} nowhere" }, { achievements: [], total_count: 0 }),
        ],
      },
      "is filtered by the group in which people are now": {
        given: [
          ...freshStudent("grouped.${case}@example.org", password),
          {
            call: "createFile",
            token: "$ownerToken",
            send: {
              content: { content_type: "application/pdf", data: "JVBERi0xLjQK" },
              purpose: "FILE_PURPOSE_DIPLOMA",
            },
            answers: 201,
            capture: { file: "id" },
          },
          {
            call: "createAchievement",
            token: "$ownerToken",
            send: { kind: second, title: "Grouped ${case}", file_id: "$file" },
            answers: 201,
            capture: { achievement: "id" },
          },
          {
            call: "createGroup",
            as: "teacher",
            send: { name: "Group ${case}" },
            answers: 201,
            capture: { group: "id" },
          },
        ],
        steps: [
          pending({ group_id: "$group" }, { achievements: [], total_count: 0 }),
          { call: "addGroupMembers", as: "teacher", send: { group_id: "$group", user_ids: ["$owner"] } },
          pending({ group_id: "$group" }, { achievements: [event], total_count: 1 }),
          {
            call: "getAchievementStats",
            as: "teacher",
            send: { group_id: "$group" },
            exactly: { counts: [{ state: "ACHIEVEMENT_STATE_PENDING", kind: second, count: 1, points: 0 }] },
          },
        ],
      },
      "has the people beside them, when they are asked for": {
        // Their rating rises with what others accept.
        noisy: true,
        given: two,
        steps: [pending({ include: ["people"] }, { people: [{ id: "$alice", last_name: matches(".") }] })],
      },
      "a page token of another search is refused": {
        given: [...two, pageOfOne],
        as: "teacher",
        send: { query: "other", page_token: "$next" },
        answers: "INVALID_PAGE_TOKEN",
      },
      "a query with too many words is refused": {
        as: "teacher",
        send: { query: "a b c d e f g h i j k l m n o p q r s t u" },
        answers: "SEARCH_TOO_BROAD",
      },
      "is not for students": { as: "alice", answers: "PERMISSION_DENIED" },
      "needs a login": { answers: "UNAUTHENTICATED" },
    },
    listUserAchievements: {
      "has the accepted ones for others, without their files, and all for staff and for the person": {
        given: [...two, accept()],
        noisy: true,
        steps: [
          {
            as: "bob",
            send: { user_id: "$alice", limit: 1 },
            with: { achievements: [{ ...event, points: 50, file: absent }] },
          },
          {
            as: "bob",
            send: { user_id: "$alice", state: "ACHIEVEMENT_STATE_PENDING" },
            exactly: { achievements: [], next_page_token: "" },
          },
          { as: "teacher", send: { user_id: "$alice", limit: 2 }, with: { achievements: [event, olympiad] } },
          {
            as: "alice",
            send: { user_id: "$alice", limit: 2 },
            with: { achievements: [{ file: { id: "$file" } }, olympiad] },
          },
          {
            as: "admin",
            send: {
              user_id: "$alice",
              state: "ACHIEVEMENT_STATE_PENDING",
              kind: "ACHIEVEMENT_KIND_OLYMPIAD",
              limit: 1,
            },
            with: { achievements: [olympiad] },
          },
        ],
      },
      "there is no such person": { as: "bob", send: nobody, answers: "USER_NOT_FOUND" },
      "a page token that no page had is refused": {
        as: "bob",
        send: { user_id: "$alice", page_token: "x" },
        answers: "INVALID_PAGE_TOKEN",
      },
      "needs a login": { send: { user_id: 1 }, answers: "UNAUTHENTICATED" },
    },
    getUserAchievementStats: {
      "counts what the caller sees, by state and kind": {
        given: [
          ...freshStudent("counted.${case}@example.org", password),
          ...["one", "two"].flatMap((title): Step[] => [
            {
              call: "createFile",
              token: "$ownerToken",
              send: {
                content: { content_type: "application/pdf", data: "JVBERi0xLjQK" },
                purpose: "FILE_PURPOSE_DIPLOMA",
              },
              answers: 201,
              capture: { file: "id" },
            },
            {
              call: "createAchievement",
              token: "$ownerToken",
              send: { kind: second, title, file_id: "$file" },
              answers: 201,
              capture: { achievement: "id" },
            },
          ]),
          accept(),
        ],
        steps: [
          {
            as: "teacher",
            send: { user_id: "$owner" },
            exactly: {
              counts: [
                { state: "ACHIEVEMENT_STATE_PENDING", kind: second, count: 1, points: 0 },
                { state: "ACHIEVEMENT_STATE_ACCEPTED", kind: second, count: 1, points: 50 },
              ],
            },
          },
          {
            as: "bob",
            send: { user_id: "$owner" },
            exactly: { counts: [{ state: "ACHIEVEMENT_STATE_ACCEPTED", kind: second, count: 1, points: 50 }] },
          },
          { as: "teacher", send: { user_id: "$bob" }, exactly: { counts: [] } },
        ],
      },
      "there is no such person": { as: "bob", send: nobody, answers: "USER_NOT_FOUND" },
      "needs a login": { send: { user_id: 1 }, answers: "UNAUTHENTICATED" },
    },
    getAchievementStats: {
      "counts those of the school, by state and kind": {
        given: [...two, accept()],
        noisy: true,
        steps: [
          { as: "teacher", with: { counts: including({ state: "ACHIEVEMENT_STATE_ACCEPTED", kind: second }) } },
          { as: "admin", send: { created_before: "2000-01-01T00:00:00Z" }, exactly: { counts: [] } },
        ],
      },
      "is not for students": { as: "alice", answers: "PERMISSION_DENIED" },
      "needs a login": { answers: "UNAUTHENTICATED" },
    },
    exportAchievements: {
      "is a zip that is not kept": {
        given: [...handedIn("alice", { kind: second }), accept()],
        noisy: true,
        as: "teacher",
        send: { user_id: "$alice", kind: second },
        // The first bytes of a zip.
        with: { content_type: "application/zip", data: matches("^UEsDB") },
        answerHeaders: {
          "cache-control": "no-store",
          "content-disposition": matches('^attachment; filename="achievements-[-\\d]+\\.zip"$'),
        },
      },
      "that of nothing has a list without entries": {
        as: "admin",
        send: { created_before: "2000-01-01T00:00:00Z" },
        with: { content_type: "application/zip", data: matches("^UEsDB") },
        noisy: true,
      },
      "is not for students": { as: "alice", answers: "PERMISSION_DENIED" },
      "needs a login": { answers: "UNAUTHENTICATED" },
    },
  },
};
