// Up to which id all updates are settled: committed or rolled back. Ids are taken before the commit, so a later one may be visible first.
import type { Queries } from "../database/database.js";
import { type Mark, readMark } from "./consumers-store.js";

/** How many marks are kept while a writer stays open. */
const most = 100;

/**
 * Tells the last id with nothing open before it. A mark is the last id that was taken, and who holds the lock of writers after that
 * (migrations/20261230100000_updates.ts): when none of these holds it any more, everything up to that id is settled. A transaction that
 * takes no update delays nothing.
 */
export class SettledEnd {
  #waiting: Mark[] = [];
  #end = 0;
  #lastId = 0;

  /** The last id that was taken when the newest mark was read. */
  get lastId(): number {
    return this.#lastId;
  }

  /** Reads a mark; returns the end. */
  async read(queries: Queries): Promise<number> {
    const newest = await readMark(queries);
    const open = new Set(newest.holders);
    this.#lastId = newest.last_id;
    this.#waiting.push(newest);
    const at = this.#waiting.findLastIndex(({ holders }) => !holders.some((holder) => open.has(holder)));
    if (at >= 0) {
      this.#end = Math.max(this.#end, this.#waiting[at]!.last_id);
      this.#waiting.splice(0, at + 1);
    }
    if (this.#waiting.length > most) this.#waiting.splice(1, 1);
    return this.#end;
  }
}
