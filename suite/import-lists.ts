// Lists of imports, and of what is wrong with a file.
import type { Step } from "../runner/cases/case.js";
import type { ListOfRows } from "../runner/suite.js";
import { password } from "./people.js";
import { fileOf, people, untilMade } from "./cases/imports/csv-files.js";

const email = "importer.${case}@example.org";
const dryRun: Step = {
  call: "importUsers",
  token: "$importer",
  send: { file: people("ann.${case}@example.org"), dry_run: true },
  answers: 201,
};
const last = "last.${case}@example.org";

// Of a teacher who is made for it: the list has all imports of a person.
export const imports: ListOfRows = {
  actors: ["admin"],
  given: [
    {
      call: "createUser",
      as: "admin",
      send: { email, first_name: "Ann", last_name: "Row", role: "ROLE_TEACHER" },
      answers: 201,
    },
    ...untilMade(email),
    { call: "acceptInvite", send: { token: "$link", password } },
    { call: "login", send: { email, password }, capture: { importer: "access_token" } },
    { ...dryRun, turns: 21 },
    // It ends after all before it.
    { ...dryRun, send: { file: people(last) } },
    ...untilMade(last),
  ],
  as: "admin",
  token: "$importer",
  requests: [{}],
  more: [dryRun, dryRun, dryRun],
};

export const importErrors: ListOfRows = {
  actors: ["teacher"],
  given: [
    {
      call: "importUsers",
      as: "teacher",
      send: {
        file: fileOf(
          "email,first_name,last_name",
          "last.${case}@example.org,Ann,Row",
          ...Array<string>(12).fill("nobody,,Row"),
        ),
      },
      answers: 201,
      capture: { import: "id" },
    },
    ...untilMade("last.${case}@example.org"),
  ],
  as: "teacher",
  requests: [{ import_id: "$import" }],
  more: [],
};
