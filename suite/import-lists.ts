// Lists of imports, and of what is wrong with a file.
import type { Step } from "../runner/cases/case.js";
import type { ListOfRows } from "../runner/suite.js";
import { fileOf, importOf, people, untilMade } from "./cases/imports/csv-files.js";

const dryRun: Step = {
  call: "importUsers",
  as: "importer",
  send: { file: people("ann.${case}@example.org"), dry_run: true },
  answers: 201,
};

// Of a teacher who imports nothing else: the list has all imports of a person.
export const imports: ListOfRows = {
  actors: ["importer"],
  // The last one ends after all before it.
  given: [
    { ...dryRun, turns: 21 },
    { ...importOf("last.${case}@example.org"), as: "importer" },
    ...untilMade("last.${case}@example.org"),
  ],
  as: "importer",
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
