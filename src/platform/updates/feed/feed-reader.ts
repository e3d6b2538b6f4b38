// Reads every update once that becomes visible, in an order in which none of a topic comes before an earlier one of it.
import type { Queries } from "../../database/database.js";
import type { StoredUpdate } from "../consumer.js";
import { SettledEnd } from "../settled-end.js";
import { findReadByAny, listUnseen } from "./feed-store.js";
import { type IdRange, UnseenIds } from "./unseen-ids.js";

export interface FeedReaderOptions {
  /** How many updates are read at once. */
  readonly page?: number;
  /** Of more ids than that, and after a longer absence in milliseconds, nothing is read: who listens reads from the table. */
  readonly farBehind?: number;
  /** How often it finds out what is settled, in milliseconds; a mark takes as long as a page. */
  readonly markMs?: number;
  readonly longAbsenceMs?: number;
}

export interface FeedTaker {
  /** Whether it takes updates now. If not, those up to the settled end are passed over. */
  isWanted(): boolean;
  take(updates: readonly StoredUpdate[]): void;
  /** Called when updates were passed over that it wants. */
  skip(): void;
}

/**
 * A page is the first of all unseen updates that one moment shows. The updates of a topic that a moment shows have no gap, and greater
 * pts have greater ids; so what comes before an update of a page is in it too, or was read or passed over earlier.
 */
export class FeedReader {
  readonly #queries: Queries;
  readonly #page: number;
  readonly #farBehind: number;
  readonly #longAbsenceMs: number;
  readonly #settled: SettledEnd;
  readonly #unseen: UnseenIds;
  readonly #markMs: number;
  #markedAt = performance.now();
  #readAt = Date.now();

  private constructor(
    queries: Queries,
    { page = 1_000, farBehind = 100_000, markMs = 200, longAbsenceMs = 24 * 3_600_000 }: FeedReaderOptions,
    settled: SettledEnd,
    after: number,
  ) {
    this.#queries = queries;
    this.#page = page;
    this.#farBehind = farBehind;
    this.#longAbsenceMs = longAbsenceMs;
    this.#markMs = markMs;
    this.#settled = settled;
    this.#unseen = new UnseenIds(after);
  }

  /** Begins with what is committed from now on; some from before may come as well. Rejects as the database does. */
  static async open(queries: Queries, options: FeedReaderOptions = {}): Promise<FeedReader> {
    const settled = new SettledEnd();
    const end = await settled.read(queries);
    // While somebody writes, the end is not known yet; as far as a consumer has read, all is settled.
    const after = end === settled.lastId ? end : Math.max(end, await findReadByAny(queries));
    return new FeedReader(queries, options, settled, after);
  }

  /**
   * Reads what is new, a page at a time; a poll finds out first whether there is anything. Rejects as the database does; the next call goes on
   * where this one has ended.
   */
  async read(taker: FeedTaker, isPoll = false): Promise<void> {
    if (isPoll || performance.now() - this.#markedAt >= this.#markMs) return this.#readMarked(taker);
    if (taker.isWanted()) await this.#readPages(taker, () => this.#unseen.withFuture);
  }

  async #readMarked(taker: FeedTaker): Promise<void> {
    const end = await this.#settled.read(this.#queries);
    this.#markedAt = performance.now();
    this.#unseen.extend(this.#settled.lastId);
    if (taker.isWanted()) {
      if (this.#isFarBehind(end)) {
        this.#unseen.settle(end);
        taker.skip();
      }
      await this.#readPages(taker, () => this.#unseen.ranges);
    }
    // All up to the end was visible before it was read.
    this.#unseen.settle(end);
    this.#readAt = Date.now();
  }

  async #readPages(taker: FeedTaker, ranges: () => readonly IdRange[]): Promise<void> {
    for (let isWhole = false; !isWhole && ranges().length > 0;) {
      const updates = await listUnseen(this.#queries, ranges(), this.#page);
      this.#unseen.see(updates.map(({ id }) => id));
      isWhole = updates.length < this.#page;
      if (updates.length > 0) taker.take(updates);
    }
  }

  /** After a long absence rows may be deleted of which nobody here knows. */
  #isFarBehind(end: number): boolean {
    return this.#unseen.countUpTo(end) > this.#farBehind || Date.now() - this.#readAt > this.#longAbsenceMs;
  }
}
