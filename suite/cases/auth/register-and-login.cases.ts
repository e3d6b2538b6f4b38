// Cases of registration and login.
import { matches, timestamp, type CaseFile } from "../../../runner/cases/case.js";
import { email, newUser, register } from "./new-user.js";
import { password } from "../../people.js";

export const registerAndLogin: CaseFile = {
  subject: "auth",
  actors: ["alice", "bob", "principal"],
  cases: {
    register: {
      "creates a student, with a Location": {
        send: newUser,
        answers: 201,
        capture: { id: "id" },
        exactly: {
          id: "$id",
          email,
          first_name: "Мария",
          last_name: "Иванова",
          role: "ROLE_STUDENT",
          created_at: timestamp,
          version: 1,
          patronymic_name: "",
          rating: 0,
        },
        answerHeaders: { location: "/v1/users/${id}" },
      },
      "white space around the address and the names is removed": {
        send: { email: `  ${email} `, password, first_name: "\t Мария ", last_name: " Иванова\n" },
        answers: 201,
        with: { email, first_name: "Мария", last_name: "Иванова" },
      },
      "white space in a password is kept": {
        steps: [
          { send: { ...newUser, password: "  spaces  " }, answers: 201 },
          { call: "login", send: { email, password: "spaces" }, answers: "INVALID_CREDENTIALS" },
          { call: "login", send: { email, password: "  spaces  " } },
        ],
      },
      "addresses are case-insensitive": {
        steps: [{ ...register }, { send: { ...newUser, email: "NEW.${case}@Example.ORG" }, answers: "EMAIL_TAKEN" }],
      },
      "an address is kept in lower case": {
        send: { ...newUser, email: "NEW.${case}@Example.ORG" },
        answers: 201,
        with: { email },
      },
      "an address that is taken is refused": {
        given: [register],
        send: newUser,
        answers: "EMAIL_TAKEN",
        with: { code: "ALREADY_EXISTS" },
      },
      "twenty concurrent registrations create one account": {
        send: newUser,
        times: 20,
        answers: { "201": 1, EMAIL_TAKEN: 19 },
      },
      "an address may be in any script, and is one in every spelling": {
        steps: [
          {
            send: { ...newUser, email: "Же\u0308нна.${case}@Школа.рф" },
            answers: 201,
            with: { email: "жённа.${case}@школа.рф" },
          },
          { send: { ...newUser, email: "ЖЁННА.${case}@xn--80atdl2c.xn--p1ai" }, answers: "EMAIL_TAKEN" },
          { call: "login", send: { email: "жённа.${case}@xn--80atdl2c.XN--P1AI", password } },
        ],
      },
      "a password is one in every spelling": {
        steps: [
          { send: { ...newUser, password: "йод\u00a0café crème" }, answers: 201 },
          { call: "login", send: { email, password: "и\u0306од cafe\u0301 cre\u0300me" } },
          { call: "login", send: { email, password: "иод cafe creme" }, answers: "INVALID_CREDENTIALS" },
        ],
      },
      "all broken rules are reported at once": {
        send: { email: "nobody", password: "short", first_name: "   ", last_name: "" },
        violates: [
          { field: "email", rule: "string.email" },
          { field: "password", rule: "string.min_len" },
          { field: "first_name", rule: "string.min_len" },
          { field: "last_name", rule: "string.min_len" },
        ],
      },
      "a password that is guessed first is refused, whatever its case and the form of its letters": {
        steps: [
          { send: { ...newUser, password: "qwerty123" }, violates: { field: "password", rule: "password.common" } },
          { send: { ...newUser, password: "Ｐassword１" }, violates: { field: "password", rule: "password.common" } },
          { send: { ...newUser, password: email }, violates: { field: "password", rule: "password.common" } },
          { send: { ...newUser, password: "ИВАНОВА1" }, violates: { field: "password", rule: "password.common" } },
        ],
      },
      "a name is one line of what can be seen": {
        steps: [
          { send: { ...newUser, first_name: "a\nb" }, violates: { field: "first_name", rule: "text.line_break" } },
          { send: { ...newUser, last_name: "a\u200db" }, violates: { field: "last_name", rule: "text.invisible" } },
          { send: { ...newUser, last_name: "a\u202eb" }, violates: { field: "last_name", rule: "text.invisible" } },
        ],
      },
      "a password of more than 72 bytes is refused: 37 Cyrillic letters": {
        send: { ...newUser, password: "ж".repeat(37) },
        violates: { field: "password", rule: "string.max_bytes" },
      },
      "a password of 72 bytes is accepted: 36 Cyrillic letters": {
        send: { ...newUser, password: "ж".repeat(36) },
        answers: 201,
      },
      "a name of 101 characters is refused, and one of 100 is accepted": {
        steps: [
          {
            send: { ...newUser, first_name: "я".repeat(101) },
            violates: { field: "first_name", rule: "string.max_len" },
          },
          { send: { ...newUser, first_name: "😀".repeat(100) }, answers: 201, with: { first_name: "😀".repeat(100) } },
        ],
      },
      "is refused where the operator has closed it": {
        server: "closed-registration",
        send: newUser,
        answers: "REGISTRATION_CLOSED",
        with: { code: "PERMISSION_DENIED" },
      },
    },
    login: {
      "returns the tokens of a new session": {
        given: [register],
        send: { email, password },
        with: {
          access_token: matches("^[\\w-]+\\.[\\w-]+\\.[\\w-]+$"),
          refresh_token: matches("^.{20,512}$"),
          token_type: "bearer",
          expires_in: 600,
        },
      },
      "the address is case-insensitive": {
        given: [register],
        send: { email: " NEW.${case}@EXAMPLE.org ", password },
        with: { token_type: "bearer" },
      },
      "a wrong password is refused with a challenge": {
        given: [register],
        send: { email, password: `${password}!` },
        answers: "INVALID_CREDENTIALS",
        with: { code: "UNAUTHENTICATED" },
        answerHeaders: { "www-authenticate": matches("^Bearer\\b") },
      },
      "an unknown address is answered like a wrong password": {
        given: [
          { ...register },
          {
            call: "login",
            send: { email, password: "wrong" },
            answers: "INVALID_CREDENTIALS",
            capture: { wrong: "detail" },
          },
        ],
        send: { email: "nobody.${case}@example.org", password },
        answers: "INVALID_CREDENTIALS",
        with: { detail: "$wrong" },
      },
      // The address belongs to no account, which could otherwise not log in for a while, nor be removed after the run.
      "too many failed attempts are refused with Retry-After": {
        steps: [
          { send: { email, password: "guess ${turn}" }, turns: 20, answers: "INVALID_CREDENTIALS" },
          {
            send: { email, password: "one more guess" },
            answers: "RATE_LIMITED",
            with: { code: "RESOURCE_EXHAUSTED" },
            answerHeaders: { "retry-after": matches("^([5-9]|10)$") },
          },
        ],
      },
      "failed attempts are counted whatever the case of the address, and forgotten after a success": {
        given: [register],
        steps: [
          { send: { email, password: "guess ${turn}" }, turns: 10, answers: "INVALID_CREDENTIALS" },
          { send: { email: " NEW.${case}@Example.org", password: "guess" }, turns: 9, answers: "INVALID_CREDENTIALS" },
          { send: { email, password } },
          { send: { email, password: "guess ${turn}" }, turns: 2, answers: "INVALID_CREDENTIALS" },
          { send: { email, password } },
        ],
      },
      "too many failed attempts in another case of the address are refused": {
        steps: [
          { send: { email, password: "guess ${turn}" }, turns: 10, answers: "INVALID_CREDENTIALS" },
          { send: { email: "NEW.${case}@Example.org ", password: "guess" }, turns: 10, answers: "INVALID_CREDENTIALS" },
          { send: { email, password: "one more guess" }, answers: "RATE_LIMITED" },
          { send: { email: "other.${case}@example.org", password: "guess" }, answers: "INVALID_CREDENTIALS" },
        ],
      },
      "a device of the account logs in, whatever others have tried": {
        given: [register, { call: "login", send: { email, password }, capture: { device: "device_token" } }],
        steps: [
          { send: { email, password: "guess ${turn}" }, turns: 20, answers: "INVALID_CREDENTIALS" },
          { send: { email, password: "a slip", device_token: "$device" }, answers: "INVALID_CREDENTIALS" },
          { send: { email, password }, answers: "RATE_LIMITED" },
          { send: { email, password, device_token: "$device" }, with: { device_token: "$device" } },
          // Then its address is free again.
          { send: { email, password } },
        ],
      },
      "a device of another account, or none, is counted with all others": {
        given: [register, { call: "login", send: { email, password }, capture: { device: "device_token" } }],
        steps: [
          {
            send: { email: "other.${case}@example.org", password: "guess" },
            turns: 20,
            answers: "INVALID_CREDENTIALS",
          },
          ...["$device", "${device}A", "none"].map((device_token) => ({
            send: { email: "other.${case}@example.org", password: "guess", device_token },
            answers: "RATE_LIMITED",
          })),
        ],
      },
      "an empty request reports both fields": {
        send: {},
        violates: [
          { field: "email", rule: "string.min_len" },
          { field: "password", rule: "string.min_len" },
        ],
      },
    },
  },
};
