// Which ids of updates have not been read yet: those that may still come, because a transaction that took one is open, and those after
// the last that was read. A few ranges, however many ids there are.

export interface IdRange {
  readonly first: number;
  readonly last: number;
}

/** In ascending order, and no two of the ranges meet. */
export class UnseenIds {
  #ranges: IdRange[] = [];
  #last: number;

  /** Begins after an id: of all up to it nothing is asked. */
  constructor(after: number) {
    this.#last = after;
  }

  get ranges(): readonly IdRange[] {
    return this.#ranges;
  }

  /** With those that are not taken yet. */
  get withFuture(): readonly IdRange[] {
    return [...this.#ranges, { first: this.#last + 1, last: Number.MAX_SAFE_INTEGER }];
  }

  /** Adds all ids up to this one that were not known of. */
  extend(last: number): void {
    if (last <= this.#last) return;
    const [before, first] = [this.#ranges.at(-1), this.#last + 1];
    if (before?.last === this.#last) this.#ranges[this.#ranges.length - 1] = { first: before.first, last };
    else this.#ranges.push({ first, last });
    this.#last = last;
  }

  /** Takes out ids that were read, in ascending order. Those before the last of them are known of from then on. */
  see(ids: readonly number[]): void {
    if (ids.length > 0) this.extend(ids.at(-1)!);
    const left: IdRange[] = [];
    let at = 0;
    for (const { first, last } of this.#ranges) {
      let from = first;
      while (at < ids.length && ids[at]! < from) at += 1;
      for (; at < ids.length && ids[at]! <= last; at += 1) {
        if (ids[at]! > from) left.push({ first: from, last: ids[at]! - 1 });
        from = ids[at]! + 1;
      }
      if (from <= last) left.push({ first: from, last });
    }
    this.#ranges = left;
  }

  /** Takes out all ids up to this one. */
  settle(end: number): void {
    this.#ranges = this.#ranges.flatMap(({ first, last }) =>
      last <= end ? [] : [{ first: Math.max(first, end + 1), last }],
    );
  }

  /** How many of them there are up to this one. */
  countUpTo(end: number): number {
    return this.#ranges.reduce((sum, { first, last }) => sum + Math.max(0, Math.min(last, end) - first + 1), 0);
  }
}
