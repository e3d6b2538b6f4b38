// Steps around one chat, which the cases of chats, members and messages share.
import type { Step } from "../../runner/cases/case.js";

/** An id that no user, chat or message has. */
export const missingId = 999999999;

/** Creates $tea, a chat of alice, its owner, and bob. */
export const teaChat: Step = {
  call: "createChat",
  as: "alice",
  send: { title: "Tea ${case}", member_ids: ["$bob"] },
  answers: 201,
  capture: { tea: "id" },
};

/** Creates $other, another chat of alice. */
export const otherChat: Step = {
  call: "createChat",
  as: "alice",
  send: { title: "Other" },
  answers: 201,
  capture: { other: "id" },
};

/** Opens $direct, the direct chat of alice and bob. */
export const directChat: Step = {
  call: "openDirectChat",
  as: "alice",
  send: { user_id: "$bob" },
  capture: { direct: "id" },
};

/** Sends a text to $tea; `variable` gets the id of the message. */
export const sendText = (as: string, text: string, variable = "message"): Step => ({
  call: "sendMessage",
  as,
  send: { chat_id: "$tea", text },
  answers: 201,
  capture: { [variable]: "id" },
});

/** Deletes a message. */
export const deleteText = (as: string, id = "$message"): Step => ({
  call: "deleteMessage",
  as,
  send: { message_id: id },
  answers: 204,
});
