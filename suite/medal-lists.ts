// Lists of points and of medals with more rows than one page shows.
import type { Step } from "../runner/cases/case.js";
import type { ListOfRows } from "../runner/suite.js";
import { people } from "./lists-of-people.js";

const student = (name: string): Step => ({
  call: "createUser",
  as: "teacher",
  send: { email: `${name}.\${case}@example.org`, first_name: "Row", last_name: "Points" },
  answers: 201,
  capture: { [name]: "id" },
});
const give = (user_id: string, more: Partial<Step> = {}): Step => ({
  call: "addPoints",
  as: "teacher",
  send: { user_id, amount: 1, note: "Row" },
  answers: 201,
  ...more,
});

/** The ledger of a person, some of it given at once. */
export const pointsEntries: ListOfRows = {
  actors: ["teacher"],
  given: [
    student("one"),
    student("other"),
    give("$one", { turns: 13 }),
    give("$one", { times: 9 }),
    give("$other", { turns: 2 }),
  ],
  as: "teacher",
  requests: [{ user_id: "$one" }, { user_id: "$other" }],
  more: [give("$one"), give("$one"), give("$one")],
};

const award = (user_id: string, medal_id: number): Step => ({
  call: "awardMedal",
  as: "teacher",
  send: { user_id, medal_id, reason: "Row" },
  answers: 201,
});
const at = (count: number): string[] => Array.from({ length: count }, (_, each) => `$some[${each}]`);

/** Those of a group who have a medal: the whole list has others, too. */
export const medalHolders: ListOfRows = {
  actors: ["teacher"],
  given: [
    people(25),
    { call: "listUsers", as: "teacher", send: { query: "row${case}", limit: 25 }, capture: { some: "users[*].id" } },
    {
      call: "createGroup",
      as: "teacher",
      send: { name: "Row ${case} of medals" },
      answers: 201,
      capture: { group: "id" },
    },
    { call: "addGroupMembers", as: "teacher", send: { group_id: "$group", user_ids: "$some" } },
    ...at(22).map((person) => award(person, 4)),
    ...at(2).map((person) => award(person, 6)),
  ],
  as: "teacher",
  requests: [
    { medal_id: 4, group_id: "$group" },
    { medal_id: 6, group_id: "$group" },
  ],
  more: at(25)
    .slice(22)
    .map((person) => award(person, 4)),
};
