// Cases of who is in a group, and of its chat, which follows.
import { absent, matches, size, type CaseFile, type Fields, type Step } from "../../../runner/cases/case.js";
import { password } from "../../people.js";
import { missingId } from "../tea-chat.js";
import {
  add,
  anna,
  boris,
  clara,
  isIn,
  isInChat,
  isNotInChat,
  makeGroup,
  makeGroupWithChat,
  makeSecond,
  makeSecondWithChat,
  remove,
} from "./school-group.js";

const denied = "PERMISSION_DENIED";
const say = (text: string): Step => ({
  call: "sendMessage",
  as: "teacher",
  send: { chat_id: "$chat", text },
  answers: 201,
});
const asSeen = (chat: Fields): Step => ({
  call: "getChat",
  token: "$access",
  send: { chat_id: "$chat" },
  with: { chat },
});

/** A student of the case alone, who is logged in: $dina. */
const email = "dina.${case}@example.org";
const dina: readonly Step[] = [
  {
    call: "register",
    send: { email, password, first_name: "dina", last_name: "Group" },
    answers: 201,
    capture: { dina: "id" },
  },
  { call: "login", send: { email, password }, capture: { access: "access_token" } },
];
const members = (...ids: string[]): Step => ({
  call: "listGroupMembers",
  as: "alice",
  send: { group_id: "$group" },
  with: { users: ids.map((id) => ({ id })), next_page_token: "" },
});

