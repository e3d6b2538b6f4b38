// Groups that the cases of groups make, and what follows of them.
import { excluding, including, type Step } from "../../../runner/cases/case.js";

/** Makes a person of the case alone, by the admin. */
const person = (name: string, role = "ROLE_STUDENT"): Step => ({
  call: "createUser",
  as: "admin",
  send: { email: `${name}.\${case}@example.org`, first_name: name, last_name: "Group", role },
  answers: 201,
  capture: { [name]: "id" },
});
export const anna = person("anna");
export const boris = person("boris");
/** A teacher. */
export const clara = person("clara", "ROLE_TEACHER");

/** Makes $group, by the teacher; with a chat, $chat. */
export const makeGroup: Step = {
  call: "createGroup",
  as: "teacher",
  send: { name: "Group ${case}" },
  answers: 201,
  capture: { group: "id" },
};
export const makeGroupWithChat: Step = {
  ...makeGroup,
  send: { name: "Group ${case}", with_chat: true },
  capture: { group: "id", chat: "chat_id" },
};

/** Makes $second, by the teacher; with a chat, $secondChat. */
export const makeSecond: Step = { ...makeGroup, send: { name: "Second ${case}" }, capture: { second: "id" } };
export const makeSecondWithChat: Step = {
  ...makeGroup,
  send: { name: "Second ${case}", with_chat: true },
  capture: { second: "id", secondChat: "chat_id" },
};

/** Puts people into a group. */
export const add = (group_id: string, ...user_ids: string[]): Step => ({
  call: "addGroupMembers",
  as: "teacher",
  send: { group_id, user_ids },
});

/** Takes a person out of $group. */
export const remove = (user_id: string, as = "teacher"): Step => ({
  call: "removeGroupMember",
  as,
  send: { group_id: "$group", user_id },
  answers: 204,
});

/** The person is in a group; in none without one. */
export const isIn = (user_id: string, group: unknown): Step => ({
  call: "getUser",
  as: "teacher",
  send: { user_id },
  with: { group_id: group },
});

/** The person is a member of the chat, as its owner, the teacher, sees it. */
export const isInChat = (chat_id: string, user_id: string, role = "CHAT_ROLE_MEMBER"): Step => ({
  call: "listChatMembers",
  as: "teacher",
  send: { chat_id },
  with: { members: including({ user_id, role }) },
});

/** The person is no member of the chat. */
export const isNotInChat = (chat_id: string, user_id: string): Step => ({
  call: "listChatMembers",
  as: "teacher",
  send: { chat_id },
  with: { members: excluding({ user_id }) },
});
