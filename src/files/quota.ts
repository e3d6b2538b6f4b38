// The daily quota: what a person can upload within 24 hours, counted before a byte is read, so that no number of uploads at once
// exceeds it.
import { ApiError } from "../errors.js";
import type { Database } from "../platform/database/database.js";
import { deleteUpload, findFreeing, insertUpload } from "./quota-store.js";

/** A part of the quota that an upload holds. */
export interface Reservation {
  readonly id: number;
  /** In bytes: what is left, where that is less than the upload may need. */
  readonly size: number;
}

/**
 * Runs `work` with a part of the quota of a person, which is given back when `work` fails; when it succeeds, it has written what the
 * upload came to. Throws QUOTA_EXCEEDED when nothing is left.
 */
export async function withinQuota<T>(
  database: Database,
  userId: number,
  { size, quota }: { readonly size: number; readonly quota: number },
  work: (reservation: Reservation) => Promise<T>,
): Promise<T> {
  const reservation = await database.transaction((queries) => insertUpload(queries, userId, size, quota));
  if (!reservation) throw await quotaExceeded(database, userId, quota);
  try {
    return await work(reservation);
  } catch (error) {
    // Otherwise a sweep gives it back.
    await deleteUpload(database, reservation.id).catch(() => undefined);
    throw error;
  }
}

/** QUOTA_EXCEEDED, with the time until something of the quota is free. */
export async function quotaExceeded(database: Database, userId: number, quota: number): Promise<ApiError> {
  return new ApiError("QUOTA_EXCEEDED", `Within 24 hours you can upload ${quota} bytes, and less is left of them`, {
    retryAfterSeconds: await findFreeing(database, userId),
  });
}