export const groupMembers: CaseFile = {
  subject: "group members",
  actors: ["alice", "teacher", "admin"],
  cases: {
    listGroupMembers: {
      "lists the people of a group by name": {
        given: [anna, boris, makeGroup, add("$group", "$boris", "$anna")],
        as: "alice",
        send: { group_id: "$group" },
        with: {
          users: [
            { id: "$anna", group_id: "$group", email: absent },
            { id: "$boris", group_id: "$group" },
          ],
          next_page_token: "",
        },
      },
      "is empty for a group without members": {
        given: [makeGroup],
        as: "alice",
        send: { group_id: "$group" },
        with: { users: [], next_page_token: "" },
      },
      "there is no such group": { as: "alice", send: { group_id: missingId }, answers: "GROUP_NOT_FOUND" },
      "refuses a token of another group": {
        given: [
          anna,
          boris,
          makeGroup,
          makeSecond,
          add("$group", "$anna", "$boris"),
          {
            call: "listGroupMembers",
            as: "alice",
            send: { group_id: "$group", limit: 1 },
            with: { users: [{ id: "$anna" }], next_page_token: matches(".") },
            capture: { next: "next_page_token" },
          },
        ],
        as: "alice",
        send: { group_id: "$second", page_token: "$next" },
        answers: "INVALID_PAGE_TOKEN",
      },
      "needs a login": { send: { group_id: 1 }, answers: "UNAUTHENTICATED" },
    },
    addGroupMembers: {
      "puts people into a group, and into its chat": {
        noisy: true,
        given: [anna, ...dina, makeGroupWithChat, say("before")],
        steps: [
          {
            as: "teacher",
            send: { group_id: "$group", user_ids: ["$dina", "$anna"] },
            with: { id: "$group", member_count: 2, version: 1 },
          },
          isIn("$anna", "$group"),
          isInChat("$chat", "$anna"),
          isInChat("$chat", "$dina"),
          // As whoever joins a chat: what was said before is not unread.
          asSeen({ role: "CHAT_ROLE_MEMBER", unread_count: 0, member_count: 3 }),
        ],
      },
      "who is in another group leaves it, and its chat": {
        given: [anna, boris, makeGroupWithChat, makeSecondWithChat, add("$group", "$anna", "$boris")],
        steps: [
          { ...add("$second", "$anna"), with: { member_count: 1 } },
          isIn("$anna", "$second"),
          isNotInChat("$chat", "$anna"),
          isInChat("$chat", "$boris"),
          isInChat("$secondChat", "$anna"),
          { call: "getGroup", as: "alice", send: { group_id: "$group" }, with: { member_count: 1 } },
        ],
      },
      "who comes back finds unread what was said meanwhile": {
        given: [...dina, makeGroupWithChat, add("$group", "$dina"), say("one")],
        steps: [
          { call: "readChat", token: "$access", send: { chat_id: "$chat", seq: 1 } },
          remove("$dina"),
          say("two"),
          say("three"),
          add("$group", "$dina"),
          asSeen({ last_read_seq: 1, unread_count: 2 }),
        ],
      },
      "who is in it already stays as they are": {
        given: [anna, makeGroupWithChat, add("$group", "$anna")],
        steps: [
          { call: "removeChatMember", as: "teacher", send: { chat_id: "$chat", user_id: "$anna" }, answers: 204 },
          { ...add("$group", "$anna"), with: { member_count: 1 } },
          // Whom an owner removed by hand is back after joining anew.
          isNotInChat("$chat", "$anna"),
          remove("$anna"),
          add("$group", "$anna"),
          isInChat("$chat", "$anna"),
        ],
      },
      "who is in the chat by hand stays when somebody else leaves": {
        given: [anna, boris, makeGroupWithChat, add("$group", "$anna")],
        steps: [
          { call: "addChatMember", as: "teacher", send: { chat_id: "$chat", user_id: "$boris" }, answers: 201 },
          remove("$anna"),
          isInChat("$chat", "$boris"),
        ],
      },
      "moves all of them or nobody": {
        given: [anna, makeGroup, makeSecond, add("$second", "$anna")],
        steps: [
          { as: "teacher", send: { group_id: "$group", user_ids: ["$anna", missingId] }, answers: "USER_NOT_FOUND" },
          { as: "teacher", send: { group_id: "$group", user_ids: ["$anna", "$admin"] }, answers: denied },
          isIn("$anna", "$second"),
        ],
      },
      "a teacher moves neither teachers nor themselves, and a super admin everybody": {
        given: [clara, makeGroup],
        steps: [
          ...["$clara", "$teacher", "$admin"].map((id) => ({
            as: "teacher",
            send: { group_id: "$group", user_ids: [id] },
            answers: denied,
          })),
          { as: "admin", send: { group_id: "$group", user_ids: ["$clara", "$admin"] }, with: { member_count: 2 } },
          {
            call: "removeGroupMember",
            as: "teacher",
            send: { group_id: "$group", user_id: "$clara" },
            answers: denied,
          },
          // Another run may have moved the super admin meanwhile, whom all runs share.
          remove("$clara", "admin"),
        ],
      },
      "there is no such group": {
        given: [anna],
        as: "teacher",
        send: { group_id: missingId, user_ids: ["$anna"] },
        answers: "GROUP_NOT_FOUND",
      },
      "an account that ends leaves its group": {
        given: [anna, ...dina, makeGroupWithChat, add("$group", "$dina", "$anna")],
        steps: [
          { call: "deleteMe", token: "$access", send: { password }, answers: 204 },
          members("$anna"),
          { call: "getGroup", as: "alice", send: { group_id: "$group" }, with: { member_count: 1 } },
          { call: "listChatMembers", as: "teacher", send: { chat_id: "$chat" }, with: { members: size(2) } },
          { as: "teacher", send: { group_id: "$group", user_ids: ["$dina"] }, answers: "USER_NOT_FOUND" },
        ],
      },
      "who is suspended stays": {
        given: [
          ...dina,
          makeGroupWithChat,
          add("$group", "$dina"),
          { call: "suspendUser", as: "teacher", send: { user_id: "$dina" } },
        ],
        steps: [members("$dina"), isInChat("$chat", "$dina")],
      },
      "needs a login": { send: { group_id: 1, user_ids: [1] }, answers: "UNAUTHENTICATED" },
    },
    removeGroupMember: {
      "takes a person out of a group, and out of its chat": {
        given: [anna, boris, makeGroupWithChat, add("$group", "$anna", "$boris")],
        steps: [
          { as: "teacher", send: { group_id: "$group", user_id: "$anna" }, answers: 204 },
          isIn("$anna", absent),
          isNotInChat("$chat", "$anna"),
          members("$boris"),
        ],
      },
      "who owns the chat stays in it": {
        given: [
          anna,
          makeGroupWithChat,
          add("$group", "$anna"),
          {
            call: "updateChatMember",
            as: "teacher",
            send: { chat_id: "$chat", user_id: "$anna", role: "CHAT_ROLE_OWNER" },
          },
        ],
        steps: [remove("$anna"), isIn("$anna", absent), isInChat("$chat", "$anna", "CHAT_ROLE_OWNER")],
      },
      "who is not in this group is not taken out of another one": {
        given: [anna, makeGroup, makeSecond, add("$second", "$anna")],
        steps: [
          { as: "teacher", send: { group_id: "$group", user_id: "$anna" }, answers: "MEMBER_NOT_FOUND" },
          { as: "teacher", send: { group_id: "$group", user_id: missingId }, answers: "MEMBER_NOT_FOUND" },
          isIn("$anna", "$second"),
        ],
      },
      "there is no such group": {
        given: [anna],
        as: "teacher",
        send: { group_id: missingId, user_id: "$anna" },
        answers: "GROUP_NOT_FOUND",
      },
      "a teacher does not take out who is above them": {
        given: [clara, makeGroup, { ...add("$group", "$clara"), as: "admin" }],
        steps: [
          { as: "teacher", send: { group_id: "$group", user_id: "$clara" }, answers: denied },
          isIn("$clara", "$group"),
        ],
      },
      "needs a login": { send: { group_id: 1, user_id: 1 }, answers: "UNAUTHENTICATED" },
    },
  },
};
