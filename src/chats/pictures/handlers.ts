// The pictures of chats: bytes in and out as they are.
import type { Handlers } from "../../call.js";
import { tagOfBytes } from "../../contract/http/etag.js";
import type { Precondition } from "../../contract/http/preconditions.js";
import { ApiError } from "../../errors.js";
import type { ChatService } from "../../gen/lyceum/v1/chat.js";
import type { Queries } from "../../platform/database/database.js";
import { recordUpdates } from "../../platform/updates/updates.js";
import { chatChanged } from "../chat-updates.js";
import { requireMember } from "../members/membership.js";
import { lockGroupAsOwner, recordOutsider } from "../members/ownership.js";
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

  async updateChatPicture({ chat_id, picture }, call) {
    const { user, database, precondition } = call;
    const { content_type, data } = picture!;
    return database.transaction(async (queries) => {
      const standing = await lockGroupAsOwner(queries, chat_id, user);
      requireType(data, content_type);
      if (!precondition.permits(await currentTag(queries, chat_id, precondition))) throw changed(chat_id);
      await recordOutsider(queries, call, standing, "chat.update_picture", chat_id);
      await recordUpdates(queries, user.id, [chatChanged(chat_id)]);
      return store.upsertPicture(queries, chat_id, { content_type, data });
    });
  },

  async deleteChatPicture({ chat_id }, call) {
    const { user, database, precondition } = call;
    return database.transaction(async (queries) => {
      const standing = await lockGroupAsOwner(queries, chat_id, user);
      const tag = await currentTag(queries, chat_id, precondition);
      if (!(await store.deletePicture(queries, chat_id))) throw pictureNotFound(chat_id);
      if (!precondition.permits(tag)) throw changed(chat_id);
      await recordOutsider(queries, call, standing, "chat.delete_picture", chat_id);
      await recordUpdates(queries, user.id, [chatChanged(chat_id)]);
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

/** The tag of the picture of a locked chat; undefined without a picture, and where no precondition asks for it. */
async function currentTag(queries: Queries, chatId: number, { isNone }: Precondition): Promise<string | undefined> {
  const hash = isNone ? undefined : await store.findPictureHash(queries, chatId);
  return hash && tagOfBytes(hash);
}

function changed(chatId: number): ApiError {
  return new ApiError("PRECONDITION_FAILED", `The picture of chat with id=${chatId} has changed`);
}

function pictureNotFound(chatId: number): ApiError {
  return new ApiError("PICTURE_NOT_FOUND", `Chat with id=${chatId} has no picture`);
}
