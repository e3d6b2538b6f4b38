// Cases of the audit: what is recorded of acts, and who may read it.
import { absent, matches, size, timestamp, type CaseFile, type Fields, type Step } from "../../runner/cases/case.js";
import { deleteText, missingId, sendText, teaChat } from "./tea-chat.js";

/** What alice did to one chat, as the admin reads it. */
const ofAlice = (fields: Fields): Fields => ({ actor_id: "$alice", ...fields });

/** The member bob of $tea. */
const member: Fields = { target_type: "chat_member", target_id: "${tea}/${bob}" };

const make = (role: string): Step => ({
  call: "updateChatMember",
  as: "alice",
  send: { chat_id: "$tea", user_id: "$bob", role },
});

const deleteTea: Step = { call: "deleteChat", as: "alice", send: { chat_id: "$tea" }, answers: 204 };

export const audit: CaseFile = {
  subject: "audit",
  actors: ["alice", "bob", "teacher", "admin"],
  given: [teaChat],
  cases: {
    listAuditEvents: {
      "a new account did it itself": {
        as: "admin",
        send: { target_type: "user", target_id: "${alice}", action: "account.create" },
        with: { events: [{ actor_id: "$alice", means: "AUDIT_MEANS_NONE" }] },
      },
      "a message that somebody else deletes is recorded, with who did it, how and from where": {
        given: [sendText("bob", "hello"), deleteText("alice")],
        as: "admin",
        send: { target_type: "message", target_id: "${message}" },
        with: {
          events: [
            {
              created_at: timestamp,
              actor_id: "$alice",
              means: "AUDIT_MEANS_BEARER",
              action: "message.delete",
              target_type: "message",
              target_id: "${message}",
              outcome: "AUDIT_OUTCOME_SUCCESS",
              count: 1,
              address: matches("."),
              request_id: matches("."),
            },
          ],
          next_page_token: "",
        },
      },
      "a message that its sender deletes is not": {
        given: [sendText("bob", "hello"), deleteText("bob")],
        as: "admin",
        send: { target_type: "message", target_id: "${message}" },
        with: { events: size(0), next_page_token: "" },
      },
      "lists the newest first, page by page": {
        given: [make("CHAT_ROLE_OWNER"), make("CHAT_ROLE_MEMBER")],
        steps: [
          {
            as: "admin",
            send: ofAlice({ ...member, limit: 1 }),
            with: { events: [{ action: "chat_member.make_member" }], next_page_token: matches(".") },
            capture: { next: "next_page_token" },
          },
          {
            as: "admin",
            send: ofAlice({ ...member, limit: 1, page_token: "$next" }),
            with: { events: [{ action: "chat_member.make_owner" }], next_page_token: "" },
          },
          {
            as: "admin",
            send: ofAlice({ ...member, page_token: "$next", limit: 1, actor_id: "$bob" }),
            answers: "INVALID_PAGE_TOKEN",
          },
        ],
      },
      "an action is exact, and the beginning of several with an asterisk": {
        given: [make("CHAT_ROLE_OWNER"), make("CHAT_ROLE_MEMBER")],
        steps: [
          { as: "admin", send: { ...member, action: "chat_member.make_owner" }, with: { events: size(1) } },
          { as: "admin", send: { ...member, action: "chat_member.make_*" }, with: { events: size(2) } },
          { as: "admin", send: { ...member, action: "chat_member.make_" }, with: { events: size(0) } },
          { as: "admin", send: { ...member, action: "chat_member.make_o*" }, with: { events: size(1) } },
          { as: "admin", send: { ...member, action: "chat*" }, with: { events: size(2) } },
          { as: "admin", send: { ...member, action: "chat.*" }, with: { events: size(0) } },
        ],
      },
      "the removal of a member and the end of a chat are recorded": {
        given: [
          { call: "removeChatMember", as: "alice", send: { chat_id: "$tea", user_id: "$bob" }, answers: 204 },
          deleteTea,
        ],
        steps: [
          { as: "admin", send: member, with: { events: [{ action: "chat_member.remove", actor_id: "$alice" }] } },
          {
            as: "admin",
            send: { target_type: "chat", target_id: "${tea}" },
            with: { events: [{ action: "chat.delete", actor_id: "$alice" }] },
          },
        ],
      },
      "what a super admin does to a chat of others is recorded, and what its owner does is not": {
        given: [
          { call: "updateChat", as: "alice", send: { chat_id: "$tea", title: "Ours" } },
          { call: "updateChat", as: "admin", send: { chat_id: "$tea", title: "Moderated" } },
        ],
        as: "admin",
        send: { target_type: "chat", target_id: "${tea}" },
        with: { events: [{ action: "chat.update", actor_id: "$admin" }] },
      },
      "finds by outcome, moments and request": {
        given: [
          deleteTea,
          {
            call: "listAuditEvents",
            as: "admin",
            send: { target_type: "chat", target_id: "${tea}" },
            with: { events: size(1) },
            capture: { at: "events[0].created_at", request: "events[0].request_id" },
          },
        ],
        steps: [
          [{ outcome: "AUDIT_OUTCOME_SUCCESS" }, 1],
          [{ outcome: "AUDIT_OUTCOME_FAILURE" }, 0],
          [{ request_id: "$request" }, 1],
          [{ request_id: "another" }, 0],
          [{ created_after: "$at" }, 0],
          [{ created_before: "$at" }, 0],
          [{ created_after: "2000-01-01T00:00:00Z", created_before: "2999-01-01T00:00:00.0001Z" }, 1],
          [{ created_before: "9999-12-31T23:59:59.999999Z" }, 1],
          [{ target_type: "message" }, 0],
          [{ actor_id: "$bob" }, 0],
        ].map(([filter, found]): Step => ({
          as: "admin",
          send: { target_type: "chat", target_id: "${tea}", ...(filter as Fields) },
          with: { events: size(found as number) },
        })),
      },
      "a login is recorded with its session": {
        as: "admin",
        send: ofAlice({ action: "session.begin*", target_type: "session" }),
        with: {
          events: [{ target_id: matches("^[1-9]\\d*$"), actor_id: "$alice", outcome: "AUDIT_OUTCOME_SUCCESS" }],
        },
      },
      "an end of the account is recorded": {
        given: [
          {
            call: "register",
            send: {
              email: "gone.${case}@example.org",
              password: "a long password",
              first_name: "Gone",
              last_name: "Now",
            },
            answers: 201,
            capture: { gone: "id" },
          },
          {
            call: "login",
            send: { email: "gone.${case}@example.org", password: "a long password" },
            capture: { session: "access_token" },
          },
          { call: "deleteMe", token: "$session", send: { password: "a long password" }, answers: 204 },
        ],
        as: "admin",
        send: { target_type: "user", target_id: "${gone}", action: "user.delete" },
        with: { events: [{ actor_id: "$gone" }] },
      },
      "nothing that matches is an empty list": {
        as: "admin",
        send: { actor_id: missingId },
        with: { events: [], next_page_token: "" },
      },
      "limits, ids and names break rules": {
        steps: [
          { as: "admin", send: { limit: 101 }, violates: { field: "limit", rule: "int32.lte" } },
          { as: "admin", send: { actor_id: 0 }, violates: { field: "actor_id", rule: "int64.gt" } },
          { as: "admin", send: { action: "DROP" }, violates: { field: "action", rule: "string.pattern" } },
          { as: "admin", send: { action: "*.end" }, violates: { field: "action", rule: "string.pattern" } },
          { as: "admin", send: { target_type: "a b" }, violates: { field: "target_type", rule: "string.pattern" } },
          { as: "admin", send: { request_id: "a b" }, violates: { field: "request_id", rule: "string.pattern" } },
        ],
      },
      "an invalid page token is refused": {
        as: "admin",
        send: { page_token: "nonsense" },
        answers: "INVALID_PAGE_TOKEN",
      },
      "is not for a student, nor for a teacher": {
        steps: [
          { as: "alice", answers: "PERMISSION_DENIED", with: { events: absent } },
          { as: "teacher", answers: "PERMISSION_DENIED" },
        ],
      },
      "needs a login": { answers: "UNAUTHENTICATED" },
    },
  },
};
