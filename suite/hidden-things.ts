// Chats, messages and posts that exist, and are hidden from some: from those who are not members, who left, who were removed, whom a
// post is not for, and, when they are deleted, from everybody.
import type { Fields, Step } from "../runner/cases/case.js";
import type { HiddenThings } from "../runner/suite.js";
import { makeForGroup } from "./cases/events/school-events.js";
import { deleteText, missingId } from "./cases/tea-chat.js";

/** The first bytes of a JPEG. */
const picture = { content_type: "image/jpeg", data: "/9j/4AAQSkZJRgABAQ==" };
const named: Fields = { text: "one", client_message_id: "a" };
const batched: Fields = { text: "two", client_message_id: "b" };

/** $tea, with the members alice, its owner, and bob, a picture, and messages of bob, of which alice replies to one. */
const chat: readonly Step[] = [
  {
    call: "createChat",
    as: "alice",
    send: { title: "Tea", member_ids: ["$bob"] },
    answers: 201,
    capture: { tea: "id" },
  },
  { call: "updateChatPicture", as: "alice", send: { chat_id: "$tea", picture } },
  { call: "sendMessage", as: "bob", send: { chat_id: "$tea", ...named }, answers: 201, capture: { message: "id" } },
  { call: "batchSendMessages", as: "bob", send: { chat_id: "$tea", messages: [batched] }, answers: 201 },
  {
    call: "sendMessage",
    as: "alice",
    send: { chat_id: "$tea", text: "answer", reply_to_id: "$message" },
    answers: 201,
  },
  { call: "readChat", as: "bob", send: { chat_id: "$tea", seq: 2 } },
];

const inChat: Omit<HiddenThings, "name" | "given"> = {
  actors: ["alice", "bob", "mallory"],
  from: ["bob", "mallory"],
  things: { chat_id: "$tea", message_id: "$message", user_id: "$alice" },
  missing: { chat_id: missingId, message_id: missingId },
  requests: {
    // What bob sent as a member, sent again.
    sendMessage: named,
    batchSendMessages: { messages: [batched] },
    updateMessage: { text: "changed" },
    updateChat: { title: "Changed" },
    updateChatPicture: { picture },
    readChat: { seq: 1 },
    leaveChat: {},
    addChatMember: { user_id: "$alice" },
    listMessages: { limit: 1, sender_id: "$bob", include: ["people"] },
    listChatMembers: { include: ["people"] },
    getChat: { include: ["people"] },
  },
};

const remove: Step = {
  call: "removeChatMember",
  as: "alice",
  send: { chat_id: "$tea", user_id: "$bob" },
  answers: 204,
};

/** $post of the teacher for $group, in which nobody is, a comment on it, and a poll in it. */
const post: readonly Step[] = [
  { call: "createGroup", as: "teacher", send: { name: "Hidden ${case}" }, answers: 201, capture: { group: "id" } },
  {
    call: "createPost",
    as: "teacher",
    send: { title: "Hidden", text: "words", group_ids: ["$group"], publish: true },
    answers: 201,
    capture: { post: "id" },
  },
  {
    call: "createComment",
    as: "teacher",
    send: { post_id: "$post", text: "words" },
    answers: 201,
    capture: { comment: "id" },
  },
  {
    call: "createPoll",
    as: "teacher",
    send: { post_id: "$post", question: "Where to?", options: ["wood", "lake"] },
    answers: 201,
    capture: { poll: "id" },
  },
];
const removePost: Step = { call: "deletePost", as: "teacher", send: { post_id: "$post" }, answers: 204 };

const ofPost: Omit<HiddenThings, "name" | "given" | "from"> = {
  actors: ["alice", "bob", "teacher"],
  things: { post_id: "$post", comment_id: "$comment", poll_id: "$poll" },
  missing: { post_id: missingId, comment_id: missingId, poll_id: missingId },
  requests: {
    updatePost: { text: "changed" },
    createComment: { text: "words", reply_to_id: "$comment" },
    listComments: { limit: 1, root_id: "$comment", include: ["people"] },
    updateComment: { text: "changed" },
    reportPost: { reason: "rude" },
    reportComment: { reason: "rude" },
    createPoll: { question: "Where to?", options: ["wood", "lake"] },
    updatePoll: { never_closes: true },
    voteInPoll: { options: [1] },
    listPollAnswers: { limit: 1, include: ["people"] },
  },
};

export const hidden: readonly HiddenThings[] = [
  { ...ofPost, name: "somebody whom a post is not for", from: ["alice", "bob"], given: post },
  { ...ofPost, name: "everybody whose post was removed", from: ["alice", "teacher"], given: [...post, removePost] },
  {
    name: "people who are not in the audience of an event",
    actors: ["alice", "bob", "teacher"],
    given: [...makeForGroup("$alice"), { call: "registerForEvent", as: "alice", send: { event_id: "$event" } }],
    from: ["bob"],
    things: { event_id: "$event", user_id: "$alice" },
    missing: { event_id: missingId },
    access: "ACCESS_USER",
  },
  {
    ...inChat,
    name: "a former member and a stranger",
    given: [...chat, { call: "leaveChat", as: "bob", send: { chat_id: "$tea" }, answers: 204 }],
  },
  {
    ...inChat,
    name: "a member who was removed",
    given: [...chat, remove],
    from: ["bob"],
    // Whether there are such people and messages is hidden too.
    things: { ...inChat.things, user_id: missingId - 1 },
    requests: {
      ...inChat.requests,
      sendMessage: { text: "three", reply_to_id: missingId },
      batchSendMessages: { messages: [{ text: "three", reply_to_id: missingId }] },
      leaveChat: { new_owner_id: missingId },
      addChatMember: { user_id: missingId - 1 },
      listMessages: { limit: 1, sender_id: missingId },
    },
  },
  {
    ...inChat,
    name: "a former owner",
    from: ["bob"],
    given: [
      ...chat,
      {
        call: "updateChatMember",
        as: "alice",
        send: { chat_id: "$tea", user_id: "$bob", role: "CHAT_ROLE_OWNER" },
      },
      remove,
    ],
  },
  {
    ...inChat,
    name: "a teacher who is not a member",
    actors: ["alice", "bob", "teacher"],
    from: ["teacher"],
    given: chat,
  },
  {
    ...inChat,
    name: "the members of a chat that was deleted",
    from: ["alice", "bob"],
    given: [...chat, { call: "deleteChat", as: "alice", send: { chat_id: "$tea" }, answers: 204 }],
  },
  {
    ...inChat,
    name: "the members of a chat whose message was deleted",
    from: ["alice", "bob"],
    things: { message_id: "$message" },
    given: [...chat, deleteText("bob")],
  },
];
