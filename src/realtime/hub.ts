// The followers of each topic in this process. What the feed delivers is passed on to those of them who may see it at that moment: the rights
// of chats and groups are asked of the database with each batch, after its commit and before anything of it is sent.
import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "pino";
import type { Database } from "../platform/database/database.js";
import type { StoredUpdate } from "../platform/updates/consumer.js";
import type { Feed, FeedSubscription } from "../platform/updates/feed/feed.js";
import type { TopicBatch } from "./topic-batch.js";
import { batchesOf } from "./topic-batch.js";
import { tell } from "./told-update.js";
import { isAskedAgain, type Position } from "./topics.js";
import { listEnded, listNewest } from "./topics-store.js";

/** Somebody who follows topics, as the hub sees them. */
export interface Listener {
  readonly userId: number;
  /** Takes new updates of a topic that they follow. */
  take(batch: TopicBatch): void;
  /** Some updates of the topic cannot be delivered: the difference must be read. */
  readAgain(topic: string): void;
  /** They may not follow the topic any more. */
  end(topic: string): void;
  /** Somebody is writing in a chat that they follow. */
  typing(chatId: number, userId: number): void;
}

/** By topic whose right is asked, and who of this process followed it for them at that moment. */
type Asked = Map<string, Map<number, Listener[]>>;

interface Room {
  readonly followers: Set<Listener>;
  readonly subscription: FeedSubscription;
}

export interface HubOptions {
  readonly feed: Pick<Feed, "join" | "newestPts">;
  readonly database: Database;
  readonly log: Logger;
}

/** How many updates wait at most while the database does not answer; beyond that all differences are read. */
const mostWaiting = 10_000;
const retryMs = 200;

export class Hub {
  readonly database: Database;
  readonly #feed: HubOptions["feed"];
  readonly #log: Logger;
  readonly #rooms = new Map<string, Room>();
  readonly #school: FeedSubscription;
  /** People whose rights to groups are asked again, since something of them has changed. */
  readonly #changed = new Set<number>();
  #waiting: StoredUpdate[] = [];
  #isRunning = false;
  #isClosed = false;

  constructor({ feed, database, log }: HubOptions) {
    this.#feed = feed;
    this.#log = log;
    this.database = database.with(log);
    // A person who is moved to another group is told of here, and in no topic of the group.
    this.#school = feed.join("school", (_topic, updates) => {
      for (const { kind, subject_id } of updates ?? []) if (kind === "user.changed") this.#changed.add(subject_id);
      if (this.#changed.size > 0) this.#run();
    });
  }

  /** From now on the listener takes what happens in the topic. */
  join(topic: string, listener: Listener): void {
    const room = this.#rooms.get(topic) ?? this.#open(topic);
    room.followers.add(listener);
  }

  leave(topic: string, listener: Listener): void {
    const room = this.#rooms.get(topic);
    if (!room?.followers.delete(listener) || room.followers.size > 0) return;
    room.subscription.close();
    this.#rooms.delete(topic);
  }

  /** The pts of the newest update of topics, 0 for one without any. */
  newestPts(topics: readonly string[]): Promise<ReadonlyMap<string, number>> {
    return this.#feed.newestPts(topics);
  }

  /** The same from the database, of topics with updates. */
  newestStored(topics: readonly string[]): Promise<Position[]> {
    return listNewest(this.database, topics);
  }

  /** Who follows a topic in this process now. */
  followers(topic: string): Iterable<Listener> {
    return this.#rooms.get(topic)?.followers ?? [];
  }

  close(): void {
    this.#isClosed = true;
    this.#school.close();
    for (const { subscription } of this.#rooms.values()) subscription.close();
    this.#rooms.clear();
  }

  #open(topic: string): Room {
    const subscription = this.#feed.join(topic, (_topic, updates) => {
      if (updates === undefined) return this.#readAgain(topic);
      this.#waiting.push(...updates);
      this.#run();
    });
    const room: Room = { followers: new Set(), subscription };
    this.#rooms.set(topic, room);
    return room;
  }

  #readAgain(topic: string): void {
    for (const listener of this.#rooms.get(topic)?.followers ?? []) listener.readAgain(topic);
  }

  #run(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    // After the feed has delivered all that it has read.
    setImmediate(() => void this.#passAll());
  }

  async #passAll(): Promise<void> {
    while (!this.#isClosed && (this.#waiting.length > 0 || this.#changed.size > 0)) {
      const updates = this.#waiting;
      const changed = [...this.#changed];
      this.#waiting = [];
      this.#changed.clear();
      try {
        await this.#pass(updates, changed);
      } catch (error) {
        this.#log.warn({ err: error }, "updates could not be passed on; this is repeated");
        changed.forEach((id) => this.#changed.add(id));
        this.#waiting = [...updates, ...this.#waiting];
        if (this.#waiting.length > mostWaiting) {
          const topics = new Set(this.#waiting.map(({ topic }) => topic));
          this.#waiting = [];
          for (const topic of topics) this.#readAgain(topic);
        }
        await delay(retryMs, undefined, { ref: false });
      }
    }
    this.#isRunning = false;
  }

  async #pass(updates: readonly StoredUpdate[], changed: readonly number[]): Promise<void> {
    const asked = this.#askedOf(updates, changed);
    const following = Array.from(asked, ([topic, people]) =>
      Array.from(people.keys(), (user_id) => ({ topic, user_id })),
    );
    const [ended, told] = await Promise.all([listEnded(this.database, following.flat()), tell(this.database, updates)]);
    // Who has joined meanwhile has asked for the right later, and may have it again.
    for (const { topic, user_id } of ended) for (const each of asked.get(topic)?.get(user_id) ?? []) each.end(topic);
    for (const batch of batchesOf(told)) {
      const people = asked.get(batch.topic);
      const mustBeAsked = isAskedAgain(batch.topic);
      for (const listener of this.#rooms.get(batch.topic)?.followers ?? []) {
        // Who has joined meanwhile reads the difference, in which these updates are.
        if (!mustBeAsked || people?.has(listener.userId)) listener.take(batch);
      }
    }
  }

  /** The rights that are to be asked: of all followers of a topic with new updates, and of people who have changed. */
  #askedOf(updates: readonly StoredUpdate[], changed: readonly number[]): Asked {
    const asked: Asked = new Map();
    const ask = (topic: string, mustBeAsked: (userId: number) => boolean): void => {
      const people = asked.get(topic) ?? new Map<number, Listener[]>();
      asked.set(topic, people);
      for (const listener of this.#rooms.get(topic)?.followers ?? []) {
        const listeners = people.get(listener.userId);
        if (listeners) listeners.push(listener);
        else if (mustBeAsked(listener.userId)) people.set(listener.userId, [listener]);
      }
    };
    for (const topic of new Set(updates.map((update) => update.topic))) if (isAskedAgain(topic)) ask(topic, () => true);
    if (changed.length === 0) return asked;
    const people = new Set(changed);
    for (const topic of this.#rooms.keys())
      if (topic.startsWith("group:") && !asked.has(topic)) ask(topic, (userId) => people.has(userId));
    return asked;
  }
}
