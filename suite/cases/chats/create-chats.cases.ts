// Cases of creating chats.
import { matches, timestamp, type CaseFile } from "../../../runner/cases/case.js";
import { missingId, teaChat } from "../tea-chat.js";

/** The account of a user who has no chats yet. */
const account = { email: "fresh.${case}@example.org", password: "correct horse" };

export const createChats: CaseFile = {
  subject: "chats",
  actors: ["alice", "bob", "carol", "mallory", "admin"],
  given: [teaChat],
  cases: {
    createChat: {
      "creates a group chat that the caller owns": {
        as: "alice",
        send: { title: "  Чаепитие ", member_ids: ["$bob", "$alice"] },
        answers: 201,
        capture: { id: "id" },
        exactly: {
          id: "$id",
          title: "Чаепитие",
          kind: "CHAT_KIND_GROUP",
          created_at: timestamp,
          message_count: 0,
          member_count: 2,
          last_seq: 0,
          last_read_seq: 0,
          unread_count: 0,
          role: "CHAT_ROLE_OWNER",
          version: 1,
        },
        answerHeaders: { location: "/v1/chats/${id}" },
      },
      "a chat needs no member but its creator": {
        as: "alice",
        send: { title: "Notes" },
        answers: 201,
        with: { member_count: 1 },
      },
      "a member id that does not exist is refused": {
        as: "alice",
        send: { title: "Ghosts", member_ids: ["$bob", missingId] },
        answers: "USER_NOT_FOUND",
        with: { detail: `User with id=${missingId} not found` },
      },
      "a title of white space breaks a rule": {
        as: "alice",
        send: { title: " \t\n" },
        violates: { field: "title", rule: "string.min_len" },
        with: { violations: [{ pointer: "/title", message: matches(".") }] },
      },
      "a title is one line of what can be seen, in any script": {
        steps: [
          { as: "alice", send: { title: "a\u2028b" }, violates: { field: "title", rule: "text.line_break" } },
          { as: "alice", send: { title: "a\u0007b" }, violates: { field: "title", rule: "text.control" } },
          { as: "alice", send: { title: "a\u2066b" }, violates: { field: "title", rule: "text.invisible" } },
          {
            as: "alice",
            send: { title: "\u3164" },
            violates: [
              { field: "title", rule: "text.visible" },
              { field: "title", rule: "text.invisible" },
            ],
          },
          ...["👩\u200d👩\u200d👧 ❤\ufe0f", "می\u200cخواهم", "שלום"].map((title) => ({
            as: "alice" as const,
            send: { title },
            answers: 201 as const,
            with: { title },
          })),
        ],
      },
      "a title has at most 200 code points": {
        steps: [
          { as: "alice", send: { title: "😀".repeat(200) }, answers: 201, with: { title: "😀".repeat(200) } },
          { as: "alice", send: { title: "я".repeat(201) }, violates: { field: "title", rule: "string.max_len" } },
        ],
      },
      "repeated member ids and the id 0 break rules": {
        as: "alice",
        send: { title: "Twice", member_ids: ["$bob", "$bob", 0] },
        violates: [
          { field: "member_ids", rule: "repeated.unique" },
          { field: "member_ids[2]", rule: "int64.gt" },
        ],
      },
      "101 members are too many": {
        as: "alice",
        send: { title: "Crowd", member_ids: Array.from({ length: 101 }, (_, at) => at + 1) },
        violates: { field: "member_ids", rule: "repeated.max_items" },
      },
      "needs a login": { send: { title: "Nobody's" }, answers: "UNAUTHENTICATED" },
    },
    openDirectChat: {
      "creates a chat of two people, with the other's name as its title": {
        steps: [
          {
            as: "alice",
            send: { user_id: "$bob" },
            capture: { id: "id" },
            with: {
              id: "$id",
              title: "bob Run${run}",
              kind: "CHAT_KIND_DIRECT",
              direct_user_id: "$bob",
              member_count: 2,
              role: "CHAT_ROLE_MEMBER",
            },
          },
          {
            as: "bob",
            send: { user_id: "$alice" },
            with: { id: "$id", title: "alice Run${run}", direct_user_id: "$alice" },
          },
          { as: "alice", send: { user_id: "$bob" }, with: { id: "$id" } },
        ],
      },
      "twenty concurrent calls of both people open the same chat": {
        given: [
          {
            call: "register",
            send: { ...account, first_name: "Fresh", last_name: "Face" },
            answers: 201,
            capture: { fresh: "id" },
          },
          { call: "login", send: account, capture: { token: "access_token" } },
        ],
        together: [
          { as: "alice", send: { user_id: "$fresh" }, times: 10 },
          { token: "$token", send: { user_id: "$alice" }, times: 10 },
        ],
        same: ["id"],
      },
      "a direct chat with oneself is allowed": {
        steps: [
          {
            as: "carol",
            send: { user_id: "$carol" },
            capture: { notes: "id" },
            with: { member_count: 1, direct_user_id: "$carol" },
          },
          { as: "carol", send: { user_id: "$carol" }, with: { id: "$notes" } },
        ],
      },
      "a user id that does not exist is refused": {
        as: "alice",
        send: { user_id: missingId },
        answers: "USER_NOT_FOUND",
        with: { detail: `User with id=${missingId} not found` },
      },
      "an id of 0 breaks a rule": {
        as: "alice",
        send: { user_id: 0 },
        violates: { field: "user_id", rule: "int64.gt" },
      },
      "needs a login": { send: { user_id: 1 }, answers: "UNAUTHENTICATED" },
    },
  },
};
