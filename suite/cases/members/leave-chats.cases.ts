// Cases of removing members and leaving a chat.
import { type CaseFile, type Step } from "../../../runner/cases/case.js";
import { teaChat, directChat } from "../tea-chat.js";

const promote = (user: string): Step => ({
  call: "updateChatMember",
  as: "alice",
  send: { chat_id: "$tea", user_id: user, role: "CHAT_ROLE_OWNER" },
});

export const leaveChats: CaseFile = {
  subject: "members",
  actors: ["alice", "bob", "carol", "mallory", "admin"],
  given: [teaChat],
  cases: {
    removeChatMember: {
      "an owner removes a member, who can no longer read the chat": {
        steps: [
          { as: "alice", send: { chat_id: "$tea", user_id: "$bob" }, answers: 204 },
          { call: "getChat", as: "bob", send: { chat_id: "$tea" }, answers: "CHAT_NOT_FOUND" },
          { as: "alice", send: { chat_id: "$tea", user_id: "$bob" }, answers: "MEMBER_NOT_FOUND" },
        ],
      },
      "a member who is not an owner is refused": {
        as: "bob",
        send: { chat_id: "$tea", user_id: "$alice" },
        answers: "PERMISSION_DENIED",
      },
      "a super admin is allowed": { as: "admin", send: { chat_id: "$tea", user_id: "$bob" }, answers: 204 },
      "the last owner cannot be removed": {
        as: "admin",
        send: { chat_id: "$tea", user_id: "$alice" },
        answers: "LAST_OWNER",
      },
      "a user who is not a member cannot be removed": {
        as: "alice",
        send: { chat_id: "$tea", user_id: "$carol" },
        answers: "MEMBER_NOT_FOUND",
      },
      "a member of a direct chat cannot be removed": {
        given: [directChat],
        as: "alice",
        send: { chat_id: "$direct", user_id: "$bob" },
        answers: "DIRECT_CHAT",
      },
      "a caller who is not a member gets CHAT_NOT_FOUND": {
        as: "mallory",
        send: { chat_id: "$tea", user_id: "$bob" },
        answers: "CHAT_NOT_FOUND",
      },
      "needs a login": { send: { chat_id: 1, user_id: 1 }, answers: "UNAUTHENTICATED" },
    },
    leaveChat: {
      "a member leaves, and can no longer read the chat": {
        steps: [
          { as: "bob", send: { chat_id: "$tea" }, answers: 204 },
          { call: "getChat", as: "bob", send: { chat_id: "$tea" }, answers: "CHAT_NOT_FOUND" },
          { as: "bob", send: { chat_id: "$tea" }, answers: "CHAT_NOT_FOUND" },
        ],
      },
      "the last owner cannot leave without a new owner": {
        as: "alice",
        send: { chat_id: "$tea" },
        answers: "LAST_OWNER",
      },
      "the last owner leaves with a new owner": {
        steps: [
          { as: "alice", send: { chat_id: "$tea", new_owner_id: "$bob" }, answers: 204 },
          {
            call: "getChat",
            as: "bob",
            send: { chat_id: "$tea" },
            with: { chat: { role: "CHAT_ROLE_OWNER", member_count: 1 } },
          },
        ],
      },
      "a member who is no owner names none": {
        given: [{ call: "addChatMember", as: "alice", send: { chat_id: "$tea", user_id: "$carol" }, answers: 201 }],
        steps: [
          { as: "bob", send: { chat_id: "$tea", new_owner_id: "$carol" }, answers: 204 },
          {
            call: "listChatMembers",
            as: "alice",
            send: { chat_id: "$tea" },
            with: {
              members: [
                { user_id: "$alice", role: "CHAT_ROLE_OWNER" },
                { user_id: "$carol", role: "CHAT_ROLE_MEMBER" },
              ],
            },
          },
        ],
      },
      "the last owner cannot name themselves": {
        steps: [
          { as: "alice", send: { chat_id: "$tea", new_owner_id: "$alice" }, answers: "MEMBER_NOT_FOUND" },
          { call: "getChat", as: "alice", send: { chat_id: "$tea" }, with: { chat: { role: "CHAT_ROLE_OWNER" } } },
        ],
      },
      "the new owner must be a member": {
        as: "alice",
        send: { chat_id: "$tea", new_owner_id: "$carol" },
        answers: "MEMBER_NOT_FOUND",
      },
      "a chat is deleted with its last member": {
        steps: [
          { as: "bob", send: { chat_id: "$tea" }, answers: 204 },
          { as: "alice", send: { chat_id: "$tea" }, answers: 204 },
          { call: "getChat", as: "admin", send: { chat_id: "$tea" }, answers: "CHAT_NOT_FOUND" },
        ],
      },
      "of two owners who concurrently leave, one remains": {
        given: [
          promote("$bob"),
          { call: "addChatMember", as: "alice", send: { chat_id: "$tea", user_id: "$carol" }, answers: 201 },
        ],
        steps: [
          {
            together: [
              { as: "alice", send: { chat_id: "$tea" }, times: 10, answers: "*" },
              { as: "bob", send: { chat_id: "$tea" }, times: 10, answers: "*" },
            ],
          },
          {
            call: "listChatMembers",
            as: "carol",
            send: { chat_id: "$tea" },
            with: { members: [{ role: "CHAT_ROLE_OWNER" }, { user_id: "$carol", role: "CHAT_ROLE_MEMBER" }] },
          },
        ],
        noisy: true,
      },
      "a direct chat cannot be left": {
        given: [directChat],
        as: "alice",
        send: { chat_id: "$direct" },
        answers: "DIRECT_CHAT",
      },
      "a caller who is not a member gets CHAT_NOT_FOUND": {
        as: "mallory",
        send: { chat_id: "$tea" },
        answers: "CHAT_NOT_FOUND",
      },
      "needs a login": { send: { chat_id: 1 }, answers: "UNAUTHENTICATED" },
    },
  },
};
