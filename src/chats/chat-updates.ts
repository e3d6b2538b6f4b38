// What is told of chats and their members: to the members, and to whom a chat appears or is gone.
import type { Update } from "../platform/updates/updates.js";

/** Of the chat itself: its title, its picture. */
export const chatChanged = (chatId: number): Update => ({
  topic: `chat:${chatId}`,
  kind: "chat.changed",
  subjectId: chatId,
});

/** Of a member who has another role. */
export const memberChanged = (chatId: number, userId: number): Update => ({
  topic: `chat:${chatId}`,
  kind: "member.changed",
  subjectId: userId,
});

/** Of new members, to them too. */
export const membersAdded = (chatId: number, userIds: readonly number[]): Update[] =>
  userIds.flatMap((userId): Update[] => [
    { topic: `chat:${chatId}`, kind: "member.added", subjectId: userId },
    { topic: `user:${userId}`, kind: "chat.added", subjectId: chatId },
  ]);

/** Of members who have left or were removed, to them too. */
export const memberRemoved = (chatId: number, userId: number): Update[] => [
  { topic: `chat:${chatId}`, kind: "member.removed", subjectId: userId },
  { topic: `user:${userId}`, kind: "chat.removed", subjectId: chatId },
];

/** Of a chat that is deleted, to those who were its members. */
export const chatDeleted = (chatId: number, memberIds: readonly number[]): Update[] => [
  { topic: `chat:${chatId}`, kind: "chat.deleted", subjectId: chatId },
  ...memberIds.map((userId): Update => ({ topic: `user:${userId}`, kind: "chat.removed", subjectId: chatId })),
];
