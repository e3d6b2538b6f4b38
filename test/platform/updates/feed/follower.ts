// Somebody who follows a topic as a socket does: joins first, then reads the difference, and drops by pts what has come twice.
import type { Queries } from "../../../../src/platform/database/database.js";
import { statement } from "../../../../src/platform/database/statement.js";
import type { StoredUpdate } from "../../../../src/platform/updates/consumer.js";
import type { FeedListener, FeedSubscription } from "../../../../src/platform/updates/feed/joined-topics.js";

const difference = statement<StoredUpdate>(
  "read",
  "test-difference",
  "select * from updates where topic = $1 and pts > $2 order by pts",
);

export class Follower {
  /** The pts that it has, each once, in the order in which it got them. */
  readonly got: number[] = [];
  /** How often it was told to read the difference anew. */
  resets = 0;
  /** What came from the feed in a wrong order. */
  readonly faults: string[] = [];
  readonly #queries: Queries;
  readonly #topic: string;
  #subscription: FeedSubscription | undefined;
  #last = 0;
  #held: StoredUpdate[] | undefined;
  #fed: number | undefined;
  #reading: Promise<void> = Promise.resolve();

  constructor(queries: Queries, topic: string, join: (topic: string, listener: FeedListener) => FeedSubscription) {
    this.#queries = queries;
    this.#topic = topic;
    this.#subscription = join(topic, (_, updates) => this.#take(updates));
    this.#readDifference();
  }

  /** Resolves when the difference is read. */
  get read(): Promise<void> {
    return this.#reading;
  }

  close(): void {
    this.#subscription?.close();
  }

  #take(updates: readonly StoredUpdate[] | undefined): void {
    if (updates === undefined) {
      this.resets += 1;
      this.#fed = undefined;
      return this.#readDifference();
    }
    for (const { topic, pts } of updates) {
      if (topic !== this.#topic) this.faults.push(`${topic} instead of ${this.#topic}`);
      if (this.#fed !== undefined && pts !== this.#fed + 1) this.faults.push(`${pts} after ${this.#fed}`);
      this.#fed = pts;
    }
    if (this.#held) this.#held.push(...updates);
    else this.#add(updates);
  }

  #readDifference(): void {
    const held: StoredUpdate[] = [];
    this.#held = held;
    this.#reading = this.#read(held, this.#reading);
  }

  async #read(held: StoredUpdate[], before: Promise<void>): Promise<void> {
    await before;
    const rows = await this.#queries.many(difference, [this.#topic, this.#last]);
    if (this.#held !== held) return;
    this.#held = undefined;
    this.#add(rows);
    this.#add(held);
  }

  #add(updates: readonly StoredUpdate[]): void {
    for (const { pts } of updates) {
      if (pts <= this.#last) continue;
      this.#last = pts;
      this.got.push(pts);
    }
  }
}
