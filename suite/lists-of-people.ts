// Lists of people with more rows than one page shows, all of one name.
import type { Step } from "../runner/cases/case.js";
import type { ListOfRows } from "../runner/suite.js";
import { password } from "./people.js";

/** Registers people with one name, who differ in their addresses. */
export const people = (count: number): Step => ({
  call: "register",
  send: { email: "row.${turn}.${case}@example.org", password, first_name: "Row", last_name: "0row${case}" },
  turns: count,
  answers: 201,
});

const another = (number: number): Step => ({
  call: "register",
  send: { email: `late.${number}.\${case}@example.org`, password, first_name: "Row", last_name: "0row${case}" },
  answers: 201,
});

/** The list of users. */
export const users: ListOfRows = {
  actors: ["alice", "teacher"],
  given: [
    people(22),
    {
      call: "listUsers",
      as: "alice",
      send: { query: "row${case}", limit: 19 },
      capture: { some: "users[*].id" },
    },
  ],
  as: "alice",
  requests: [
    { query: "row${case}" },
    { query: "row 0row${case}" },
    { query: "0row${case} row" },
    { user_ids: "$some" },
    { user_ids: "$some", query: "row${case}" },
  ],
  // Digits come before letters.
  shared: {},
  more: [another(1), another(2), another(3)],
  // From each end to the other, and back; the searches still find them.
  moves: [
    ["$some[0]", "zrow${case}"],
    ["$some[18]", "00row${case}"],
    ["$some[1]", "zrow${case}"],
    ["$some[0]", "00row${case}"],
    ["$some[18]", "z0row${case}"],
    ["$some[17]", "00row${case}"],
  ].map(([user_id, last_name]) => ({ call: "updateUser", as: "teacher", send: { user_id, last_name } })),
};

/** The leaderboard of a group. Of one rating, it is ordered by name. */
export const leaderboard: ListOfRows = {
  actors: ["alice", "teacher"],
  given: [
    people(25),
    { call: "listUsers", as: "alice", send: { query: "row${case}", limit: 22 }, capture: { some: "users[*].id" } },
    {
      call: "listUsers",
      as: "alice",
      send: { query: "row${case}", skip: 22, limit: 3 },
      capture: { others: "users[*].id" },
    },
    { call: "createGroup", as: "teacher", send: { name: "Board ${case}" }, answers: 201, capture: { board: "id" } },
    { call: "addGroupMembers", as: "teacher", send: { group_id: "$board", user_ids: "$some" } },
  ],
  as: "alice",
  requests: [{ group_id: "$board" }],
  more: [0, 1, 2].map((at) => ({
    call: "addGroupMembers",
    as: "teacher",
    send: { group_id: "$board", user_ids: [`$others[${at}]`] },
  })),
  // From each end to the other, and back.
  moves: [
    ["$some[0]", "zrow${case}"],
    ["$some[18]", "00row${case}"],
    ["$some[1]", "zrow${case}"],
    ["$some[0]", "00row${case}"],
  ].map(([user_id, last_name]) => ({ call: "updateUser", as: "teacher", send: { user_id, last_name } })),
};
