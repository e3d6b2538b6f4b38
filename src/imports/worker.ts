// The part of a server that works on imports: takes those that wait, two at a time, and holds each by a lease that it renews.
import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "pino";
import type { DatabaseServer } from "../platform/database/database.js";
import { type JobDeps, LeaseLost, runImport } from "./job.js";
import { type LeasedImport, releaseLease, renewLease, takeImport } from "./lease-store.js";
import { importsChannel } from "./store.js";

/** Without a notification, an import waits for so long: one whose process was killed. In milliseconds. */
const pollMs = 2_000;
const renewMs = 2_000;
const atOnce = 2;

export interface ImportWorker {
  /** Takes no further import, and resolves when the transactions under way have ended. Another process goes on. */
  close(): Promise<void>;
}

/** Starts the work on imports. Does not keep the process alive. */
export async function startImports(
  deps: Omit<JobDeps, "database"> & {
    readonly server: Pick<DatabaseServer, "database" | "listen">;
    readonly log: Logger;
  },
): Promise<ImportWorker> {
  const { server, log } = deps;
  const database = server.database.with(log);
  const closing = new AbortController();
  let wake = new AbortController();
  const wakeUp = (): void => {
    wake.abort();
    wake = new AbortController();
  };
  closing.signal.addEventListener("abort", wakeUp);

  async function workOn(leased: LeasedImport, holder: string): Promise<void> {
    const lost = new AbortController();
    const renewal = setInterval(() => {
      void renewLease(database, leased.id, holder).then(
        (isMine) => isMine || lost.abort(new LeaseLost()),
        () => undefined,
      );
    }, renewMs).unref();
    const line = { import_id: leased.id };
    const begunAt = performance.now();
    try {
      await runImport({ ...deps, database }, leased, holder, AbortSignal.any([closing.signal, lost.signal]));
      log.info({ ...line, duration_ms: Math.round(performance.now() - begunAt) }, "an import has ended");
    } catch (error) {
      if (error instanceof LeaseLost || lost.signal.aborted) return void log.info(line, "an import was cancelled");
      if (closing.signal.aborted) return void (await releaseLease(database, leased.id, holder, false));
      log.error({ ...line, err: error }, "an import has failed in the middle; it is taken again");
      await releaseLease(database, leased.id, holder, true);
    } finally {
      clearInterval(renewal);
    }
  }

  async function work(): Promise<void> {
    while (!closing.signal.aborted) {
      const { signal } = wake;
      const holder = randomUUID();
      const leased = await takeImport(database, holder).catch((error: unknown) => {
        log.warn({ err: error }, "no import could be taken; this is repeated");
        return undefined;
      });
      if (leased) await workOn(leased, holder).catch((error: unknown) => log.error({ err: error }, "a lease stays"));
      else await delay(pollMs, undefined, { ref: false, signal }).catch(() => undefined);
    }
  }

  const listener = await server.listen(importsChannel, wakeUp);
  const working = Array.from({ length: atOnce }, work);
  return {
    async close() {
      closing.abort();
      await listener.close();
      await Promise.all(working);
    },
  };
}
