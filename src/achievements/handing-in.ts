// What people do with achievements of their own: hand in, change and withdraw them, while nobody has decided.
import { lockCaller } from "../accounts/above.js";
import type { Call } from "../call.js";
import { ApiError } from "../errors.js";
import { claimFiles, releaseFiles } from "../files/claims.js";
import type { Achievement, CreateAchievementRequest } from "../gen/lyceum/v1/achievement.js";
import type { Queries } from "../platform/database/database.js";
import { recordUpdates } from "../platform/updates/updates.js";
import { achievementChanged, achievementNotFound, moderated } from "./refusals.js";
import * as store from "./store.js";

/** Hands in an achievement with its file, in one transaction. Throws FILE_NOT_USABLE. */
export async function handIn(call: Call, request: CreateAchievementRequest): Promise<Achievement> {
  const { user, database } = call;
  return database.transaction(async (queries) => {
    await lockCaller(queries, user);
    await claim(queries, call, request.file_id);
    const made = await store.insertAchievement(queries, user, request);
    await record(queries, call, "submitted", made.id);
    return made;
  });
}

/**
 * Changes an achievement of the caller that waits; what is equal already changes nothing. Throws ACHIEVEMENT_NOT_FOUND,
 * PERMISSION_DENIED for that of another, ACHIEVEMENT_MODERATED, PRECONDITION_FAILED and FILE_NOT_USABLE.
 */
export async function change(call: Call, id: number, draft: store.AchievementChange): Promise<Achievement> {
  return call.database.transaction(async (queries) => {
    const former = (await lockPending(queries, call, id)).file!.id;
    const isReplaced = draft.file_id !== undefined && draft.file_id !== former;
    if (isReplaced) await claim(queries, call, draft.file_id!);
    const isChanged = await store.updateAchievement(queries, id, draft);
    if (isReplaced) await releaseFiles(queries, [former]);
    if (isChanged) await record(queries, call, "changed", id);
    return (await store.findAchievement(queries, id, call.user))!;
  });
}

/** Deletes an achievement of the caller that waits, with its file. Throws as `change` does. */
export async function withdraw(call: Call, id: number): Promise<void> {
  await call.database.transaction(async (queries) => {
    const { file } = await lockPending(queries, call, id);
    await store.deletePending(queries, id);
    await releaseFiles(queries, [file!.id]);
    await record(queries, call, "withdrawn", id);
  });
}

/** Locks the caller, and finds an achievement of theirs that waits. */
async function lockPending(queries: Queries, { user, precondition }: Call, id: number): Promise<Achievement> {
  await lockCaller(queries, user);
  const found = await store.findAchievement(queries, id, user);
  if (!found) throw achievementNotFound(id);
  if (found.user_id !== user.id) throw new ApiError("PERMISSION_DENIED", "This achievement is not yours");
  // Whoever decides locks its person first, so that it stays as it is from here on.
  if (!precondition.permitsVersion(found.version)) throw achievementChanged(found, user.id);
  if (found.state !== "ACHIEVEMENT_STATE_PENDING") throw moderated(found, user.id);
  return found;
}

async function claim(queries: Queries, { user }: Call, fileId: number): Promise<void> {
  await claimFiles(queries, { ownerId: user.id, fileIds: [fileId], purpose: "FILE_PURPOSE_DIPLOMA" });
}

async function record(
  queries: Queries,
  { user }: Call,
  act: "submitted" | "changed" | "withdrawn",
  subjectId: number,
): Promise<void> {
  const kind = `achievement.${act}` as const;
  await recordUpdates(queries, user.id, [
    { topic: "staff", kind, subjectId },
    { topic: `user:${user.id}`, kind, subjectId },
  ]);
}
