// The export: a zip of the diplomas of accepted achievements and a list of them, made while it is sent. A page is in memory at a time,
// and no connection of the database is held while the client reads.
import { Readable } from "node:stream";
import type { Call } from "../call.js";
import { ApiError } from "../errors.js";
import { contentOf } from "../files/contents.js";
import type { BlobStore } from "../platform/blobs/blob-store.js";
import { type ZipEntry, zipOf } from "../platform/zip/zip-stream.js";
import { headOf, pathOf, sectionOf } from "./export-list.js";
import { describe, listDiplomas } from "./export-store.js";
import type { AchievementFilter } from "./filters-store.js";

const pageFiles = 500;
/** Their texts have up to 5,500 letters each. */
const pageTexts = 50;

/** The bytes of the zip. A lost file is named in the list, and nowhere else; whatever else fails ends the zip. */
export function exportAchievements(blobs: BlobStore, call: Call, filter: AchievementFilter): AsyncGenerator<Buffer> {
  return zipOf(entriesOf(blobs, call, filter), call.signal);
}

/** The files, and then the list: only then it is known which of them are lost. */
async function* entriesOf(blobs: BlobStore, call: Call, filter: AchievementFilter): AsyncGenerator<ZipEntry> {
  const { database, log, now, signal } = call;
  const ids: number[] = [];
  const lost = new Set<number>();
  for (let isLast = false; !isLast;) {
    signal.throwIfAborted();
    const page = { after: [ids.at(-1) ?? 0], limit: pageFiles, skip: 0, isOldestFirst: true };
    const diplomas = await listDiplomas(database, filter, page);
    isLast = diplomas.length < pageFiles;
    for (const { id, moderated_at, ...stored } of diplomas) {
      signal.throwIfAborted();
      ids.push(id);
      const bytes = await unlessLost(contentOf(stored, { blobs, database, log }).open(undefined));
      if (!bytes) lost.add(id);
      else
        yield {
          path: pathOf(id, stored.name),
          modifiedAt: new Date(moderated_at),
          size: stored.size,
          isCompressed: true,
          bytes,
        };
    }
  }
  const list = listOf(call, ids, lost);
  yield {
    path: "achievements.md",
    modifiedAt: now,
    isCompressed: false,
    bytes: Readable.from(list, { objectMode: false }),
  };
}

async function unlessLost<T>(opening: Promise<T>): Promise<T | undefined> {
  try {
    return await opening;
  } catch (error) {
    if (error instanceof ApiError && error.reason === "FILE_LOST") return undefined;
    throw error;
  }
}

/** The list of the achievements whose files are in the zip, as they are now. What has ended meanwhile is left out. */
async function* listOf(
  { database, now }: Call,
  ids: readonly number[],
  lost: ReadonlySet<number>,
): AsyncGenerator<Buffer> {
  yield Buffer.from(headOf(now));
  for (let at = 0; at < ids.length; at += pageTexts) {
    const described = await describe(database, ids.slice(at, at + pageTexts));
    yield Buffer.from(described.map((each) => sectionOf(each, lost.has(each.id))).join(""));
  }
}
