// Lists of achievements, with more rows than one page shows.
import type { Step } from "../runner/cases/case.js";
import type { ListOfRows } from "../runner/suite.js";
import { freshStudent } from "./cases/achievements/handed-in.js";
import { file, png } from "./cases/files/some-files.js";
import { password } from "./people.js";

const range = (count: number): number[] => Array.from({ length: count }, (_, at) => at + 1);
const kinds = ["ACHIEVEMENT_KIND_OLYMPIAD", "ACHIEVEMENT_KIND_EVENT"];

const diploma = (variable: string): Step => ({
  call: "createFile",
  token: "$ownerToken",
  send: file(png, "DIPLOMA"),
  answers: 201,
  capture: { [variable]: "id" },
});
const handIn = (at: number, file_id: string): Step => ({
  call: "createAchievement",
  token: "$ownerToken",
  send: { kind: kinds[at % 2], title: `Row \${case} ${at % 3 === 0 ? "third" : "other"}`, file_id },
  answers: 201,
});

/** 22 of a person who is made for it, and diplomas for three more. */
const given: readonly Step[] = [
  ...freshStudent("rows.${case}@example.org", password),
  ...range(22).flatMap((at) => [diploma("file"), handIn(at, "$file")]),
  ...range(3).map((at) => diploma(`more${at}`)),
];
const more = range(3).map((at) => handIn(at, `$more${at}`));

export const myAchievements: ListOfRows = {
  actors: ["alice"],
  given,
  as: "alice",
  token: "$ownerToken",
  requests: [
    {},
    { sort: "created_at" },
    { sort: "-created_at", state: "ACHIEVEMENT_STATE_PENDING" },
    { kind: "ACHIEVEMENT_KIND_EVENT" },
  ],
  more,
};

export const userAchievements: ListOfRows = {
  actors: ["teacher"],
  given,
  as: "teacher",
  requests: [
    { user_id: "$owner" },
    { user_id: "$owner", sort: "created_at" },
    { user_id: "$owner", state: "ACHIEVEMENT_STATE_PENDING" },
    { user_id: "$owner", kind: "ACHIEVEMENT_KIND_OLYMPIAD", sort: "-created_at" },
  ],
  more,
};

export const pendingAchievements: ListOfRows = {
  actors: ["teacher"],
  given,
  as: "teacher",
  requests: [
    { query: "${case}" },
    { query: "${case}", sort: "-created_at" },
    { query: "third ${case}" },
    { query: "${case}", kind: "ACHIEVEMENT_KIND_EVENT" },
    { user_id: "$owner" },
    { user_id: "$owner", created_after: "2000-01-01T00:00:00Z" },
    { user_id: "$owner", created_before: "2999-01-01T00:00:00Z", sort: "created_at" },
  ],
  more,
};
