// Cases of teachers in chats: they have the rights of any other member, and see nothing of the chats of others.
import { size, type CaseFile, type Step } from "../../../runner/cases/case.js";
import { sendText, teaChat } from "../tea-chat.js";

/** The teacher becomes a member of $tea, who owns nothing. */
const join: Step = { call: "addChatMember", as: "alice", send: { chat_id: "$tea", user_id: "$teacher" }, answers: 201 };
const denied = { as: "teacher", answers: "PERMISSION_DENIED" };
const picture = { content_type: "image/jpeg", data: "/9j/4AAQSkZJRgABAQ==" };

export const teachers: CaseFile = {
  subject: "teachers",
  actors: ["alice", "bob", "carol", "teacher"],
  given: [teaChat],
  cases: {
    updateChat: {
      "a teacher who is a member and no owner is refused": {
        given: [join],
        ...denied,
        send: { chat_id: "$tea", title: "Mine" },
      },
    },
    deleteChat: {
      "a teacher who is a member and no owner is refused": { given: [join], ...denied, send: { chat_id: "$tea" } },
    },
    updateChatPicture: {
      "a teacher who is a member and no owner is refused": {
        given: [join],
        ...denied,
        send: { chat_id: "$tea", picture },
      },
    },
    addChatMember: {
      "a teacher who is a member and no owner is refused": {
        given: [join],
        ...denied,
        send: { chat_id: "$tea", user_id: "$carol" },
      },
    },
    updateChatMember: {
      "a teacher who is a member and no owner is refused": {
        given: [join],
        ...denied,
        send: { chat_id: "$tea", user_id: "$teacher", role: "CHAT_ROLE_OWNER" },
      },
    },
    removeChatMember: {
      "a teacher who is a member and no owner is refused": {
        given: [join],
        ...denied,
        send: { chat_id: "$tea", user_id: "$bob" },
      },
    },
    updateMessage: {
      "a teacher cannot change a text of another member": {
        given: [join, sendText("bob", "one")],
        ...denied,
        send: { message_id: "$message", text: "two" },
      },
    },
    deleteMessage: {
      "a teacher who is a member and no owner is refused": {
        given: [join, sendText("bob", "one")],
        ...denied,
        send: { message_id: "$message" },
      },
    },
    listChats: {
      "the chats of others are not a teacher's": {
        as: "teacher",
        send: { query: "${case}" },
        with: { chats: size(0) },
      },
    },
  },
};
