// Lists with more rows than one page shows, many of them equal in what they are ordered by.
import type { Fields, Step } from "../runner/cases/case.js";
import type { ListOfRows, Paging } from "../runner/suite.js";
import { events, participants } from "./event-lists.js";
import { myAchievements, pendingAchievements, userAchievements } from "./achievement-lists.js";
import { groupMembers, groups } from "./group-lists.js";
import { leaderboard, people, users } from "./lists-of-people.js";
import { importErrors, imports } from "./import-lists.js";
import { medalHolders, pointsEntries } from "./medal-lists.js";
import { activeBanners, announcements, banners, notifications } from "./notification-lists.js";
import { password } from "./people.js";
import { pollAnswers } from "./poll-lists.js";
import { commentVersions, comments, posts, postVersions, reports } from "./post-lists.js";

const range = (count: number): number[] => Array.from({ length: count }, (_, at) => at + 1);

const members: ListOfRows = {
  actors: ["alice", "bob", "carol"],
  given: [
    people(22),
    {
      call: "listUsers",
      as: "alice",
      send: { query: "row${case}", limit: 100 },
      capture: { people: "users[*].id" },
    },
    {
      call: "createChat",
      as: "alice",
      send: { title: "Rows", member_ids: "$people" },
      answers: 201,
      capture: { chat: "id" },
    },
    // An owner among others who joined at the same time.
    {
      call: "updateChatMember",
      as: "alice",
      send: { chat_id: "$chat", user_id: "$people[20]", role: "CHAT_ROLE_OWNER" },
    },
    {
      call: "createChat",
      as: "alice",
      send: { title: "Other rows", member_ids: ["$bob"] },
      answers: 201,
      capture: { other: "id" },
    },
  ],
  as: "alice",
  requests: [{ chat_id: "$chat" }, { chat_id: "$other" }],
  more: ["$bob", "$carol"].map((user_id) => ({
    call: "addChatMember",
    as: "alice",
    send: { chat_id: "$chat", user_id },
    answers: 201,
  })),
  // From each end to the other.
  moves: [
    [19, "CHAT_ROLE_OWNER"],
    [20, "CHAT_ROLE_MEMBER"],
    [18, "CHAT_ROLE_OWNER"],
    [19, "CHAT_ROLE_MEMBER"],
    [20, "CHAT_ROLE_OWNER"],
    [18, "CHAT_ROLE_MEMBER"],
  ].map(([at, role]) => ({
    call: "updateChatMember",
    as: "alice",
    send: { chat_id: "$chat", user_id: `$people[${at}]`, role },
  })),
};

const chat = (title: string): Step => ({ call: "createChat", as: "alice", send: { title }, answers: 201 });

const chats: ListOfRows = {
  actors: ["alice"],
  given: [
    { ...chat("Row ${case}"), turns: 11 },
    { ...chat("row ${case} and more"), turns: 2 },
    // At once, so that some have one time of creation.
    { ...chat("Row ${case}"), times: 9 },
    { call: "listChats", as: "alice", send: { query: "${case}", limit: 22 }, capture: { rows: "chats[*].id" } },
  ],
  as: "alice",
  requests: [
    { query: "${case}" },
    ...["active_at", "created_at", "-created_at", "title", "-title"].map((sort) => ({ query: "${case}", sort })),
    { query: "row ${case}" },
    { query: "${case} more", sort: "title" },
  ],
  more: range(8).map(() => chat("Row ${case}")),
  // The first and the last of each order; a title remains one that all searches find.
  moves: range(11).flatMap((at): Step[] => [
    { call: "sendMessage", as: "alice", send: { chat_id: `$rows[${21 - at}]`, text: "up" }, answers: 201 },
    {
      call: "updateChat",
      as: "alice",
      send: { chat_id: `$rows[${at}]`, title: `${at % 2 ? "A" : "Z"} row \${case} and more` },
    },
    { call: "sendMessage", as: "alice", send: { chat_id: `$rows[${at}]`, text: "up" }, answers: 201 },
    {
      call: "updateChat",
      as: "alice",
      send: { chat_id: `$rows[${21 - at}]`, title: `${at % 2 ? "Z" : "A"} row \${case} and more` },
    },
  ]),
};

const batch = (as: string, count: number, word: string): Step => ({
  call: "batchSendMessages",
  as,
  send: { chat_id: "$chat", messages: range(count).map((number) => ({ text: `${word} ${number}` })) },
  answers: 201,
});

const send = (as: string, chat_id: string): Step => ({
  call: "sendMessage",
  as,
  send: { chat_id, text: "tulip" },
  answers: 201,
});

const inChat = (fields: Fields = {}): Fields => ({ chat_id: "$chat", ...fields });

