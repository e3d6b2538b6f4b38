// The SQL of the pictures of chats.
import type { HttpBody } from "../../gen/google/api/httpbody.js";
import type { ChatPicture } from "../../gen/lyceum/v1/chat.js";
import type { Queries } from "../../platform/database/database.js";
import { statement } from "../../platform/database/statement.js";

const findPictureRow = statement<HttpBody>(
  "pool",
  "find-chat-picture",
  `select p.content_type, p.data
     from chat_pictures p
    where p.chat_id = $1 and exists (select from chat_members m where m.chat_id = p.chat_id and m.user_id = $2)`,
);

/** The picture of a chat; undefined when it has none, or the user is not a member. */
export async function findPicture(queries: Queries, chatId: number, userId: number): Promise<HttpBody | undefined> {
  return queries.one(findPictureRow, [chatId, userId]);
}

const findPictureHashRow = statement<{ hash: Buffer }>(
  "pool",
  "find-chat-picture-hash",
  "select sha256(data) as hash from chat_pictures where chat_id = $1",
);

/** The SHA-256 of the picture of a chat; undefined when it has none. */
export async function findPictureHash(queries: Queries, chatId: number): Promise<Buffer | undefined> {
  return (await queries.one(findPictureHashRow, [chatId]))?.hash;
}

const upsertPictureRow = statement<ChatPicture>(
  "pool",
  "upsert-chat-picture",
  `insert into chat_pictures as p (chat_id, content_type, data) values ($1, $2, $3)
       on conflict (chat_id) do update
          set content_type = excluded.content_type, data = excluded.data, updated_at = excluded.updated_at,
              version = p.version + 1
   returning chat_id, content_type, length(data) as size, updated_at, version`,
);

/** Gives a chat, which is locked, a picture, in place of an earlier one. */
export async function upsertPicture(queries: Queries, chatId: number, picture: HttpBody): Promise<ChatPicture> {
  return (await queries.one(upsertPictureRow, [chatId, picture.content_type, picture.data]))!;
}

const deletePictureRow = statement<object>(
  "pool",
  "delete-chat-picture",
  "delete from chat_pictures where chat_id = $1 returning chat_id",
);

/** Takes the picture of a chat away. False when it has none. */
export async function deletePicture(queries: Queries, chatId: number): Promise<boolean> {
  return (await queries.one(deletePictureRow, [chatId])) !== undefined;
}
