// An upload from its first byte to its row: within the quota, into a part of the store, examined, kept, and then in the database.
// Whatever fails on the way, nothing of it is left.
import type { Call } from "../call.js";
import { ApiError } from "../errors.js";
import type { File, FilePurpose } from "../gen/lyceum/v1/file.js";
import type { BlobStore, PartialBlob } from "../platform/blobs/blob-store.js";
import { avatarType, makeAvatar } from "../platform/media/avatar.js";
import { cleanFileName } from "../platform/media/file-name.js";
import { detectMediaType } from "../platform/media/media-type.js";
import { keepAll, writePart } from "./contents.js";
import { largest, requireType } from "./purposes.js";
import { quotaExceeded, withinQuota, type Reservation } from "./quota.js";
import { updateUpload } from "./quota-store.js";
import { insertFile, type NewFile } from "./store.js";

export interface ReceiveDeps {
  readonly blobs: BlobStore;
  /** What one person can upload in 24 hours, in bytes. */
  readonly quota: number;
}

/**
 * Receives the upload of a call as a file of the caller. Throws QUOTA_EXCEEDED, BODY_TOO_LARGE, FILE_TYPE_NOT_ALLOWED, INVALID_IMAGE,
 * and what the upload and the store fail with. No connection of the database is held while the bytes come.
 */
export async function receiveFile({ blobs, quota }: ReceiveDeps, purpose: FilePurpose, call: Call): Promise<File> {
  const { user, database, upload } = call;
  const wanted = Math.min(upload.most, largest(purpose));
  return withinQuota(database, user.id, { size: wanted, quota }, async (reservation) => {
    const isCut = reservation.size < wanted;
    // A body in chunks may be smaller than what is left; one that announces more is not read.
    if (isCut && upload.announced !== undefined) throw await quotaExceeded(database, user.id, quota);
    const parts: PartialBlob[] = [];
    try {
      return await receiveParts(blobs, purpose, call, reservation, isCut ? wanted : largest(purpose), parts);
    } catch (error) {
      const isTooMuch = isCut && error instanceof ApiError && error.reason === "BODY_TOO_LARGE";
      throw isTooMuch ? await quotaExceeded(database, user.id, quota) : error;
    } finally {
      await Promise.all(parts.map((part) => part.discard()));
    }
  });
}

/** Adds every part that it begins to `parts`, which are discarded afterwards: what is kept stays. */
async function receiveParts(
  blobs: BlobStore,
  purpose: FilePurpose,
  { user, database, upload }: Call,
  reservation: Reservation,
  limit: number,
  parts: PartialBlob[],
): Promise<File> {
  const part = await blobs.begin();
  parts.push(part);
  const received = await upload.receive(part.stream, limit);
  const name = cleanFileName(received.name);
  const media_type = await detectMediaType(part.path, name);
  requireType(purpose, media_type);
  const file: NewFile =
    purpose === "FILE_PURPOSE_AVATAR"
      ? await avatarOf(blobs, user.id, name, part, parts)
      : { owner_id: user.id, purpose, name, media_type, contents: [contentOfPart(part, 0)] };
  const kept = purpose === "FILE_PURPOSE_AVATAR" ? parts.slice(1) : parts;
  await keepAll(database, kept);
  return database.transaction(async (queries) => {
    await updateUpload(queries, reservation.id, received.size);
    return insertFile(queries, file);
  });
}

/** The avatar of a picture: its sizes, as further parts, and a name that says what they are. */
async function avatarOf(
  blobs: BlobStore,
  ownerId: number,
  name: string,
  picture: PartialBlob,
  parts: PartialBlob[],
): Promise<NewFile> {
  const contents = [];
  for (const { size, data } of await makeAvatar(picture.path)) {
    const part = await blobs.begin();
    parts.push(part);
    await writePart(part, data);
    contents.push(contentOfPart(part, size));
  }
  return {
    owner_id: ownerId,
    purpose: "FILE_PURPOSE_AVATAR",
    name: cleanFileName(`${name.replace(/\.[^.]*$/, "")}.webp`),
    media_type: avatarType,
    contents,
  };
}

function contentOfPart(part: PartialBlob, side: number): NewFile["contents"][number] {
  return { side, size: part.size, sha256: part.sha256() };
}
