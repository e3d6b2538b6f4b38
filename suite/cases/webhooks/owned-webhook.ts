// The endpoints of the cases of webhooks: each case has a super admin of its own.
import { matches, type Fields, type Step } from "../../../runner/cases/case.js";
import { login, register } from "../auth/new-user.js";
import { missingId } from "../tea-chat.js";

export const url = "https://hooks.school.example/?case=${case}";
/** Of things that nobody else does to the owner, so that nothing comes by itself. */
export const kinds = ["medal.*", "points.changed"];
export const secret = matches("^whsec_[A-Za-z0-9+/]{43}=$");

export const make: Step = {
  call: "createWebhook",
  token: "$access",
  send: { url, kinds },
  answers: 201,
  capture: { webhook: "id", secret: "secret" },
};
export const own: Fields = { webhook_id: "$webhook" };
export const missing: Fields = { webhook_id: missingId };
export const off: Step = { call: "updateWebhook", token: "$access", send: { ...own, is_enabled: false } };
export const test: Step = {
  call: "testWebhook",
  token: "$access",
  send: own,
  capture: { delivery: "id", event: "event_id" },
};
/** Each case has a super admin of its own. */
export const owner: readonly Step[] = [
  { ...register, capture: { owner: "id" } },
  { call: "updateUser", as: "admin", send: { user_id: "$owner", role: "ROLE_SUPER_ADMIN" } },
  login,
];
export const since = "2026-01-01T00:00:00.000Z";
