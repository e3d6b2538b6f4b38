// Cases of the updates that could not be taken: a server that works has none.
import { absent, type CaseFile } from "../../runner/cases/case.js";
import { missingId } from "./tea-chat.js";

export const updates: CaseFile = {
  subject: "updates",
  actors: ["alice", "teacher", "admin"],
  cases: {
    listFailedUpdates: {
      "there is none": { as: "admin", with: { failed_updates: [], count: 0 } },
      "nor is one set aside": { as: "admin", send: { is_set_aside: true }, with: { failed_updates: [], count: 0 } },
      "is not for a student, nor for a teacher": {
        steps: [
          { as: "alice", answers: "PERMISSION_DENIED", with: { failed_updates: absent } },
          { as: "teacher", answers: "PERMISSION_DENIED" },
        ],
      },
      "needs a login": { answers: "UNAUTHENTICATED" },
    },
    retryFailedUpdates: {
      "ids without a failed update are passed over": { as: "admin", send: { ids: [missingId] }, with: { count: 0 } },
      "ids are above zero": { as: "admin", send: { ids: [1, 0] }, violates: { field: "ids[1]", rule: "int64.gt" } },
      "is not for a teacher": { as: "teacher", answers: "PERMISSION_DENIED" },
      "needs a login": { answers: "UNAUTHENTICATED" },
    },
    discardFailedUpdates: {
      "ids without a failed update are passed over": { as: "admin", send: { ids: [missingId] }, with: { count: 0 } },
      "no ids are refused": { as: "admin", violates: { field: "ids", rule: "repeated.min_items" } },
      "is not for a teacher": { as: "teacher", send: { ids: [1] }, answers: "PERMISSION_DENIED" },
      "needs a login": { answers: "UNAUTHENTICATED" },
    },
  },
};
