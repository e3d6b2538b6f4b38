// Cases of the jobs of the server: which there are at a moment is not known, and that no id of none is one.
import { absent, type CaseFile } from "../../runner/cases/case.js";
import { missingId } from "./tea-chat.js";

export const jobs: CaseFile = {
  subject: "jobs",
  actors: ["alice", "teacher", "admin"],
  cases: {
    listJobs: {
      "are listed": { as: "admin", noisy: true },
      "are chosen by state, task and id": {
        steps: [
          { as: "admin", send: { state: "JOB_STATE_RUNNING", below_id: 1 }, with: { jobs: [], count: 0 } },
          { as: "admin", send: { task: "none of this name" }, with: { jobs: [], count: 0 } },
        ],
      },
      "a state is one of a job": {
        as: "admin",
        send: { state: "JOB_STATE_UNSPECIFIED" },
        violates: { field: "state", rule: "enum.in" },
      },
      "is not for a student, nor for a teacher": {
        steps: [
          { as: "alice", answers: "PERMISSION_DENIED", with: { jobs: absent } },
          { as: "teacher", answers: "PERMISSION_DENIED" },
        ],
      },
      "needs a login": { answers: "UNAUTHENTICATED" },
    },
    retryJobs: {
      "ids without a job are passed over": { as: "admin", send: { ids: [missingId] }, with: { count: 0 } },
      "ids are above zero": { as: "admin", send: { ids: [1, 0] }, violates: { field: "ids[1]", rule: "int64.gt" } },
      "is not for a teacher": { as: "teacher", send: { ids: [missingId] }, answers: "PERMISSION_DENIED" },
      "needs a login": { answers: "UNAUTHENTICATED" },
    },
    cancelJobs: {
      "ids without a job are passed over": { as: "admin", send: { ids: [missingId] }, with: { count: 0 } },
      "no ids are refused": { as: "admin", violates: { field: "ids", rule: "repeated.min_items" } },
      "is not for a teacher": { as: "teacher", send: { ids: [missingId] }, answers: "PERMISSION_DENIED" },
      "needs a login": { answers: "UNAUTHENTICATED" },
    },
  },
};
