// Cases of changing the e-mail address of an account.
import type { CaseFile, Given, Step } from "../../../runner/cases/case.js";
import { email, login, newUser, register } from "./new-user.js";
import { password } from "../../people.js";

const next = "next.${case}@example.org";
const ask: Step = {
  call: "requestEmailChange",
  token: "$access",
  send: { email: next, current_password: password },
  answers: 204,
};
const linkAt = (address: string): Given => ({
  mailTo: address,
  matching: "\\nhttps?://\\S+/confirm-email#token=(?<token>[\\w-]{43})\\n",
});
const confirm: Step = { call: "confirmEmailChange", send: { token: "$token" }, answers: 204 };

export const emailChange: CaseFile = {
  subject: "passwords",
  actors: ["alice"],
  cases: {
    requestEmailChange: {
      "mails a link to the new address, and a notice to the old one, which stays": {
        given: [register, login],
        steps: [
          ask,
          linkAt(next),
          { mailTo: email, matching: "^A new address for your account" },
          { call: "getMe", token: "$access", with: { email, version: 1 } },
        ],
      },
      "does not tell that an address is taken": {
        given: [register, login],
        ...ask,
        send: { email: "$alice.email", current_password: password },
      },
      "needs the password": {
        given: [register, login],
        ...ask,
        send: { email: next, current_password: "wrong horse" },
        answers: "INVALID_CREDENTIALS",
      },
      "twenty wrong passwords are answered, and then the caller waits": {
        given: [register, login],
        steps: [
          {
            ...ask,
            send: { email: next, current_password: "guess ${turn}" },
            turns: 21,
            answers: { INVALID_CREDENTIALS: 20, RATE_LIMITED: 1 },
          },
          { ...ask, answers: "RATE_LIMITED" },
        ],
      },
      "needs an address": {
        given: [register, login],
        ...ask,
        send: { email: "nobody", current_password: password },
        answers: 422,
        violates: { field: "email", rule: "string.email" },
      },
      "is refused where mail is off": {
        server: "without-mail",
        given: [register, login],
        ...ask,
        answers: "MAIL_OFF",
        with: { code: "FAILED_PRECONDITION" },
      },
      "needs a login": { send: { email: next, current_password: password }, answers: "UNAUTHENTICATED" },
    },
    confirmEmailChange: {
      "changes the address": {
        given: [register, login, ask, linkAt(next)],
        steps: [
          confirm,
          { call: "getMe", token: "$access", with: { email: next, version: 2 } },
          { call: "login", send: { email, password }, answers: "INVALID_CREDENTIALS" },
          { call: "login", send: { email: "NEXT.${case}@Example.org", password } },
          { call: "register", send: { ...newUser, email: next }, answers: "EMAIL_TAKEN" },
          { ...confirm, answers: "LINK_NOT_VALID", with: { code: "NOT_FOUND" } },
          { mailTo: email, matching: "^The address of your account at .* was changed" },
          { mailTo: next, matching: "^The address of your account at .* was changed" },
        ],
      },
      "one of twenty concurrent calls with a link changes the address": {
        given: [register, login, ask, linkAt(next)],
        send: { token: "$token" },
        times: 20,
        answers: { "204": 1, LINK_NOT_VALID: 19 },
      },
      "an address that another account has got meanwhile is refused": {
        given: [
          register,
          login,
          ask,
          linkAt(next),
          { call: "register", send: { ...newUser, email: next }, answers: 201 },
        ],
        steps: [
          { ...confirm, answers: "EMAIL_TAKEN", with: { code: "ALREADY_EXISTS" } },
          { call: "getMe", token: "$access", with: { email, version: 1 } },
        ],
      },
      "what is no link is refused": { send: { token: "nonsense" }, answers: "LINK_NOT_VALID" },
    },
  },
};
