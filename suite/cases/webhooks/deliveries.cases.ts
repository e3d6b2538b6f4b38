// Cases of what is sent to webhooks: tests, the list of deliveries, and what is sent again.
import { absent, matches, timestamp, type CaseFile } from "../../../runner/cases/case.js";
import { missingId } from "../tea-chat.js";
import { make, off, own, owner, since, test } from "./owned-webhook.js";

export const deliveries: CaseFile = {
  subject: "deliveries of webhooks",
  actors: ["alice", "teacher", "admin"],
  given: owner,
  cases: {
    testWebhook: {
      "has a test sent, which is in the list of deliveries": {
        noisy: true,
        given: [make],
        steps: [
          {
            ...test,
            with: {
              event_id: matches("^msg_[0-9a-f]{32}$"),
              kind: "ping",
              update_id: absent,
              topic: "",
              state: "WEBHOOK_DELIVERY_STATE_PENDING",
              attempts: 0,
              status: absent,
              failure: "WEBHOOK_FAILURE_UNSPECIFIED",
              created_at: timestamp,
              last_attempt_at: absent,
              next_attempt_at: timestamp,
            },
          },
          {
            call: "listWebhookDeliveries",
            token: "$access",
            send: own,
            with: { deliveries: [{ id: "$delivery", event_id: "$event", kind: "ping" }], next_page_token: "" },
          },
        ],
      },
      "one that is switched off is sent nothing": {
        given: [make, off],
        token: "$access",
        send: own,
        answers: "WEBHOOK_DISABLED",
      },
      "one of another super admin does not exist": {
        given: [make],
        as: "admin",
        send: own,
        answers: "WEBHOOK_NOT_FOUND",
      },
      "needs a login": { send: { webhook_id: 1 }, answers: "UNAUTHENTICATED" },
    },
    listWebhookDeliveries: {
      "lists the newest first, and those of a state": {
        noisy: true,
        given: [make, test, { ...test, capture: { second: "id" } }],
        steps: [
          { token: "$access", send: own, with: { deliveries: [{ id: "$second" }, { id: "$delivery" }] } },
          {
            token: "$access",
            send: { ...own, state: "WEBHOOK_DELIVERY_STATE_DELIVERED" },
            with: { deliveries: [], next_page_token: "" },
          },
        ],
      },
      "refuses a token of another list": {
        given: [make],
        token: "$access",
        send: { ...own, page_token: "nonsense" },
        answers: "INVALID_PAGE_TOKEN",
      },
      "those of another super admin's do not exist": {
        given: [make],
        as: "admin",
        send: own,
        answers: "WEBHOOK_NOT_FOUND",
      },
      "needs a login": { send: { webhook_id: 1 }, answers: "UNAUTHENTICATED" },
    },
    redeliverWebhookDelivery: {
      "has it sent again, with the same id": {
        noisy: true,
        given: [make, test],
        token: "$access",
        send: { ...own, delivery_id: "$delivery" },
        with: { id: "$delivery", event_id: "$event", state: "WEBHOOK_DELIVERY_STATE_PENDING", attempts: 0 },
      },
      "there is no such delivery": {
        given: [make],
        token: "$access",
        send: { ...own, delivery_id: missingId },
        answers: "WEBHOOK_DELIVERY_NOT_FOUND",
      },
      "one of another endpoint is none": {
        noisy: true,
        given: [make, test, { ...make, capture: { webhook: "id" } }],
        token: "$access",
        send: { ...own, delivery_id: "$delivery" },
        answers: "WEBHOOK_DELIVERY_NOT_FOUND",
      },
      "one that is switched off is sent nothing": {
        noisy: true,
        given: [make, test, off],
        token: "$access",
        send: { ...own, delivery_id: "$delivery" },
        answers: "WEBHOOK_DISABLED",
      },
      "that of another super admin does not exist": {
        given: [make],
        as: "admin",
        send: { ...own, delivery_id: 1 },
        answers: "WEBHOOK_NOT_FOUND",
      },
      "needs a login": { send: { webhook_id: 1, delivery_id: 1 }, answers: "UNAUTHENTICATED" },
    },
    replayWebhook: {
      "nothing happened of what it hears of": {
        noisy: true,
        given: [make],
        token: "$access",
        send: { ...own, since },
        with: { count: 0 },
      },
      "a time is needed": {
        given: [make],
        token: "$access",
        send: own,
        violates: { field: "since", rule: "required" },
      },
      "one that is switched off is sent nothing": {
        given: [make, off],
        token: "$access",
        send: { ...own, since },
        answers: "WEBHOOK_DISABLED",
      },
      "one of another super admin does not exist": {
        given: [make],
        as: "admin",
        send: { ...own, since },
        answers: "WEBHOOK_NOT_FOUND",
      },
      "needs a login": { send: { webhook_id: 1, since }, answers: "UNAUTHENTICATED" },
    },
  },
};
