// Claims: a file that was uploaded is of no use until something takes it, in the transaction of that: a message its attachments, a
// person their avatar. What is claimed stays until it is released; what nobody claims within a day is swept.
import type { Caller } from "../call.js";
import { ApiError } from "../errors.js";
import type { File, FilePurpose } from "../gen/lyceum/v1/file.js";
import type { Queries } from "../platform/database/database.js";
import { claimFree, deleteFiles, findAvatar } from "./claims-store.js";

/** Files that are to be claimed, for what they were uploaded for. */
export interface Claim {
  /** Who uploaded them. */
  readonly ownerId: number;
  readonly fileIds: readonly number[];
  readonly purpose: FilePurpose;
}

/**
 * Claims files in the transaction of what uses them; after users, chats and messages are locked, since files come last in the order
 * of locks. Returns the files in the order of the ids. Throws FILE_NOT_USABLE when one of them does not exist, is someone else's, of another purpose, or claimed already, or is
 * named twice: the caller cannot tell which of these it is.
 */
export async function claimFiles(queries: Queries, { ownerId, fileIds, purpose }: Claim): Promise<File[]> {
  if (fileIds.length === 0) return [];
  const claimed = new Map((await claimFree(queries, fileIds, ownerId, purpose)).map((file) => [file.id, file]));
  const unusable = fileIds.find((id, index) => !claimed.has(id) || fileIds.indexOf(id) !== index);
  if (unusable !== undefined) throw notUsable(unusable);
  return fileIds.map((id) => claimed.get(id)!);
}

function notUsable(id: number): ApiError {
  const detail = `File with id=${id} is not one that you have uploaded for this, or is in use already`;
  return new ApiError("FILE_NOT_USABLE", detail);
}

/** Deletes files whose use has ended, in the transaction that ends it. Their contents are swept later. */
export async function releaseFiles(queries: Queries, fileIds: readonly number[]): Promise<void> {
  if (fileIds.length > 0) await deleteFiles(queries, fileIds);
}

/**
 * Claims the file of a new avatar of a user, who is locked; undefined for none. Then runs `change`, which sets `users.avatar_file_id`,
 * and releases the file before, last, since contents are locked after all else. A file that is their avatar already stays it. Returns
 * what `change` does. Throws FILE_NOT_USABLE, also for a caller who gives an avatar to somebody else, and what `change` throws.
 */
export async function replacingAvatar<T>(
  queries: Queries,
  { id: callerId }: Pick<Caller, "id">,
  userId: number,
  fileId: number | undefined,
  change: () => Promise<T>,
): Promise<T> {
  const former = await findAvatar(queries, userId);
  if (fileId !== undefined && fileId !== former) {
    if (callerId !== userId) throw notUsable(fileId);
    await claimFiles(queries, { ownerId: userId, fileIds: [fileId], purpose: "FILE_PURPOSE_AVATAR" });
  }
  const changed = await change();
  if (former !== undefined && fileId !== former) await releaseFiles(queries, [former]);
  return changed;
}
