// Cases of webhooks: endpoints of a super admin.
import { absent, matches, size, timestamp, type CaseFile } from "../../../runner/cases/case.js";
import { kinds, make, missing, own, owner, secret, url } from "./owned-webhook.js";

export const webhooks: CaseFile = {
  subject: "webhooks",
  actors: ["alice", "teacher", "admin"],
  given: owner,
  cases: {
    createWebhook: {
      "makes an endpoint, and returns its secret once": {
        steps: [
          {
            ...make,
            send: { url, kinds, serialization: "WEBHOOK_SERIALIZATION_PROTOBUF", is_ordered: true },
            with: {
              url,
              kinds,
              is_enabled: true,
              serialization: "WEBHOOK_SERIALIZATION_PROTOBUF",
              is_ordered: true,
              disabled_reason: "WEBHOOK_DISABLED_REASON_UNSPECIFIED",
              created_at: timestamp,
              former_secret_until: absent,
              failing_since: absent,
              secret,
            },
            answerHeaders: { "cache-control": "no-store", location: matches("^/v1/webhooks/\\d+$") },
          },
          { call: "getWebhook", token: "$access", send: own, with: { url, secret: absent } },
        ],
      },
      "twenty at once, where five have room, make five": {
        given: [{ ...make, turns: 15 }],
        token: "$access",
        send: { url, kinds: ["*"] },
        times: 20,
        answers: { "201": 5, TOO_MANY_WEBHOOKS: 15 },
        distinct: ["id", "secret"],
      },
      "the twenty-first is refused": {
        given: [{ ...make, turns: 20 }],
        token: "$access",
        send: { url, kinds },
        answers: "TOO_MANY_WEBHOOKS",
        with: { code: "FAILED_PRECONDITION" },
      },
      "refuses an address inside, in whatever spelling, of other services, and with a password": {
        steps: [
          "https://127.0.0.1/",
          "https://2130706433/",
          "https://0x7f.1/",
          "https://[::ffff:127.0.0.1]/",
          "https://10.1.2.3/",
          "https://169.254.169.254/latest/meta-data",
          "https://hooks.school.example:25/",
          "https://me:secret@hooks.school.example/",
        ].map((refused) => ({ token: "$access", send: { url: refused, kinds }, answers: "WEBHOOK_URL_REFUSED" })),
      },
      "refuses other schemes, kinds that there are not, and none": {
        steps: [
          {
            token: "$access",
            send: { url: "ftp://hooks.school.example/", kinds: [] },
            violates: [
              { field: "url", rule: "string.pattern" },
              { field: "kinds", rule: "repeated.min_items" },
            ],
          },
          {
            token: "$access",
            send: { url, kinds: ["medal.eaten"] },
            violates: { field: "kinds[0]", rule: "string.in" },
          },
        ],
      },
      "is not for teachers": { as: "teacher", send: { url, kinds }, answers: "PERMISSION_DENIED" },
      "needs a login": { send: { url, kinds }, answers: "UNAUTHENTICATED" },
    },
    listWebhooks: {
      "lists the endpoints of the caller, the oldest first, without their secrets": {
        given: [make, { ...make, capture: { second: "id" } }],
        token: "$access",
        exactly: {
          webhooks: ["$webhook", "$second"].map((id) => ({
            id,
            url,
            kinds,
            is_enabled: true,
            serialization: "WEBHOOK_SERIALIZATION_JSON",
            is_ordered: false,
            disabled_reason: "WEBHOOK_DISABLED_REASON_UNSPECIFIED",
            created_at: timestamp,
          })),
        },
      },
      "a new super admin has none": { token: "$access", with: { webhooks: size(0) } },
      "is not for teachers": { as: "teacher", answers: "PERMISSION_DENIED" },
      "needs a login": { answers: "UNAUTHENTICATED" },
    },
    getWebhook: {
      "returns an endpoint": {
        given: [make],
        token: "$access",
        send: own,
        with: { id: "$webhook", kinds, secret: absent },
      },
      "one of another super admin does not exist": {
        given: [make],
        as: "admin",
        send: own,
        answers: "WEBHOOK_NOT_FOUND",
      },
      "there is no such one": { token: "$access", send: missing, answers: "WEBHOOK_NOT_FOUND" },
      "needs a login": { send: { webhook_id: 1 }, answers: "UNAUTHENTICATED" },
    },
    updateWebhook: {
      "changes what it names, and leaves the rest": {
        given: [make],
        steps: [
          {
            token: "$access",
            send: { ...own, kinds: ["*"] },
            with: { url, kinds: ["*"], is_enabled: true, is_ordered: false },
          },
          {
            token: "$access",
            send: {
              ...own,
              url: `${url}/2`,
              is_enabled: false,
              is_ordered: true,
              serialization: "WEBHOOK_SERIALIZATION_PROTOBUF",
            },
            with: {
              url: `${url}/2`,
              kinds: ["*"],
              is_enabled: false,
              is_ordered: true,
              serialization: "WEBHOOK_SERIALIZATION_PROTOBUF",
              disabled_reason: "WEBHOOK_DISABLED_REASON_UNSPECIFIED",
              secret: absent,
            },
          },
          { token: "$access", send: own, with: { url: `${url}/2`, is_enabled: false } },
        ],
      },
      "refuses an address inside": {
        given: [make],
        token: "$access",
        send: { ...own, url: "https://192.168.1.1/" },
        answers: "WEBHOOK_URL_REFUSED",
      },
      "one of another super admin does not exist": {
        given: [make],
        as: "admin",
        send: own,
        answers: "WEBHOOK_NOT_FOUND",
      },
      "needs a login": { send: { webhook_id: 1 }, answers: "UNAUTHENTICATED" },
    },
    deleteWebhook: {
      "deletes an endpoint": {
        given: [make],
        steps: [
          { token: "$access", send: own, answers: 204 },
          { call: "getWebhook", token: "$access", send: own, answers: "WEBHOOK_NOT_FOUND" },
          { token: "$access", send: own, answers: "WEBHOOK_NOT_FOUND" },
        ],
      },
      "one of another super admin does not exist": {
        given: [make],
        as: "admin",
        send: own,
        answers: "WEBHOOK_NOT_FOUND",
      },
      "needs a login": { send: { webhook_id: 1 }, answers: "UNAUTHENTICATED" },
    },
    rotateWebhookSecret: {
      "gives another secret, beside which the one before is good for a day": {
        given: [make],
        steps: [
          {
            token: "$access",
            send: own,
            with: { id: "$webhook", secret, former_secret_until: timestamp },
            capture: { next: "secret" },
          },
          { call: "getWebhook", token: "$access", send: own, with: { secret: absent, former_secret_until: timestamp } },
        ],
      },
      "one of another super admin does not exist": {
        given: [make],
        as: "admin",
        send: own,
        answers: "WEBHOOK_NOT_FOUND",
      },
      "needs a login": { send: { webhook_id: 1 }, answers: "UNAUTHENTICATED" },
    },
  },
};
