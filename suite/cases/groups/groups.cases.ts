// Cases of groups themselves: made, found, changed and deleted.
import { absent, matches, timestamp, type CaseFile, type Step } from "../../../runner/cases/case.js";
import { missingId } from "../tea-chat.js";
import {
  add,
  anna,
  boris,
  clara,
  isIn,
  isInChat,
  makeGroup,
  makeGroupWithChat,
  makeSecond,
  makeSecondWithChat,
} from "./school-group.js";

const taken = "GROUP_NAME_TAKEN";
const stale = { "If-Match": '"7"' };
/** Deletes the chat of $group. */
const deleteChat: Step = { call: "deleteChat", as: "teacher", send: { chat_id: "$chat" }, answers: 204 };
const pageOfOne: Step = {
  call: "listGroups",
  as: "alice",
  send: { query: "${case}", limit: 1 },
  with: { groups: [{ id: "$group" }], next_page_token: matches(".") },
  capture: { next: "next_page_token" },
};

export const groups: CaseFile = {
  subject: "groups",
  actors: ["alice", "teacher", "admin"],
  cases: {
    createGroup: {
      "makes a group without members and without a chat": {
        as: "teacher",
        send: { name: " 10-А ${case} ", colour: "#3F51B5" },
        answers: 201,
        with: {
          name: "10-А ${case}",
          colour: "#3f51b5",
          chat_id: absent,
          member_count: 0,
          created_at: timestamp,
          version: 1,
        },
        answerHeaders: { location: matches("/v1/groups/\\d+$") },
      },
      "has a colour when none was chosen": {
        as: "admin",
        send: { name: "Plain ${case}" },
        answers: 201,
        with: { colour: matches("^#[0-9a-f]{6}$") },
      },
      "makes a chat with it, which the caller owns": {
        given: [makeGroupWithChat],
        steps: [
          {
            call: "getChat",
            as: "teacher",
            send: { chat_id: "$chat" },
            with: {
              chat: { title: "Group ${case}", kind: "CHAT_KIND_GROUP", role: "CHAT_ROLE_OWNER", member_count: 1 },
            },
          },
          { call: "getGroup", as: "alice", send: { group_id: "$group" }, with: { chat_id: "$chat" } },
        ],
      },
      "refuses a name that another group has, in any case": {
        given: [makeGroup, { ...makeGroup, send: { name: "Ёжики и é ${case}" } }],
        steps: ["Group ${case}", " gROUP ${case}", "ёЖИКИ И É ${case}", "ёжики и e\u0301 ${case}"].map((name) => ({
          as: "teacher",
          send: { name, with_chat: true },
          answers: taken,
        })),
      },
      "is made once of twenty at once with one name": {
        as: "teacher",
        send: { name: "Race ${case}", with_chat: true },
        times: 20,
        answers: { "201": 1, [taken]: 19 },
      },
      "refuses what is no colour": {
        as: "teacher",
        send: { name: "Group ${case}", colour: "#12345g" },
        violates: { field: "colour", rule: "string.pattern" },
      },
      "needs a login": { send: { name: "Group" }, answers: "UNAUTHENTICATED" },
    },
    listGroups: {
      "lists groups by name, and finds them by parts of it": {
        given: [makeSecond, makeGroup],
        steps: [
          {
            as: "alice",
            send: { query: "${case}" },
            with: { groups: [{ id: "$group", member_count: 0 }, { id: "$second" }], next_page_token: "" },
          },
          { as: "alice", send: { query: "${case} GROU" }, with: { groups: [{ id: "$group" }] } },
          { as: "alice", send: { query: "${case} nowhere" }, with: { groups: [] } },
        ],
      },
      "a group that is renamed between two pages is on one of them": {
        given: [makeGroup, makeSecond, pageOfOne],
        steps: [
          { call: "updateGroup", as: "teacher", send: { group_id: "$group", name: "Zebra ${case}" } },
          { call: "updateGroup", as: "teacher", send: { group_id: "$second", name: "A ${case}" } },
          {
            as: "alice",
            send: { query: "${case}", limit: 1, page_token: "$next" },
            with: { groups: [{ id: "$second", name: "A ${case}" }], next_page_token: "" },
          },
        ],
      },
      "refuses a token of another search": {
        given: [makeGroup, makeSecond, pageOfOne],
        as: "alice",
        send: { query: "other", page_token: "$next" },
        answers: "INVALID_PAGE_TOKEN",
      },
      "refuses a query with too many words": {
        as: "alice",
        send: { query: "a b c d e f g h i j k l m n o p q r s t u" },
        answers: "SEARCH_TOO_BROAD",
      },
      "needs a login": { answers: "UNAUTHENTICATED" },
    },
    getGroup: {
      "is seen by everybody who is logged in": {
        given: [anna, boris, makeGroup, add("$group", "$anna", "$boris")],
        as: "alice",
        send: { group_id: "$group" },
        with: { id: "$group", name: "Group ${case}", member_count: 2, version: 1 },
      },
      "has no chat once that is deleted": {
        given: [makeGroupWithChat, deleteChat],
        as: "alice",
        send: { group_id: "$group" },
        with: { chat_id: absent },
      },
      "there is no such group": { as: "alice", send: { group_id: missingId }, answers: "GROUP_NOT_FOUND" },
      "needs a login": { send: { group_id: 1 }, answers: "UNAUTHENTICATED" },
    },
    updateGroup: {
      "changes the name, and the title of the chat with it": {
        given: [makeGroupWithChat],
        steps: [
          {
            as: "admin",
            send: { group_id: "$group", name: "New ${case}" },
            with: { name: "New ${case}", colour: "#607d8b", chat_id: "$chat", version: 2 },
          },
          { call: "getChat", as: "teacher", send: { chat_id: "$chat" }, with: { chat: { title: "New ${case}" } } },
        ],
      },
      "changes the colour alone": {
        given: [makeGroup],
        as: "teacher",
        send: { group_id: "$group", colour: "#00FF00" },
        with: { name: "Group ${case}", colour: "#00ff00", version: 2 },
      },
      "what is equal already changes nothing": {
        given: [makeGroupWithChat],
        as: "teacher",
        send: { group_id: "$group", name: "Group ${case}", colour: "#607D8B", with_chat: true },
        with: { chat_id: "$chat", version: 1 },
      },
      "a name may change its case": {
        given: [makeGroup],
        as: "teacher",
        send: { group_id: "$group", name: "GROUP ${case}" },
        with: { name: "GROUP ${case}", version: 2 },
      },
      "makes a chat of the people in the group": {
        noisy: true,
        given: [anna, boris, makeGroup, add("$group", "$anna", "$boris")],
        steps: [
          {
            as: "teacher",
            send: { group_id: "$group", name: "Now ${case}", with_chat: true },
            with: { version: 2, member_count: 2 },
            capture: { chat: "chat_id" },
          },
          isInChat("$chat", "$anna"),
          isInChat("$chat", "$boris"),
          isInChat("$chat", "$teacher", "CHAT_ROLE_OWNER"),
          { call: "getChat", as: "teacher", send: { chat_id: "$chat" }, with: { chat: { title: "Now ${case}" } } },
        ],
      },
      "makes another chat for one that was deleted": {
        given: [makeGroupWithChat, deleteChat],
        steps: [
          { as: "teacher", send: { group_id: "$group", with_chat: true }, capture: { another: "chat_id" } },
          isInChat("$another", "$teacher", "CHAT_ROLE_OWNER"),
        ],
      },
      "twenty at once make one chat": {
        given: [anna, makeGroup, add("$group", "$anna")],
        as: "teacher",
        send: { group_id: "$group", with_chat: true },
        times: 20,
        answers: { "200": 20 },
        same: ["chat_id", "version"],
      },
      "refuses a name that another group has": {
        given: [makeGroup, makeSecond],
        as: "teacher",
        send: { group_id: "$group", name: "second ${case}" },
        answers: taken,
      },
      "there is no such group": {
        as: "teacher",
        send: { group_id: missingId, name: "New ${case}" },
        answers: "GROUP_NOT_FOUND",
      },
      "is refused to who has seen another version": {
        given: [makeGroup],
        as: "teacher",
        send: { group_id: "$group", name: "New ${case}" },
        headers: stale,
        answers: "PRECONDITION_FAILED",
      },
      "needs a login": { send: { group_id: 1, name: "Group" }, answers: "UNAUTHENTICATED" },
    },
    deleteGroup: {
      "deletes a group without members, and leaves its chat": {
        given: [makeGroupWithChat],
        steps: [
          { as: "teacher", send: { group_id: "$group" }, answers: 204 },
          { call: "getGroup", as: "teacher", send: { group_id: "$group" }, answers: "GROUP_NOT_FOUND" },
          isInChat("$chat", "$teacher", "CHAT_ROLE_OWNER"),
          deleteChat,
        ],
      },
      "refuses a group with members": {
        given: [anna, makeGroup, add("$group", "$anna")],
        steps: [{ as: "teacher", send: { group_id: "$group" }, answers: "GROUP_NOT_EMPTY" }, isIn("$anna", "$group")],
      },
      "moves its members to another group in the same act": {
        noisy: true,
        given: [anna, boris, makeGroupWithChat, makeSecondWithChat, add("$group", "$anna", "$boris")],
        steps: [
          { as: "teacher", send: { group_id: "$group", move_to_group_id: "$second" }, answers: 204 },
          { call: "getGroup", as: "alice", send: { group_id: "$second" }, with: { member_count: 2 } },
          isIn("$anna", "$second"),
          isInChat("$secondChat", "$anna"),
          isInChat("$secondChat", "$boris"),
          // What was said there stays.
          isInChat("$chat", "$anna"),
          add("$second", "$anna"),
          deleteChat,
        ],
      },
      "moves nobody to the same group, nor to one that does not exist": {
        given: [anna, makeGroup, add("$group", "$anna")],
        steps: [
          { as: "teacher", send: { group_id: "$group", move_to_group_id: "$group" }, answers: "GROUP_NOT_FOUND" },
          { as: "teacher", send: { group_id: "$group", move_to_group_id: missingId }, answers: "GROUP_NOT_FOUND" },
          isIn("$anna", "$group"),
        ],
      },
      "a teacher does not move a teacher with it": {
        given: [anna, clara, makeGroup, makeSecond, { ...add("$group", "$clara", "$anna"), as: "admin" }],
        steps: [
          {
            as: "teacher",
            send: { group_id: "$group", move_to_group_id: "$second" },
            answers: "PERMISSION_DENIED",
          },
          isIn("$anna", "$group"),
          { as: "admin", send: { group_id: "$group", move_to_group_id: "$second" }, answers: 204 },
          isIn("$clara", "$second"),
        ],
      },
      "there is no such group": {
        steps: [
          { as: "teacher", send: { group_id: missingId }, answers: "GROUP_NOT_FOUND" },
          { as: "teacher", send: { group_id: missingId, move_to_group_id: 1 }, answers: "GROUP_NOT_FOUND" },
        ],
      },
      "is refused to who has seen another version": {
        given: [makeGroup, makeSecond],
        steps: [
          { as: "teacher", send: { group_id: "$group" }, headers: stale, answers: "PRECONDITION_FAILED" },
          {
            as: "teacher",
            send: { group_id: "$group", move_to_group_id: "$second" },
            headers: stale,
            answers: "PRECONDITION_FAILED",
          },
          { call: "getGroup", as: "alice", send: { group_id: "$group" }, with: { version: 1 } },
        ],
      },
      "needs a login": { send: { group_id: 1 }, answers: "UNAUTHENTICATED" },
    },
  },
};
