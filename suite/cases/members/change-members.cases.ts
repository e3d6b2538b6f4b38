// Cases of listing, adding and changing members.
import { matches, timestamp, type CaseFile, type Step } from "../../../runner/cases/case.js";
import { missingId, teaChat, directChat } from "../tea-chat.js";

const promote = (user: string): Step => ({
  call: "updateChatMember",
  as: "alice",
  send: { chat_id: "$tea", user_id: user, role: "CHAT_ROLE_OWNER" },
});

export const changeMembers: CaseFile = {
  subject: "members",
  actors: ["alice", "bob", "carol", "mallory", "admin"],
  given: [teaChat],
  cases: {
    listChatMembers: {
      "lists owners first, then members by the time they joined": {
        given: [{ call: "addChatMember", as: "alice", send: { chat_id: "$tea", user_id: "$carol" }, answers: 201 }],
        as: "bob",
        send: { chat_id: "$tea" },
        exactly: {
          members: [
            {
              chat_id: "$tea",
              user_id: "$alice",
              first_name: "alice",
              last_name: "Run${run}",
              role: "CHAT_ROLE_OWNER",
              joined_at: timestamp,
              last_read_seq: 0,
            },
            {
              chat_id: "$tea",
              user_id: "$bob",
              first_name: "bob",
              last_name: "Run${run}",
              role: "CHAT_ROLE_MEMBER",
              joined_at: timestamp,
              last_read_seq: 0,
            },
            {
              chat_id: "$tea",
              user_id: "$carol",
              first_name: "carol",
              last_name: "Run${run}",
              role: "CHAT_ROLE_MEMBER",
              joined_at: timestamp,
              last_read_seq: 0,
            },
          ],
          next_page_token: "",
          people: [],
        },
      },
      "an owner is before the members who joined earlier": {
        given: [
          {
            call: "addChatMember",
            as: "alice",
            send: { chat_id: "$tea", user_id: "$carol", role: "CHAT_ROLE_OWNER" },
            answers: 201,
          },
        ],
        as: "bob",
        send: { chat_id: "$tea" },
        with: { members: [{ user_id: "$alice" }, { user_id: "$carol" }, { user_id: "$bob" }] },
      },
      "is paginated": {
        steps: [
          {
            as: "bob",
            send: { chat_id: "$tea", limit: 1 },
            with: { members: [{ user_id: "$alice" }], next_page_token: matches(".") },
            capture: { next: "next_page_token" },
          },
          {
            as: "bob",
            send: { chat_id: "$tea", limit: 1, page_token: "$next" },
            with: { members: [{ user_id: "$bob" }], next_page_token: "" },
          },
          { as: "bob", send: { chat_id: "$tea", skip: 1 }, with: { members: [{ user_id: "$bob" }] } },
          { as: "bob", send: { chat_id: "$tea", skip: 1, page_token: "$next" }, answers: "MALFORMED_REQUEST" },
        ],
      },
      "a page token of another chat is refused": {
        given: [
          {
            call: "createChat",
            as: "alice",
            send: { title: "Other", member_ids: ["$bob"] },
            answers: 201,
            capture: { other: "id" },
          },
        ],
        steps: [
          { as: "alice", send: { chat_id: "$other", limit: 1 }, capture: { next: "next_page_token" } },
          { as: "alice", send: { chat_id: "$tea", page_token: "$next" }, answers: "INVALID_PAGE_TOKEN" },
        ],
      },
      "a caller who is not a member gets CHAT_NOT_FOUND": {
        as: "mallory",
        send: { chat_id: "$tea" },
        answers: "CHAT_NOT_FOUND",
      },
      "a super admin who is not a member gets CHAT_NOT_FOUND": {
        as: "admin",
        send: { chat_id: "$tea" },
        answers: "CHAT_NOT_FOUND",
      },
      "needs a login": { send: { chat_id: 1 }, answers: "UNAUTHENTICATED" },
    },
    addChatMember: {
      "an owner adds a user, who can then read the chat": {
        steps: [
          {
            as: "alice",
            send: { chat_id: "$tea", user_id: "$carol" },
            answers: 201,
            exactly: {
              chat_id: "$tea",
              user_id: "$carol",
              first_name: "carol",
              last_name: "Run${run}",
              role: "CHAT_ROLE_MEMBER",
              joined_at: timestamp,
              last_read_seq: 0,
            },
            answerHeaders: { location: "/v1/chats/${tea}/members" },
          },
          { call: "getChat", as: "carol", send: { chat_id: "$tea" }, with: { chat: { member_count: 3 } } },
        ],
      },
      "a user can be added as an owner": {
        as: "alice",
        send: { chat_id: "$tea", user_id: "$carol", role: "CHAT_ROLE_OWNER" },
        answers: 201,
        with: { role: "CHAT_ROLE_OWNER" },
      },
      "a role that is not defined breaks a rule": {
        as: "alice",
        send: { chat_id: "$tea", user_id: "$carol", role: 9 },
        violates: { field: "role", rule: "enum.defined_only" },
      },
      "one of twenty concurrent additions of the same user succeeds": {
        as: "alice",
        send: { chat_id: "$tea", user_id: "$carol" },
        times: 20,
        answers: { "201": 1, ALREADY_MEMBER: 19 },
      },
      "a member cannot be added again": {
        as: "alice",
        send: { chat_id: "$tea", user_id: "$bob" },
        answers: "ALREADY_MEMBER",
        with: { code: "ALREADY_EXISTS" },
      },
      "a member who is not an owner is refused": {
        as: "bob",
        send: { chat_id: "$tea", user_id: "$carol" },
        answers: "PERMISSION_DENIED",
      },
      "a super admin is allowed": { as: "admin", send: { chat_id: "$tea", user_id: "$carol" }, answers: 201 },
      "a user id that does not exist is refused": {
        as: "alice",
        send: { chat_id: "$tea", user_id: missingId },
        answers: "USER_NOT_FOUND",
        with: { detail: `User with id=${missingId} not found` },
      },
      "a direct chat takes no further members": {
        given: [directChat],
        as: "alice",
        send: { chat_id: "$direct", user_id: "$carol" },
        answers: "DIRECT_CHAT",
      },
      "a caller who is not a member gets CHAT_NOT_FOUND, whoever is to be added": {
        steps: ["$carol", "$bob", missingId].map((user_id) => ({
          as: "mallory",
          send: { chat_id: "$tea", user_id },
          answers: "CHAT_NOT_FOUND",
        })),
      },
      "needs a login": { send: { chat_id: 1, user_id: 1 }, answers: "UNAUTHENTICATED" },
    },
    updateChatMember: {
      "makes a member an owner, and a member again": {
        steps: [
          { ...promote("$bob"), with: { user_id: "$bob", role: "CHAT_ROLE_OWNER" } },
          {
            as: "bob",
            send: { chat_id: "$tea", user_id: "$alice", role: "CHAT_ROLE_MEMBER" },
            with: { user_id: "$alice", role: "CHAT_ROLE_MEMBER" },
          },
          {
            as: "alice",
            send: { chat_id: "$tea", user_id: "$alice", role: "CHAT_ROLE_OWNER" },
            answers: "PERMISSION_DENIED",
          },
        ],
      },
      "a request without changes changes nothing": {
        as: "alice",
        send: { chat_id: "$tea", user_id: "$bob" },
        with: { role: "CHAT_ROLE_MEMBER" },
      },
      "the last owner may be given the role of an owner": {
        steps: [
          {
            as: "alice",
            send: { chat_id: "$tea", user_id: "$alice", role: "CHAT_ROLE_OWNER" },
            with: { user_id: "$alice", role: "CHAT_ROLE_OWNER" },
          },
          { as: "alice", send: { chat_id: "$tea", user_id: "$alice" }, with: { role: "CHAT_ROLE_OWNER" } },
        ],
      },
      "the role of the last owner cannot be changed": {
        as: "alice",
        send: { chat_id: "$tea", user_id: "$alice", role: "CHAT_ROLE_MEMBER" },
        answers: "LAST_OWNER",
        with: { code: "FAILED_PRECONDITION" },
      },
      "of two owners who concurrently give up the role, one remains": {
        given: [promote("$bob")],
        steps: [
          {
            together: [
              {
                as: "alice",
                send: { chat_id: "$tea", user_id: "$alice", role: "CHAT_ROLE_MEMBER" },
                times: 10,
                answers: "*",
              },
              {
                as: "bob",
                send: { chat_id: "$tea", user_id: "$bob", role: "CHAT_ROLE_MEMBER" },
                times: 10,
                answers: "*",
              },
            ],
          },
          {
            call: "listChatMembers",
            as: "alice",
            send: { chat_id: "$tea" },
            with: { members: [{ role: "CHAT_ROLE_OWNER" }, { role: "CHAT_ROLE_MEMBER" }] },
          },
        ],
        noisy: true,
      },
      "the role of a user who is not a member cannot be changed": {
        as: "alice",
        send: { chat_id: "$tea", user_id: "$carol", role: "CHAT_ROLE_OWNER" },
        answers: "MEMBER_NOT_FOUND",
      },
      "a member who is not an owner is refused": {
        as: "bob",
        send: { chat_id: "$tea", user_id: "$bob", role: "CHAT_ROLE_OWNER" },
        answers: "PERMISSION_DENIED",
      },
      "a direct chat has no owners": {
        given: [directChat],
        as: "alice",
        send: { chat_id: "$direct", user_id: "$bob", role: "CHAT_ROLE_OWNER" },
        answers: "DIRECT_CHAT",
      },
      "a caller who is not a member gets CHAT_NOT_FOUND": {
        as: "mallory",
        send: { chat_id: "$tea", user_id: "$bob", role: "CHAT_ROLE_OWNER" },
        answers: "CHAT_NOT_FOUND",
      },
      "needs a login": { send: { chat_id: 1, user_id: 1 }, answers: "UNAUTHENTICATED" },
    },
  },
};
