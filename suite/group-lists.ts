// Lists of groups, and of the people of one, with more rows than one page shows.
import type { Step } from "../runner/cases/case.js";
import type { ListOfRows } from "../runner/suite.js";

/** Groups of the teacher; what their names are ordered by is the same. */
const group = (end: string): Step => ({
  call: "createGroup",
  as: "teacher",
  send: { name: `Row \${case} of the groups that are in every way alike ${end}` },
  answers: 201,
});
const rename = (at: number, name: string): Step => ({
  call: "updateGroup",
  as: "teacher",
  send: { group_id: `$rows[${at}]`, name },
});

export const groups: ListOfRows = {
  actors: ["alice", "teacher"],
  given: [
    { ...group("${turn}"), turns: 22 },
    { call: "listGroups", as: "alice", send: { query: "${case}", limit: 22 }, capture: { rows: "groups[*].id" } },
  ],
  as: "alice",
  requests: [{ query: "${case}" }, { query: "alike ${case}" }],
  more: ["one more", "two more", "three more"].map(group),
  // From each end to the other, and back.
  moves: [
    rename(0, "Z row ${case} alike"),
    rename(21, "A row ${case} alike"),
    rename(1, "Z row ${case} alike, too"),
    rename(0, "A row ${case} and alike"),
    rename(20, "A row ${case} alike, too"),
    rename(21, "Z row ${case} and alike"),
  ],
};

/** A student with one name of all, who differs in the address; the id is captured by the part of the address. */
const student = (name: string, last_name: string): Step => ({
  call: "createUser",
  as: "teacher",
  send: { email: `${name}.\${case}@example.org`, first_name: "Row", last_name },
  answers: 201,
  capture: { [name]: "id" },
});

export const groupMembers: ListOfRows = {
  actors: ["alice", "teacher"],
  given: [
    {
      call: "createUser",
      as: "teacher",
      send: { email: "row.${turn}.${case}@example.org", first_name: "Row", last_name: "0row${case}" },
      turns: 22,
      answers: 201,
    },
    { call: "listUsers", as: "alice", send: { query: "row${case}", limit: 100 }, capture: { some: "users[*].id" } },
    { ...group("1"), capture: { group: "id" } },
    { ...group("2"), capture: { other: "id" } },
    { call: "addGroupMembers", as: "teacher", send: { group_id: "$group", user_ids: "$some" } },
    ...["one", "two"].map((name) => student(name, "Other")),
    { call: "addGroupMembers", as: "teacher", send: { group_id: "$other", user_ids: ["$one", "$two"] } },
    ...["three", "four", "five"].map((name) => student(name, "0row${case}")),
  ],
  as: "alice",
  requests: [{ group_id: "$group" }, { group_id: "$other" }],
  more: ["$three", "$four", "$five"].map((user_id) => ({
    call: "addGroupMembers",
    as: "teacher",
    send: { group_id: "$group", user_ids: [user_id] },
  })),
  // From each end to the other, and back.
  moves: [
    ["$some[0]", "zrow${case}"],
    ["$some[18]", "00row${case}"],
    ["$some[1]", "zrow${case}"],
    ["$some[0]", "00row${case}"],
  ].map(([user_id, last_name]) => ({ call: "updateUser", as: "teacher", send: { user_id, last_name } })),
};
