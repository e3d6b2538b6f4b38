// Sends what is due, in the background: to one endpoint one process at a time, two requests at once. A job only starts it, so that a
// slow endpoint takes no worker from other jobs.
import { randomUUID } from "node:crypto";
import { setMaxListeners } from "node:events";
import type { Logger } from "pino";
import type { Database } from "../platform/database/database.js";
import { addJobs } from "../platform/jobs/add-job.js";
import { attempt, type AttemptDeps } from "./attempt.js";
import { laterJob } from "./jobs.js";
import * as store from "./sending-store.js";
import { switchOffWebhook } from "./steps.js";

export interface SenderOptions extends AttemptDeps {
  readonly database: Database;
  readonly log: Logger;
  /** How many requests an endpoint gets at once; 2 when absent. */
  readonly mostRequests?: number;
  /** To how many endpoints this process sends at once; 100 when absent. */
  readonly mostEndpoints?: number;
}

export interface Sender {
  /**
   * Sends everything that is due for an endpoint. Resolves with true when nothing is any more, and a job is there for what is due later;
   * with false when another process sends, or this one sends to too many endpoints. Rejects when the database is away.
   */
  send(webhookId: number): Promise<boolean>;
  /** Stops the requests under way, whose deliveries are made again, and resolves when all has ended. */
  close(): Promise<void>;
}

interface Run {
  readonly done: Promise<boolean>;
  /** Has it look for more. */
  wake(): void;
}

/** Makes a sender. */
export function webhookSender(options: SenderOptions): Sender {
  const { database, log, mostRequests = 2, mostEndpoints = 100 } = options;
  const logged = database.with(log);
  const closing = new AbortController();
  const { signal } = closing;
  // One for each request under way.
  setMaxListeners(0, signal);
  const running = new Map<number, Run>();

  async function run(webhookId: number, wakes: Wakes): Promise<boolean> {
    try {
      while (!signal.aborted) {
        const holder = randomUUID();
        if (!(await store.takeLease(logged, webhookId, holder))) return false;
        try {
          await sendAll(webhookId, holder, wakes);
        } finally {
          await store.releaseLease(logged, webhookId, holder).catch(() => undefined);
        }
        // Without the lease: whatever comes from now on may be sent by another process.
        const { count } = wakes;
        const { at, is_due } = await store.findNext(logged, webhookId);
        if (at !== undefined && !is_due) await addJobs(logged, [laterJob(webhookId, new Date(at))]);
        if (!is_due && wakes.count === count) return true;
      }
      return false;
    } finally {
      // Not later: whoever comes next must not be told that this one is at it.
      running.delete(webhookId);
    }
  }

  async function sendAll(webhookId: number, holder: string, wakes: Wakes): Promise<void> {
    const sending = new Map<number, Promise<void>>();
    let isHeld = true;
    const renewal = setInterval(
      () =>
        void store.takeLease(logged, webhookId, holder).then(
          (isOurs) => (isHeld = isOurs),
          () => (isHeld = false),
        ),
      (store.leaseSeconds * 1_000) / 3,
    ).unref();
    try {
      while (isHeld && !signal.aborted) {
        const wake = wakes.next();
        const due =
          sending.size < mostRequests ? await store.findDue(logged, webhookId, holder, [...sending.keys()]) : undefined;
        if (due) {
          const sent = deliver(due).finally(() => sending.delete(due.id));
          // It is awaited below; until then its error is nobody's.
          sent.catch(() => undefined);
          sending.set(due.id, sent);
        } else if (sending.size === 0) return;
        else await Promise.race([...sending.values(), wake]);
      }
    } finally {
      await Promise.allSettled(sending.values());
      clearInterval(renewal);
    }
  }

  async function deliver(delivery: store.DueDelivery): Promise<void> {
    const { id, webhook_id } = delivery;
    if (!delivery.is_heard) return store.recordWithheld(logged, id);
    const outcome = await attempt(options, delivery, signal);
    if (outcome.result === "stopped") return;
    const line = { webhook_id, delivery_id: id, status: outcome.status, duration_ms: outcome.durationMs };
    if (outcome.result === "delivered") {
      log.debug(line, "a webhook was delivered");
      return store.recordSuccess(logged, delivery, outcome.status, outcome.durationMs);
    }
    log.debug({ ...line, failure: outcome.failure }, "a webhook could not be delivered");
    const isGivenUp = await store.recordFailure(logged, delivery, outcome);
    if (outcome.isGone) await switchOffWebhook(logged, webhook_id, "WEBHOOK_DISABLED_REASON_GONE");
    else if (isGivenUp) await switchOffWebhook(logged, webhook_id, "WEBHOOK_DISABLED_REASON_FAILING");
  }

  return {
    send(webhookId) {
      const known = running.get(webhookId);
      if (known) {
        known.wake();
        return known.done;
      }
      if (signal.aborted || running.size >= mostEndpoints) return Promise.resolve(false);
      const wakes = new Wakes();
      const done = run(webhookId, wakes);
      running.set(webhookId, { done, wake: () => wakes.wake() });
      return done;
    },
    async close() {
      closing.abort();
      await Promise.allSettled(Array.from(running.values(), ({ done }) => done));
    },
  };
}

/** Tells that something new may be due. */
class Wakes {
  #wake: () => void = () => undefined;
  count = 0;

  /** Resolves at the next wake from now on. */
  next(): Promise<void> {
    return new Promise((resolve) => (this.#wake = resolve));
  }

  wake(): void {
    this.count += 1;
    this.#wake();
  }
}
