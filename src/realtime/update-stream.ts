// What a long poll and a stream tell: the updates that have come since the last answer, and the cursor after them.
import type { ListUpdatesResponse, TopicStart, Update } from "../gen/lyceum/v1/realtime.js";
import { writeCursor } from "./cursor.js";
import { Follower, type UpdateReceiver } from "./follower.js";
import type { Hub } from "./hub.js";
import type { TopicBatch } from "./topic-batch.js";
import type { Position } from "./topics.js";

/** A reader who leaves more than this lying is not waited for: the stream ends, and goes on where it was when they come back. */
const mostWaiting = 5_000;

export interface UpdateStreamOptions {
  readonly hub: Hub;
  readonly userId: number;
  /** Whether updates are told with the messages that they are about. */
  readonly hasMessages: boolean;
}

export class UpdateStream implements AsyncIterableIterator<ListUpdatesResponse>, UpdateReceiver {
  readonly #follower: Follower;
  readonly #hasMessages: boolean;
  readonly #asked = new Map<string, number | undefined>();
  #updates: Update[] = [];
  #topics: TopicStart[] = [];
  #missing: string[] = [];
  #isEnded = false;
  /** Where it had come when it ended. */
  #places: [topic: string, pts: number][] | undefined;
  #wake: () => void = () => undefined;
  #full: () => void = () => undefined;
  #taken: () => void = () => undefined;

  constructor({ hub, userId, hasMessages }: UpdateStreamOptions) {
    this.#follower = new Follower(hub, userId, this);
    this.#hasMessages = hasMessages;
  }

  /** Whether there is something to tell. */
  get hasNews(): boolean {
    return this.#updates.length + this.#topics.length + this.#missing.length > 0;
  }

  /**
   * Begins: at positions, or with all topics of the user. Resolves when what was missed has come, or as much of it as is held: the rest comes
   * when that was taken. Rejects as the database does.
   */
  begin(positions: readonly Position[] | undefined, most: number): Promise<void> {
    for (const { topic, pts } of positions ?? []) this.#asked.set(topic, pts);
    const full = new Promise<void>((resolve) => (this.#full = resolve));
    const following = this.#follower.follow("", positions, most);
    // The rest cannot be read: the client comes back with what it has.
    following.catch(() => this.end());
    return Promise.race([following, full]);
  }

  /** What has come since the last time. */
  take(): ListUpdatesResponse {
    const answer = { updates: this.#updates, topics: this.#topics, missing: this.#missing };
    [this.#updates, this.#topics, this.#missing] = [[], [], []];
    return { ...answer, cursor: writeCursor(this.#places ?? this.#follower.positions()) };
  }

  /** Resolves when there is something to tell, and when the stream has ended. */
  async untilNews(): Promise<void> {
    while (!this.hasNews && !this.#isEnded) await new Promise<void>((resolve) => (this.#wake = resolve));
  }

  end(): void {
    this.#isEnded = true;
    this.#places ??= this.#follower.positions();
    this.#follower.close();
    this.#wake();
    this.#taken();
  }

  started(_id: string, topics: readonly TopicStart[], missing: readonly string[]): void {
    // Where the client goes on as it asked there is nothing to be said.
    for (const start of topics) {
      // A topic that is read anew begins there: what came before it is in what will be read.
      if (start.is_too_long) this.#updates = this.#updates.filter(({ topic }) => topic !== start.topic);
      if (start.is_too_long || this.#asked.get(start.topic) === undefined) this.#topics.push(start);
    }
    this.#missing.push(...missing);
    this.#wake();
  }

  updates(batch: TopicBatch): void {
    this.#updates.push(...batch.updates(this.#hasMessages));
    if (this.#updates.length > mostWaiting) this.end();
    this.#wake();
  }

  ended(topics: readonly string[]): void {
    // Who may not see a topic any more is told nothing of it that waits.
    this.#updates = this.#updates.filter(({ topic }) => !topics.includes(topic));
    this.#topics = this.#topics.filter(({ topic }) => !topics.includes(topic));
    this.#missing.push(...topics);
    this.#wake();
  }

  async ready(): Promise<void> {
    if (this.#updates.length < mostWaiting / 2 || this.#isEnded) return;
    this.#full();
    await new Promise<void>((resolve) => (this.#taken = resolve));
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<ListUpdatesResponse, undefined>> {
    await this.untilNews();
    if (this.#isEnded) return { done: true, value: undefined };
    const value = this.take();
    this.#taken();
    return { done: false, value };
  }

  async return(): Promise<IteratorResult<ListUpdatesResponse, undefined>> {
    this.end();
    return { done: true, value: undefined };
  }
}
