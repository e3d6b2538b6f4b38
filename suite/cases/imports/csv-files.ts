// The files of the cases of imports, and how a case waits for the end of an import.
import { bytesOf, type Fields, type Given, type Step } from "../../../runner/cases/case.js";

/** A CSV file of these lines. */
export const fileOf = (...lines: readonly string[]): Fields => ({
  content_type: "text/csv",
  data: bytesOf(`${lines.join("\n")}\n`),
});

/** A file with somebody for each address, all of one name. */
export const people = (...emails: readonly string[]): Fields =>
  fileOf("email,first_name,last_name", ...emails.map((email) => `${email},Ann,Row`));

/** Makes an account for each address by an import of the teacher; $import. */
export const importOf = (...emails: readonly string[]): Step => ({
  call: "importUsers",
  as: "teacher",
  send: { file: people(...emails) },
  answers: 201,
  capture: { import: "id" },
});

/**
 * Waits until an import has made an account, and so has all the imports of the teacher before it: those of a person are worked on one
 * after the other. Of a file with one good row it is the end, save what follows the commit.
 */
export const untilMade = (mailTo: string): Given[] => [
  { mailTo, matching: "/accept-invite#token=(?<link>[\\w-]{43})" },
];
