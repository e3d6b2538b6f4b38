// Cases of registering, listing, renaming and removing passkeys.
import { matches, timestamp, type CaseFile, type Step } from "../../../runner/cases/case.js";
import { password } from "../../people.js";
import { email, register } from "../auth/new-user.js";
import { begin, confirm, wrongCode } from "../second-factor/enrolment.js";
import { add, holder, make, signIn, somebody } from "./holder.js";

const list: Step = { call: "listPasskeys", token: "$access" };
const phone = { id: "$passkey", name: "Masha's phone", created_at: timestamp, is_backed_up: false };
const noId = 999_999_999;
const wrong = "wrong horse";
const missing: Pick<Step, "answers" | "with"> = {
  answers: "PASSKEY_NOT_FOUND",
  with: { code: "NOT_FOUND", detail: "You have no passkey with id=999999999" },
};

/** Another user: $other. */
const another: readonly Step[] = [
  { ...register, send: { email: "other.${case}@example.org", password, first_name: "Other", last_name: "Person" } },
  { call: "login", send: { email: "other.${case}@example.org", password }, capture: { other: "access_token" } },
];

export const passkeys: CaseFile = {
  subject: "passkeys",
  actors: ["hoarder", "keeper"],
  cases: {
    beginPasskey: {
      "gives options for a device, which has five minutes": {
        given: somebody,
        token: "$access",
        send: { password },
        exactly: {
          options_json: matches('^\\{"challenge":"[\\w-]{43}","rp":\\{"name":".*","id":".*"\\},"user":\\{.*\\}$'),
          origin: matches("^https?://"),
          expires_at: timestamp,
        },
      },
      "needs the password": {
        given: somebody,
        token: "$access",
        send: { password: wrong },
        answers: "INVALID_CREDENTIALS",
        with: { code: "UNAUTHENTICATED" },
      },
      "needs a code too where an authenticator app is enabled": {
        given: [...somebody, begin, confirm],
        steps: [
          { ...make, capture: {}, answers: "MALFORMED_REQUEST" },
          { ...make, capture: {}, send: { password, code: wrongCode }, answers: "INVALID_CODE" },
          { ...make, send: { password, recovery_code: "$recovery" } },
          add,
        ],
      },
      "needs a login": { send: { password }, answers: "UNAUTHENTICATED" },
    },
    registerPasskey: {
      "registers the passkey that a device has made, and gives a token": {
        given: [...somebody, make],
        steps: [
          {
            token: "$access",
            send: { credential_json: "$made", name: "  Masha's phone\n" },
            answers: 201,
            exactly: { ...phone, id: "$passkey", access_token: matches("."), token_type: "bearer", expires_in: 600 },
            capture: { passkey: "id", session: "access_token" },
            answerHeaders: { location: matches("^/v1/auth/passkeys/\\d+$") },
          },
          { call: "getMe", token: "$session", with: { email } },
          { call: "refresh", send: { refresh_token: "$refresh" } },
          { ...list, exactly: { passkeys: [phone] } },
        ],
      },
      "takes a challenge once, also of twenty at once": {
        given: [...somebody, make],
        token: "$access",
        send: { credential_json: "$made", name: "Phone" },
        times: 20,
        answers: { "201": 1, INVALID_PASSKEY: 19 },
      },
      "takes no challenge of somebody else": {
        given: [...somebody, ...another, make],
        steps: [
          { ...add, token: "$other", capture: {}, answers: "INVALID_PASSKEY", with: { code: "UNAUTHENTICATED" } },
          add,
        ],
      },
      "a text that is no credential is refused": {
        given: somebody,
        steps: ["{", "null", "{}", '{"type":"public-key"}'].map((credential_json) => ({
          token: "$access",
          send: { credential_json, name: "Phone" },
          answers: "INVALID_PASSKEY",
        })),
      },
      "a person has at most twenty": {
        server: "second-factor-due",
        steps: [
          { ...make, token: "$hoarder.token", send: { password: "$hoarder.password" } },
          {
            ...make,
            token: "$hoarder.token",
            send: { password: "$hoarder.password" },
            capture: { late: "webauthn.create(options_json, origin)" },
          },
          { ...add, token: "$hoarder.token", capture: { passkey: "id" } },
          {
            ...add,
            token: "$hoarder.token",
            send: { credential_json: "$late", name: "Phone" },
            capture: {},
            answers: "TOO_MANY_PASSKEYS",
            with: { code: "FAILED_PRECONDITION" },
          },
          {
            call: "beginPasskey",
            token: "$hoarder.token",
            send: { password: "$hoarder.password" },
            answers: "TOO_MANY_PASSKEYS",
          },
          {
            call: "removePasskey",
            token: "$hoarder.token",
            send: { passkey_id: "$passkey", password: "$hoarder.password" },
            answers: 204,
          },
        ],
      },
      "needs a login": { send: { credential_json: "{}", name: "Phone" }, answers: "UNAUTHENTICATED" },
    },
    listPasskeys: {
      "lists all, the newest first": {
        given: [...holder, { ...make, capture: { second: "webauthn.create(options_json, origin)" } }],
        steps: [
          {
            ...add,
            send: { credential_json: "$second", name: "Key" },
            capture: { newest: "id" },
          },
          { ...list, exactly: { passkeys: [{ ...phone, id: "$newest", name: "Key" }, phone] } },
        ],
      },
      "is empty for somebody who has none": { given: somebody, token: "$access", exactly: { passkeys: [] } },
      "needs a login": { answers: "UNAUTHENTICATED" },
    },
    getPasskey: {
      "returns a passkey, and says when it was last used": {
        given: holder,
        steps: [
          { token: "$access", send: { passkey_id: "$passkey" }, exactly: phone },
          signIn,
          { call: "loginWithPasskey", send: { credential_json: "$signed" } },
          { token: "$access", send: { passkey_id: "$passkey" }, exactly: { ...phone, last_used_at: timestamp } },
        ],
      },
      "that of somebody else is not found": {
        given: [...holder, ...another],
        token: "$other",
        send: { passkey_id: "$passkey" },
        answers: "PASSKEY_NOT_FOUND",
      },
      "an id that nobody has is not found": {
        given: somebody,
        token: "$access",
        send: { passkey_id: noId },
        ...missing,
      },
      "needs a login": { send: { passkey_id: 1 }, answers: "UNAUTHENTICATED" },
    },
    renamePasskey: {
      "changes the name, and nothing else": {
        given: holder,
        steps: [
          {
            token: "$access",
            send: { passkey_id: "$passkey", name: " Мой телефон " },
            exactly: { ...phone, name: "Мой телефон" },
            again: true,
          },
          { ...list, exactly: { passkeys: [{ ...phone, name: "Мой телефон" }] } },
        ],
      },
      "that of somebody else is not found": {
        given: [...holder, ...another],
        steps: [
          { token: "$other", send: { passkey_id: "$passkey", name: "Mine" }, answers: "PASSKEY_NOT_FOUND" },
          { ...list, exactly: { passkeys: [phone] } },
        ],
      },
      "an id that nobody has is not found": {
        given: somebody,
        token: "$access",
        send: { passkey_id: noId, name: "Phone" },
        ...missing,
      },
      "needs a login": { send: { passkey_id: 1, name: "Phone" }, answers: "UNAUTHENTICATED" },
    },
    removePasskey: {
      "removes it: it logs nobody in any more, and its sessions go on": {
        given: [...holder, signIn],
        steps: [
          { call: "loginWithPasskey", send: { credential_json: "$signed" }, capture: { session: "access_token" } },
          signIn,
          { token: "$access", send: { passkey_id: "$passkey", password }, answers: 204 },
          { call: "loginWithPasskey", send: { credential_json: "$signed" }, answers: "INVALID_PASSKEY" },
          { call: "getMe", token: "$session", with: { email } },
          { ...list, exactly: { passkeys: [] } },
          { token: "$access", send: { passkey_id: "$passkey", password }, answers: "PASSKEY_NOT_FOUND" },
        ],
      },
      "needs the password": {
        given: holder,
        steps: [
          { token: "$access", send: { passkey_id: "$passkey", password: wrong }, answers: "INVALID_CREDENTIALS" },
          { ...list, exactly: { passkeys: [phone] } },
        ],
      },
      "that of somebody else is not found": {
        given: [...holder, ...another],
        steps: [
          { token: "$other", send: { passkey_id: "$passkey", password }, answers: "PASSKEY_NOT_FOUND" },
          { ...list, exactly: { passkeys: [phone] } },
        ],
      },
      "is refused where the role needs a second factor and it is the last one": {
        server: "second-factor-due",
        steps: [
          { call: "listChats", as: "keeper" },
          { call: "listPasskeys", as: "keeper", capture: { passkey: "passkeys[0].id" } },
          {
            as: "keeper",
            send: { passkey_id: "$passkey", password: "$keeper.password" },
            answers: "MFA_REQUIRED",
            with: { code: "PERMISSION_DENIED" },
          },
        ],
      },
      "needs a login": { send: { passkey_id: 1, password }, answers: "UNAUTHENTICATED" },
    },
  },
};
