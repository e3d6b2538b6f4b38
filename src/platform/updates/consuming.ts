// The part of a server that has the consumers take updates. Of all processes one works for each consumer, and another goes on when
// its lease ends.
import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "pino";
import type { Database } from "../database/database.js";
import type { Consumer } from "./consumer.js";
import { insertConsumer, listUpdates, releaseLease, takeLease, updateCursor } from "./consumers-store.js";
import { SettledEnd } from "./settled-end.js";
import { takeDue, takeUpdates } from "./take-updates.js";

export interface ConsumingOptions {
  readonly database: Database;
  readonly log: Logger;
  readonly consumers: readonly Consumer[];
  /** How soon new updates are looked for after others have come, in milliseconds; later and later while none come, up to a second. */
  readonly everyMs?: number;
}

export interface Consuming {
  /** Takes no further updates, and resolves when those under way are taken. Another process goes on at once. */
  close(): Promise<void>;
}

/** How many updates a consumer takes at once. */
const batch = 100;

/** Of how many ids it looks for them at once: behind a long absence there may be millions of other kinds. */
const span = 10_000;

/** A lease is prolonged, or asked for again, so often, in milliseconds. */
const leaseMs = 2_000;

/** What has failed is looked for so often, in milliseconds. */
const dueMs = 2_000;

/** While nothing happens, new updates are looked for so often, in milliseconds. */
const idleMs = 1_000;

/** Starts to take updates. Does not keep the process alive. */
export function startConsuming({ database, log, consumers, everyMs = 200 }: ConsumingOptions): Consuming {
  const closing = new AbortController();
  const { signal } = closing;
  const logged = database.with(log);
  const running = consumers.map((consumer) => consume(consumer));

  async function consume(consumer: Consumer): Promise<void> {
    const { name, kinds } = consumer;
    const holder = randomUUID();
    const settled = new SettledEnd();
    let isKnown = false;
    let isHeld = false;
    let lastId = 0;
    let askedAt = -Infinity;
    let dueAt = -Infinity;
    let idle = everyMs;

    /** Works as much as there is for a moment; returns the milliseconds to wait. */
    async function step(): Promise<number> {
      if (!isKnown) await insertConsumer(logged, name);
      isKnown = true;
      if (performance.now() - askedAt >= leaseMs) {
        askedAt = performance.now();
        const from = await takeLease(logged, name, holder);
        if (from !== undefined && !isHeld) lastId = from;
        isHeld = from !== undefined;
      }
      if (!isHeld) return leaseMs;
      if (performance.now() - dueAt >= dueMs) {
        dueAt = performance.now();
        await keepingLease(() => takeDue(logged, log, consumer));
      }
      const end = await settled.read(logged);
      if (end <= lastId) return (idle = Math.min(idle * 2, Math.max(idleMs, everyMs)));
      idle = everyMs;
      const upTo = Math.min(end, lastId + span);
      const updates = await listUpdates(logged, lastId, upTo, kinds, batch);
      if (updates.length > 0) await keepingLease(() => takeUpdates(logged, log, consumer, updates));
      const isWhole = updates.length < batch;
      const reached = isWhole ? upTo : updates.at(-1)!.id;
      isHeld = await updateCursor(logged, name, holder, reached);
      if (!isHeld) return leaseMs;
      askedAt = performance.now();
      lastId = reached;
      return reached === end ? everyMs : 0;
    }

    async function keepingLease(work: () => Promise<void>): Promise<void> {
      const renewal = setInterval(() => void takeLease(logged, name, holder).catch(() => undefined), leaseMs).unref();
      try {
        await work();
      } finally {
        clearInterval(renewal);
      }
    }

    while (!signal.aborted) {
      const wait = await step().catch((error: unknown) => {
        log.warn({ consumer: name, err: error }, "updates could not be taken; this is repeated");
        // What was being taken comes again: the lease may be another's by then.
        isHeld = false;
        return leaseMs;
      });
      if (wait > 0) await delay(wait, undefined, { ref: false, signal }).catch(() => undefined);
    }
    if (isHeld) await releaseLease(logged, name, holder).catch(() => undefined);
  }

  return {
    async close() {
      closing.abort();
      await Promise.all(running);
    },
  };
}
