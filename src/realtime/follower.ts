// One who follows topics, over whichever door: joins first, then reads the difference, then takes what has come meanwhile. Each update is passed
// on once, in the order of pts, and none is left out; where that cannot be, the topic begins anew and says so.
import { setTimeout as delay } from "node:timers/promises";
import type { TopicStart } from "../gen/lyceum/v1/realtime.js";
import type { Hub, Listener } from "./hub.js";
import { batchesOf, type TopicBatch } from "./topic-batch.js";
import { tell } from "./told-update.js";
import { lastOfEach, type Position, startOf } from "./topics.js";
import { listFollowed, listMissed, listOwn, type Missed } from "./topics-store.js";

/** Where what is followed goes. */
export interface UpdateReceiver {
  /** Topics begin, or begin anew; those of `missing` may not be followed. `id` is that of the request, empty where there was none. */
  started(id: string, topics: readonly TopicStart[], missing: readonly string[]): void;
  /** New updates of one topic. */
  updates(batch: TopicBatch): void;
  /** Topics that may not be followed any more. */
  ended(topics: readonly string[]): void;
  /** Somebody is writing in a chat that is followed; left out where nobody looks. */
  typing?(chatId: number, userId: number): void;
  /** Resolves when there is room for more. */
  ready(): Promise<void>;
}

/** A topic that is followed. While its difference is read, `held` has what comes meanwhile. */
interface Followed {
  last: number;
  held: TopicBatch[] | undefined;
  /** How many updates are held. */
  heldCount: number;
  /** Whether some that came meanwhile cannot be held: the difference is read once more. */
  isLacking: boolean;
  /** Whether they were found to have the right; before, they are told nothing of the topic. */
  isAdmitted: boolean;
}

/** So many updates are read at once, and held until there is room for them: with long messages some hundred kilobytes. */
const chunk = 100;
/** So many updates of a topic are held while its difference is read; then it is read once more instead. */
const mostHeld = 1_000;
const retryMs = 300;

