// Achievements of alice, which the cases of achievements share, and what staff decide about them.
import type { Fields, Step } from "../../../runner/cases/case.js";
import { file, named, png } from "../files/some-files.js";

/** Uploads a diploma; `variable` gets the id of the file. */
export const diploma = (variable = "file", as = "alice"): Step => ({
  call: "createFile",
  as,
  send: file(png, "DIPLOMA"),
  headers: named("диплом.png"),
  answers: 201,
  capture: { [variable]: "id" },
});

export const draft: Fields = {
  kind: "ACHIEVEMENT_KIND_OLYMPIAD",
  title: "Олимпиада ${case}",
  description: "Second place",
  file_id: "$file",
};

/** Uploads $file and hands in $achievement, which waits. */
export const handedIn = (
  as = "alice",
  more: Fields = {},
  capture: Readonly<Record<string, string>> = { achievement: "id" },
): Step[] => [
  diploma("file", as),
  { call: "createAchievement", as, send: { ...draft, ...more }, answers: 201, capture },
];

export const its: Fields = { achievement_id: "$achievement" };

/** Decisions about $achievement. */
export const accept = (as = "teacher", points = 50): Step => ({
  call: "acceptAchievement",
  as,
  send: { ...its, points },
});
export const reject = (as = "teacher"): Step => ({
  call: "rejectAchievement",
  as,
  send: { ...its, reason: "Not yours" },
});
export const revoke = (as = "teacher"): Step => ({
  call: "revokeAchievement",
  as,
  send: { ...its, reason: "A forgery" },
});

/** Somebody sees $achievement. */
export const sees = (as: string, seen: Fields): Step => ({ call: "getAchievement", as, send: its, with: seen });
/** For somebody there is no $achievement. */
export const seesNot = (as: string): Step => ({
  call: "getAchievement",
  as,
  send: its,
  answers: "ACHIEVEMENT_NOT_FOUND",
});

/** A student of the case alone, who is logged in: $ownerToken, with the id $owner. */
export const freshStudent = (email: string, password: string): Step[] => [
  {
    call: "register",
    send: { email, password, first_name: "Olga", last_name: "Owner" },
    answers: 201,
    capture: { owner: "id" },
  },
  { call: "login", send: { email, password }, capture: { ownerToken: "access_token" } },
];
