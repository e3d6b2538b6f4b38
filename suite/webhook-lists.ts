// Lists of webhooks, with more rows than one page shows.
import type { Step } from "../runner/cases/case.js";
import type { ListOfRows } from "../runner/suite.js";

const url = "https://hooks.school.example/rows/${case}";
const test: Step = { call: "testWebhook", as: "admin", send: { webhook_id: "$hook" } };

export const webhookDeliveries: ListOfRows = {
  actors: ["admin"],
  given: [
    { call: "createWebhook", as: "admin", send: { url, kinds: ["medal.*"] }, answers: 201, capture: { hook: "id" } },
    { ...test, turns: 13 },
    // At once, so that some have one time.
    { ...test, times: 9, answers: { "200": 9 } },
  ],
  as: "admin",
  requests: [{ webhook_id: "$hook" }],
  more: [test, test, test],
};