const messages: ListOfRows = {
  actors: ["alice", "bob"],
  given: [
    {
      call: "createChat",
      as: "alice",
      send: { title: "Rows", member_ids: ["$bob"] },
      answers: 201,
      capture: { chat: "id" },
    },
    { call: "createChat", as: "bob", send: { title: "Other rows" }, answers: 201, capture: { other: "id" } },
    { ...send("bob", "$other"), turns: 2 },
    // The messages of a batch have one time.
    batch("alice", 60, "tulip"),
    { ...send("bob", "$chat"), capture: { one: "id" } },
    send("alice", "$chat"),
    { ...batch("bob", 42, "rose"), capture: { rose: "messages[20].id" } },
    { call: "deleteMessage", as: "bob", send: { message_id: "$one" }, answers: 204 },
  ],
  as: "bob",
  requests: [
    inChat(),
    inChat({ sort: "created_at" }),
    inChat({ sender_id: "$alice" }),
    inChat({ exclude_sender_id: "$alice" }),
    inChat({ created_after: "2000-01-01T00:00:00Z" }),
    inChat({ created_after: "2000-01-01T00:00:00.001Z" }),
    inChat({ created_before: "2999-01-01T00:00:00Z" }),
    inChat({ created_before: "2999-01-01T00:00:00.001Z" }),
    inChat({ after_seq: 5 }),
    inChat({ after_seq: 5, sort: "created_at" }),
    inChat({ query: "tulip" }),
    inChat({ query: "rose" }),
    { chat_id: "$other" },
  ],
  more: range(3).map(() => send("alice", "$chat")),
  moves: [
    send("alice", "$chat"),
    { call: "updateMessage", as: "bob", send: { message_id: "$rose", text: "rose in June" } },
    { call: "readChat", as: "bob", send: { chat_id: "$chat", seq: 50 } },
  ],
};

const logIn: Step = { call: "login", send: { email: "$alice.email", password } };

const sessions: ListOfRows = {
  actors: ["alice"],
  given: [
    { ...logIn, turns: 13 },
    // At once, so that some have one time of creation.
    { ...logIn, times: 9 },
  ],
  as: "alice",
  requests: [{}],
  more: [logIn, logIn, logIn],
};

const makeKey: Step = {
  call: "createApiKey",
  as: "alice",
  send: { name: "Row", scopes: ["SCOPE_USERS_READ"] },
  answers: 201,
  capture: { key: "id" },
};

const apiKeys: ListOfRows = {
  actors: ["alice"],
  // A person has few live keys, and many that are revoked.
  given: range(22).flatMap(() => [
    makeKey,
    { call: "revokeApiKey", as: "alice", send: { api_key_id: "$key" }, answers: 204 },
  ]),
  as: "alice",
  requests: [{}],
  more: [makeKey],
};

/** Changes the role of $bob, which is recorded. */
const roles = (role: string): Step => ({
  call: "updateChatMember",
  as: "alice",
  send: { chat_id: "$chat", user_id: "$bob", role },
});

const acts: ListOfRows = {
  actors: ["alice", "bob", "admin"],
  given: [
    {
      call: "createChat",
      as: "alice",
      send: { title: "Rows", member_ids: ["$bob"] },
      answers: 201,
      capture: { chat: "id" },
    },
    ...range(12).flatMap(() => [roles("CHAT_ROLE_OWNER"), roles("CHAT_ROLE_MEMBER")]),
  ],
  as: "admin",
  requests: [
    { target_type: "chat_member", target_id: "${chat}/${bob}" },
    { target_id: "${chat}/${bob}", action: "chat_member.*" },
    { target_id: "${chat}/${bob}", action: "chat_member.make_owner" },
    { target_id: "${chat}/${bob}", actor_id: "$alice", outcome: "AUDIT_OUTCOME_SUCCESS" },
    { target_id: "${chat}/${bob}", created_after: "2000-01-01T00:00:00Z" },
  ],
  more: [roles("CHAT_ROLE_OWNER"), roles("CHAT_ROLE_MEMBER"), roles("CHAT_ROLE_OWNER")],
};

const hookUrl = "https://hooks.school.example/rows/${case}";
const testHook: Step = { call: "testWebhook", as: "admin", send: { webhook_id: "$hook" } };

const webhookDeliveries: ListOfRows = {
  actors: ["admin"],
  given: [
    {
      call: "createWebhook",
      as: "admin",
      send: { url: hookUrl, kinds: ["medal.*"] },
      answers: 201,
      capture: { hook: "id" },
    },
    { ...testHook, turns: 13 },
    // At once, so that some have one time.
    { ...testHook, times: 9, answers: { "200": 9 } },
  ],
  as: "admin",
  requests: [{ webhook_id: "$hook" }],
  more: [testHook, testHook, testHook],
};

export const paging: Paging = {
  limit: "limit",
  skip: "skip",
  token: "page_token",
  next: "next_page_token",
  usual: 20,
  refused: "INVALID_PAGE_TOKEN",
  lists: {
    listUsers: users,
    getLeaderboard: leaderboard,
    listGroups: groups,
    listGroupMembers: groupMembers,
    listChatMembers: members,
    listChats: chats,
    listMessages: messages,
    listSessions: sessions,
    listApiKeys: apiKeys,
    listAuditEvents: acts,
    listWebhookDeliveries: webhookDeliveries,
    listPosts: posts,
    listPostVersions: postVersions,
    listPollAnswers: pollAnswers,
    listComments: comments,
    listCommentVersions: commentVersions,
    listReports: reports,
    listImports: imports,
    listImportErrors: importErrors,
    listPointsEntries: pointsEntries,
    listMedalHolders: medalHolders,
    listEvents: events,
    listEventParticipants: participants,
    listMyAchievements: myAchievements,
    listPendingAchievements: pendingAchievements,
    listUserAchievements: userAchievements,
    listNotifications: notifications,
    listAnnouncements: announcements,
    listBanners: banners,
    listActiveBanners: activeBanners,
  },
};
