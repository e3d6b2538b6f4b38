// The pictures of chats: bytes in and out as they are.
import type { Handlers } from "../../call.js";
import { ApiError } from "../../errors.js";
import type { ChatService } from "../../gen/lyceum/v1/chat.js";
import { requireMember } from "../members/membership.js";
import { lockGroupAsOwner } from "../members/ownership.js";
import { imageTypeOf, imageTypes } from "./image-type.js";
import * as store from "./store.js";

type PictureMethods = "getChatPicture" | "updateChatPicture" | "deleteChatPicture";

export const pictureHandlers: Pick<Handlers<ChatService>, PictureMethods> = {
  async getChatPicture({ chat_id }, { user, database }) {
    const picture = await store.findPicture(database, chat_id, user.id);
    if (picture) return picture;
    await requireMember(database, chat_id, user.id);
    throw pictureNotFound(chat_id);
  },

  async updateChatPicture({ chat_id, picture }, { user, database }) {
    const { content_type, data } = picture!;
    return database.transaction(async (queries) => {
      await lockGroupAsOwner(queries, chat_id, user);
      requireType(data, content_type);
      return store.upsertPicture(queries, chat_id, { content_type, data });
    });
  },

  async deleteChatPicture({ chat_id }, { user, database }) {
    return database.transaction(async (queries) => {
      await lockGroupAsOwner(queries, chat_id, user);
      if (!(await store.deletePicture(queries, chat_id))) throw pictureNotFound(chat_id);
      return {};
    });
  },
};

function requireType(data: Buffer, contentType: string): void {
  const found = imageTypeOf(data);
  if (found === contentType) return;
  const supported = found === undefined ? imageTypes : [found];
  throw new ApiError("UNSUPPORTED_MEDIA_TYPE", `The bytes are not ${contentType}`, { supported });
}

function pictureNotFound(chatId: number): ApiError {
  return new ApiError("PICTURE_NOT_FOUND", `Chat with id=${chatId} has no picture`);
}
