// The groups of the demo school: two classes, one of them with a chat, and a course that nobody has joined yet.
import type { DemoPerson, DemoStep } from "../accounts/demo.js";
import { groupHandlers } from "./handlers.js";

interface DemoGroup {
  readonly name: string;
  readonly colour: string;
  readonly with_chat: boolean;
  readonly members: readonly DemoPerson[];
}

const groups: readonly DemoGroup[] = [
  { name: "10-А", colour: "#3f51b5", with_chat: true, members: ["petr", "alyona"] },
  { name: "10-Б", colour: "#009688", with_chat: false, members: ["grace"] },
  { name: "Робототехника", colour: "#ff9800", with_chat: false, members: [] },
];

/** Makes each group as the teacher, and puts its members into it. One that is left of an earlier demo school is used again. */
export const demoGroups: DemoStep = async (as) => {
  const handlers = groupHandlers();
  const teacher = as("teacher");
  for (const { members, ...draft } of groups) {
    const { groups: alike } = await handlers.listGroups({ query: draft.name }, teacher);
    const left = alike.find(({ name }) => name === draft.name);
    const { id } = left
      ? await handlers.updateGroup({ group_id: left.id, ...draft }, teacher)
      : await handlers.createGroup(draft, teacher);
    const user_ids = members.map((person) => as(person).user.id);
    if (user_ids.length > 0) await handlers.addGroupMembers({ group_id: id, user_ids }, teacher);
  }
};
