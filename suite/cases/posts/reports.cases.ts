// Cases of reports of posts and comments, and of what the staff make of them.
import { absent, matches, timestamp, type CaseFile, type Step } from "../../../runner/cases/case.js";
import { missingId } from "../tea-chat.js";
import { anna, boris, comment, forGroup, post, reported, twoStudents, write } from "./school-posts.js";

const missing = "REPORT_NOT_FOUND";
const report = (as: string, answers: Step["answers"] = 204): Step => ({
  call: "reportPost",
  as,
  send: { post_id: "$post", reason: "rude" },
  answers,
});
const resolve = (decision: string, by: string, answer: Pick<Step, "answers" | "with"> = {}): Step => ({
  call: "resolveReport",
  as: by,
  send: { report_id: "$report", decision },
  ...answer,
});

export const reports: CaseFile = {
  subject: "reports",
  actors: ["alice", "bob", "teacher", "admin"],
  cases: {
    reportPost: {
      "reports a post, once as long as nobody has decided": {
        given: [post],
        steps: [
          { as: "bob", send: { post_id: "$post", reason: " rude " }, answers: 204 },
          { as: "bob", send: { post_id: "$post", reason: "very rude" }, answers: "ALREADY_REPORTED" },
          report("alice"),
          {
            call: "listReports",
            as: "admin",
            send: { post_id: "$post" },
            with: {
              reports: [
                {
                  post_id: "$post",
                  comment_id: absent,
                  author_id: "$teacher",
                  title: "Trip ${case}",
                  text: "We meet **at nine**.",
                  is_text_cut: false,
                  removed_at: absent,
                  reporter_id: "$bob",
                  reason: "rude",
                  created_at: timestamp,
                  state: "REPORT_STATE_OPEN",
                  resolved_at: absent,
                  resolved_by_id: absent,
                  note: "",
                  open_count: 2,
                },
                { reporter_id: "$alice" },
              ],
              open_count: 2,
            },
            capture: { report: "reports[0].id" },
          },
          resolve("dismiss", "admin"),
          report("bob"),
        ],
      },
      "nobody reports their own post": {
        given: [post],
        as: "teacher",
        send: { post_id: "$post", reason: "me" },
        answers: "PERMISSION_DENIED",
      },
      "there is no such post": {
        given: [...twoStudents, write(anna, forGroup)],
        steps: [
          { as: "bob", send: { post_id: missingId, reason: "rude" }, answers: "POST_NOT_FOUND" },
          { ...boris, send: { post_id: "$post", reason: "rude" }, answers: "POST_NOT_FOUND" },
        ],
      },
      "needs a login": { send: { post_id: 1, reason: "rude" }, answers: "UNAUTHENTICATED" },
    },
    reportComment: {
      "reports a comment, once as long as nobody has decided": {
        given: [post, comment("first", { as: "alice" })],
        steps: [
          { as: "bob", send: { comment_id: "$first", reason: "rude" }, answers: 204 },
          { as: "bob", send: { comment_id: "$first", reason: "rude" }, answers: "ALREADY_REPORTED" },
          {
            call: "listReports",
            as: "teacher",
            send: { post_id: "$post" },
            with: {
              reports: [{ comment_id: "$first", author_id: "$alice", title: "Trip ${case}", text: "Words of first" }],
            },
          },
        ],
      },
      "nobody reports their own comment": {
        given: [post, comment("first", { as: "alice" })],
        as: "alice",
        send: { comment_id: "$first", reason: "me" },
        answers: "PERMISSION_DENIED",
      },
      "there is no such comment": {
        as: "bob",
        send: { comment_id: missingId, reason: "rude" },
        answers: "COMMENT_NOT_FOUND",
      },
      "needs a login": { send: { comment_id: 1, reason: "rude" }, answers: "UNAUTHENTICATED" },
    },
    listReports: {
      "lists those that are open, the oldest first, unless another state is asked for": {
        given: [post, ...reported, report("alice")],
        steps: [
          {
            as: "admin",
            send: { post_id: "$post", limit: 1 },
            with: { reports: [{ id: "$report", reporter_id: "$bob" }], next_page_token: matches("."), open_count: 2 },
          },
          resolve("remove", "admin", { with: { state: "REPORT_STATE_REMOVED" } }),
          { as: "admin", send: { post_id: "$post" }, with: { reports: [], open_count: 0 } },
          {
            as: "admin",
            send: { post_id: "$post", state: "REPORT_STATE_REMOVED", author_id: "$teacher" },
            with: { reports: [{ id: "$report", removed_at: timestamp }, { reporter_id: "$alice" }] },
          },
        ],
      },
      "shows nobody who has reported what they wrote, of the staff neither": {
        given: [post, ...reported],
        steps: [
          { as: "teacher", send: { post_id: "$post" }, with: { reports: [], open_count: 0 } },
          { call: "getReport", as: "teacher", send: { report_id: "$report" }, answers: missing },
          resolve("dismiss", "teacher", { answers: missing }),
          { as: "bob", send: { post_id: "$post" }, answers: "PERMISSION_DENIED" },
        ],
      },
      "refuses what is no token of it": {
        as: "admin",
        send: { page_token: "nonsense" },
        answers: "INVALID_PAGE_TOKEN",
      },
      "needs a login": { answers: "UNAUTHENTICATED" },
    },
    getReport: {
      "shows the whole text, also of what was removed": {
        given: [
          write({ as: "teacher" }, { title: "Long ${case}", text: "я".repeat(1_001), is_for_all: true, publish: true }),
          ...reported,
          { call: "deletePost", as: "teacher", send: { post_id: "$post" }, answers: 204 },
        ],
        steps: [
          {
            as: "admin",
            send: { report_id: "$report" },
            with: { text: "я".repeat(1_001), is_text_cut: false, removed_at: timestamp, state: "REPORT_STATE_OPEN" },
          },
          {
            call: "listReports",
            as: "admin",
            send: { post_id: "$post" },
            with: { reports: [{ text: "я".repeat(1_000), is_text_cut: true }] },
          },
        ],
      },
      "there is no such report": { as: "admin", send: { report_id: missingId }, answers: missing },
      "needs a login": { send: { report_id: 1 }, answers: "UNAUTHENTICATED" },
    },
    resolveReport: {
      "dismisses all open reports of a post, once, and the second is told who was first": {
        given: [post, ...reported, report("alice")],
        steps: [
          {
            as: "admin",
            send: { report_id: "$report", decision: "dismiss", note: "A joke" },
            with: {
              id: "$report",
              state: "REPORT_STATE_DISMISSED",
              resolved_at: timestamp,
              resolved_by_id: "$admin",
              note: "A joke",
              open_count: 0,
              removed_at: absent,
            },
          },
          { ...resolve("remove", "admin", { answers: "REPORT_RESOLVED" }) },
          { call: "getPost", as: "bob", send: { post_id: "$post" }, with: { id: "$post" } },
          {
            call: "listAuditEvents",
            as: "admin",
            send: { target_type: "report", target_id: "${report}" },
            with: { events: [{ action: "report.dismiss", actor_id: "$admin" }] },
          },
        ],
      },
      "removes a post, and resolves the reports of its comments": {
        given: [
          post,
          comment("first", { as: "alice" }),
          ...reported,
          { call: "reportComment", as: "bob", send: { comment_id: "$first", reason: "rude" }, answers: 204 },
        ],
        steps: [
          resolve("remove", "admin", { with: { state: "REPORT_STATE_REMOVED", removed_at: timestamp } }),
          { call: "getPost", as: "teacher", send: { post_id: "$post" }, answers: "POST_NOT_FOUND" },
          { call: "listReports", as: "admin", send: { post_id: "$post" }, with: { reports: [], open_count: 0 } },
        ],
      },
      "removes a comment alone": {
        given: [
          post,
          comment("first", { as: "alice" }),
          { call: "reportComment", as: "bob", send: { comment_id: "$first", reason: "rude" }, answers: 204 },
          {
            call: "listReports",
            as: "teacher",
            send: { post_id: "$post" },
            with: { reports: [{ comment_id: "$first" }] },
            capture: { report: "reports[0].id" },
          },
        ],
        steps: [
          resolve("remove", "teacher", { with: { text: "Words of first", removed_at: timestamp } }),
          { call: "getComment", as: "alice", send: { comment_id: "$first" }, answers: "COMMENT_NOT_FOUND" },
          { call: "getPost", as: "alice", send: { post_id: "$post" }, with: { comment_count: 0 } },
        ],
      },
      "the staff who remove a post decide on its reports too": {
        given: [post, ...reported],
        steps: [
          { call: "deletePost", as: "admin", send: { post_id: "$post" }, answers: 204 },
          resolve("dismiss", "admin", { answers: "REPORT_RESOLVED" }),
        ],
      },
      "of twenty at once one decides": {
        given: [post, ...reported],
        as: "admin",
        send: { report_id: "$report", decision: "remove" },
        times: 20,
        answers: { "200": 1, REPORT_RESOLVED: 19 },
      },
      "needs a decision": {
        as: "admin",
        send: { report_id: 1 },
        violates: { field: "decision", rule: "string.in" },
      },
      "there is no such report": { as: "admin", send: { report_id: missingId, decision: "dismiss" }, answers: missing },
      "needs a login": { send: { report_id: 1, decision: "dismiss" }, answers: "UNAUTHENTICATED" },
    },
  },
};
