// How a consumer takes updates: many at once, each alone after an error, and those that still fail later.
import type { Logger } from "pino";
import { ApiError, classOf } from "../../errors.js";
import type { Database } from "../database/database.js";
import { readMark } from "./consumers-store.js";
import type { Consumer, StoredUpdate } from "./consumer.js";
import { deleteFailed, insertFailed, listDue, updateFailed } from "./failed-updates-store.js";

/**
 * Throws an error that says nothing of the update: the database is away, and all wait until it is back. While it answers, the same error
 * is of a statement that takes too long, however often it is tried.
 */
async function rethrowOutage(database: Database, error: unknown): Promise<void> {
  const isOfDatabase = error instanceof ApiError && ["DATABASE_UNAVAILABLE", "OVERLOADED"].includes(error.reason);
  if (!isOfDatabase) return;
  await readMark(database).catch(() => {
    throw error;
  });
}

/** Has a consumer take updates; those that fail alone too are put off. Throws while the database is away: then they come again. */
export async function takeUpdates(
  database: Database,
  log: Logger,
  consumer: Consumer,
  updates: readonly StoredUpdate[],
): Promise<void> {
  try {
    await consumer.take(database, updates);
    return;
  } catch (error) {
    await rethrowOutage(database, error);
    if (updates.length === 1) {
      const [update] = updates;
      await insertFailed(database, consumer.name, update!, classOf(error));
      log.warn({ ...lineOf(consumer, update!), err: error }, "an update could not be taken; it is tried again");
      return;
    }
  }
  for (const update of updates) await takeUpdates(database, log, consumer, [update]);
}

/** Has a consumer take again what is due. */
export async function takeDue(database: Database, log: Logger, consumer: Consumer): Promise<void> {
  for (const { failed_id, ...update } of await listDue(database, consumer.name)) {
    try {
      await consumer.take(database, [update]);
      await deleteFailed(database, failed_id);
      log.info(lineOf(consumer, update), "an update was taken after all");
    } catch (error) {
      await rethrowOutage(database, error);
      if (await updateFailed(database, failed_id, classOf(error)))
        log.error({ ...lineOf(consumer, update), err: error }, "an update is set aside: it could not be taken");
    }
  }
}

const lineOf = (consumer: Consumer, { id, kind }: StoredUpdate): object => ({
  consumer: consumer.name,
  update_id: id,
  kind,
});