export class Follower implements Listener {
  readonly #topics = new Map<string, Followed>();
  #work: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(
    private readonly hub: Hub,
    readonly userId: number,
    private readonly receiver: UpdateReceiver,
  ) {}

  /** How many topics are followed. */
  get size(): number {
    return this.#topics.size;
  }

  /** The topics that they were found to have the right to, each with the pts up to which its updates were passed on. */
  positions(): [topic: string, pts: number][] {
    const admitted = [...this.#topics].filter(([, { isAdmitted }]) => isAdmitted);
    return admitted.map(([topic, { last }]) => [topic, last]);
  }

  isFollowing(topic: string): boolean {
    return this.#topics.has(topic);
  }

  /**
   * Follows topics from a position each, in place of where they are followed from now; undefined for all of one's own, at most `most`.
   * Resolves when what was missed is passed on. Rejects as the database does: then none of them is followed.
   */
  follow(id: string, asked: readonly Position[] | undefined, most: number): Promise<void> {
    return this.#serially(async () => {
      const own =
        asked ??
        (await listOwn(this.hub.database, this.userId, { limit: most })).map((topic) => ({ topic, pts: undefined }));
      await this.#follow(id, lastOfEach(own));
    });
  }

  /** Ends topics. */
  leave(topics: readonly string[]): Promise<void> {
    return this.#serially(async () => topics.forEach((topic) => this.#leave(topic)));
  }

  close(): void {
    this.#isClosed = true;
    for (const topic of this.#topics.keys()) this.#leave(topic);
  }

  take(batch: TopicBatch): void {
    const followed = this.#topics.get(batch.topic);
    if (!followed) return;
    if (!followed.held) return this.#pass(followed, batch);
    followed.heldCount += batch.length;
    if (followed.heldCount <= mostHeld) return void followed.held.push(batch);
    followed.held = [];
    followed.isLacking = true;
  }

  readAgain(topic: string): void {
    const followed = this.#topics.get(topic);
    if (!followed) return;
    if (followed.held) {
      followed.isLacking = true;
      return;
    }
    [followed.held, followed.heldCount] = [[], 0];
    void this.#serially(() => this.#catchUp(topic)).catch(() => undefined);
  }

  end(topic: string): void {
    const followed = this.#topics.get(topic);
    this.#leave(topic);
    if (followed?.isAdmitted) this.receiver.ended([topic]);
  }

  typing(chatId: number, userId: number): void {
    if (this.#topics.get(`chat:${chatId}`)?.isAdmitted) this.receiver.typing?.(chatId, userId);
  }

  #leave(topic: string): void {
    if (this.#topics.delete(topic)) this.hub.leave(topic, this);
  }

  #serially(work: () => Promise<void>): Promise<void> {
    const running = this.#work.then(() => (this.#isClosed ? undefined : work()));
    this.#work = running.catch(() => undefined);
    return running;
  }

  /** Passes on what is new in a batch. Where there is a gap before it, the difference is read. */
  #pass(followed: Followed, batch: TopicBatch): void {
    const fresh = batch.after(followed.last);
    if (!fresh) return;
    if (fresh.first !== followed.last + 1) return this.readAgain(batch.topic);
    followed.last = fresh.last;
    this.receiver.updates(fresh);
  }

  async #follow(id: string, positions: readonly Position[]): Promise<void> {
    // Joined before anything is read, so that nothing is committed in between unseen.
    for (const { topic } of positions) {
      this.#topics.set(topic, { last: 0, held: [], heldCount: 0, isLacking: false, isAdmitted: false });
      this.hub.join(topic, this);
    }
    try {
      await this.#begin(id, positions);
    } catch (error) {
      for (const { topic } of positions) this.#leave(topic);
      throw error;
    }
  }

  async #begin(id: string, positions: readonly Position[]): Promise<void> {
    const topics = positions.map(({ topic }) => topic);
    const found = new Map(
      (await listFollowed(this.hub.database, this.userId, topics)).map((each) => [each.topic, each]),
    );
    const missing = topics.filter((topic) => !found.has(topic) || !this.#topics.has(topic));
    missing.forEach((topic) => this.#leave(topic));
    const starts: TopicStart[] = [];
    const missed: Missed[] = [];
    for (const position of positions) {
      const state = found.get(position.topic);
      const followed = this.#topics.get(position.topic);
      if (!state || !followed) continue;
      const start = startOf(position, state.newest, state.oldest);
      starts.push(start);
      followed.last = start.pts;
      followed.isAdmitted = true;
      if (start.pts < state.newest) missed.push({ topic: position.topic, after: start.pts, until: state.newest });
    }
    this.receiver.started(id, starts, missing);
    await this.#tellMissed(missed);
    for (const { topic } of starts) this.#release(topic);
  }

  /** Passes on what was missed, in parts, no faster than it is taken. */
  async #tellMissed(missed: readonly Missed[]): Promise<void> {
    for (const parts of inChunks(missed)) {
      await this.receiver.ready();
      if (this.#isClosed) return;
      const updates = await listMissed(this.hub.database, this.userId, parts);
      for (const batch of batchesOf(await tell(this.hub.database, updates))) {
        const followed = this.#topics.get(batch.topic);
        if (!followed || batch.first !== followed.last + 1) continue;
        followed.last = batch.last;
        this.receiver.updates(batch);
      }
      this.#skipDeleted(parts);
    }
  }

  /** Where updates were deleted, or the right ended, since the difference was measured, the topic begins anew. */
  #skipDeleted(parts: readonly Missed[]): void {
    for (const { topic, until } of parts) {
      const followed = this.#topics.get(topic);
      if (!followed || followed.last >= until) continue;
      followed.last = until;
      this.receiver.started("", [{ topic, pts: until, is_too_long: true }], []);
    }
  }

  /** Passes on what has come while the difference was read. */
  #release(topic: string): void {
    const followed = this.#topics.get(topic);
    if (!followed?.held) return;
    const { held, isLacking } = followed;
    followed.held = undefined;
    followed.isLacking = false;
    if (isLacking) this.readAgain(topic);
    else for (const batch of held) this.take(batch);
  }

  /** Reads the difference of a topic that is followed, until the database answers. */
  async #catchUp(topic: string): Promise<void> {
    while (!this.#isClosed) {
      const followed = this.#topics.get(topic);
      if (!followed) return;
      try {
        return await this.#catchUpOnce(topic, followed);
      } catch {
        await delay(retryMs, undefined, { ref: false });
      }
    }
  }

  async #catchUpOnce(topic: string, followed: Followed): Promise<void> {
    const [state] = await listFollowed(this.hub.database, this.userId, [topic]);
    if (this.#topics.get(topic) !== followed) return;
    if (!state) return this.end(topic);
    const start = startOf({ topic, pts: followed.last }, state.newest, state.oldest);
    if (start.is_too_long) {
      followed.last = start.pts;
      this.receiver.started("", [start], []);
    } else if (followed.last < state.newest) {
      await this.#tellMissed([{ topic, after: followed.last, until: state.newest }]);
    }
    this.#release(topic);
  }
}

/** The same in parts with at most so many updates together. */
function inChunks(missed: readonly Missed[]): Missed[][] {
  const chunks: Missed[][] = [];
  let room = 0;
  for (const { topic, after, until } of missed) {
    for (let from = after; from < until;) {
      if (room === 0) {
        chunks.push([]);
        room = chunk;
      }
      const part = { topic, after: from, until: Math.min(until, from + room) };
      chunks.at(-1)!.push(part);
      room -= part.until - from;
      from = part.until;
    }
  }
  return chunks;
}
