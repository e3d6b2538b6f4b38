// The topics that somebody in this process listens to, and how far each was delivered.
import type { Logger } from "pino";
import type { StoredUpdate } from "../consumer.js";

/**
 * Is called with new updates of a topic, in the order of their pts and without a gap between two calls; or with undefined when some can
 * no longer be had, so that the difference must be read from the table as after a join. It must not throw.
 */
export interface FeedListener {
  (topic: string, updates: readonly StoredUpdate[] | undefined): void;
}

export interface FeedSubscription {
  /** Ends it: the listener is not called any more. */
  close(): void;
}

interface JoinedTopic {
  readonly listeners: Set<{ readonly call: FeedListener }>;
  /** That of the last update that was delivered; undefined before the first. */
  last: number | undefined;
  /** That of the last update when the table was asked. */
  found: number | undefined;
}

export class JoinedTopics {
  readonly #log: Logger;
  readonly #topics = new Map<string, JoinedTopic>();

  constructor(log: Logger) {
    this.#log = log;
  }

  get isEmpty(): boolean {
    return this.#topics.size === 0;
  }

  join(topic: string, call: FeedListener): FeedSubscription {
    let joined = this.#topics.get(topic);
    if (!joined) this.#topics.set(topic, (joined = { listeners: new Set(), last: undefined, found: undefined }));
    const { listeners } = joined;
    const listener = { call };
    listeners.add(listener);
    return {
      close: () => {
        listeners.delete(listener);
        if (listeners.size === 0 && this.#topics.get(topic) === joined) this.#topics.delete(topic);
      },
    };
  }

  /** Whether a topic is joined of which this update was not delivered, as far as is known. */
  lacks(topic: string, pts: number): boolean {
    const joined = this.#topics.get(topic);
    return joined !== undefined && (joined.last === undefined || joined.last < pts);
  }

  /** Delivers those of joined topics. Of each topic they are in the order of pts, and go on where the last ones ended. */
  deliver(updates: readonly StoredUpdate[]): void {
    const byTopic = new Map<string, StoredUpdate[]>();
    for (const update of updates) {
      if (!this.#topics.has(update.topic)) continue;
      const list = byTopic.get(update.topic);
      if (list) list.push(update);
      else byTopic.set(update.topic, [update]);
    }
    for (const [topic, list] of byTopic) this.#deliver(topic, list);
  }

  /** Has all listeners read from the table: some updates are not delivered. */
  reset(): void {
    for (const [topic, joined] of this.#topics) {
      joined.last = joined.found = undefined;
      this.#call(topic, joined, undefined);
    }
  }

  /** The pts of the last update of a topic, where it is known. */
  newestPts(topic: string): number | undefined {
    const joined = this.#topics.get(topic);
    return joined?.last ?? joined?.found;
  }

  /** Keeps what the table has as the pts of the last update of a topic. */
  keepNewestPts(topic: string, pts: number): void {
    const joined = this.#topics.get(topic);
    if (joined) joined.found = pts;
  }

  #deliver(topic: string, updates: readonly StoredUpdate[]): void {
    const joined = this.#topics.get(topic);
    if (!joined) return;
    let from = 0;
    for (const [at, { pts }] of updates.entries()) {
      // All that is visible is read in order: what is missing was deleted, because it is too old.
      if (joined.last !== undefined && pts !== joined.last + 1) {
        if (at > from) this.#call(topic, joined, updates.slice(from, at));
        this.#call(topic, joined, undefined);
        from = at;
      }
      joined.last = pts;
    }
    this.#call(topic, joined, from === 0 ? updates : updates.slice(from));
  }

  #call(topic: string, { listeners }: JoinedTopic, updates: readonly StoredUpdate[] | undefined): void {
    for (const { call } of listeners) {
      try {
        call(topic, updates);
      } catch (error) {
        this.#log.error({ err: error, topic }, "a listener of the feed failed");
      }
    }
  }
}
