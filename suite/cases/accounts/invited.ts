// People whom the cases of accounts make: each case has its own.
import type { Fields, Given, Step } from "../../../runner/cases/case.js";
import { password } from "../../people.js";

export const email = "invited.${case}@example.org";
export const invited: Fields = { email, first_name: "Мария", last_name: "Иванова" };

/** Makes an account by a super admin; $id. */
export const invite = (role: string, more: Fields = {}): Step => ({
  call: "createUser",
  as: "admin",
  send: { ...invited, role, ...more },
  answers: 201,
  capture: { id: "id" },
});

/** Reads the mail with its invite; $link, the token. */
export const mailed: Given = {
  mailTo: email,
  matching: "\\nhttps?://\\S+/accept-invite#token=(?<link>[\\w-]{43})\\n",
};

/** Accepts it; $access and $refresh, the tokens of a session. */
export const accept: Step = {
  call: "acceptInvite",
  send: { token: "$link", password },
  capture: { access: "access_token", refresh: "refresh_token" },
};

/** Logs in as the person. */
export const login: Step = { call: "login", send: { email, password }, capture: { access: "access_token" } };

/** The steps that make a person with a session. */
export const person = (role: string): Given[] => [invite(role), mailed, accept];

/** A second person, a student. */
export const student: Step = {
  call: "createUser",
  as: "admin",
  send: { email: "student.${case}@example.org", first_name: "Пётр", last_name: "Соколов" },
  answers: 201,
  capture: { student: "id" },
};

/** Reads the mail with the invite of the second person; $studentLink. */
export const studentMailed: Given = {
  mailTo: "student.${case}@example.org",
  matching: "\\nhttps?://\\S+/accept-invite#token=(?<studentLink>[\\w-]{43})\\n",
};

export const nobody = 999_999_999;
