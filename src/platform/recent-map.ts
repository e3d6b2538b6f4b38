// A map that forgets each entry a fixed time after it was set, and the oldest ones beyond a number.

export class RecentMap<Key, Value> {
  /** In the order in which the entries were set, which is the order in which they are forgotten. */
  readonly #entries = new Map<Key, { readonly value: Value; readonly until: number }>();

  /** `keepMs` is how long an entry is kept at least, in milliseconds; it is forgotten when a later one is set. `capacity` is the most entries. */
  constructor(
    readonly keepMs: number,
    readonly now: () => number,
    readonly capacity = Infinity,
  ) {}

  get(key: Key): Value | undefined {
    return this.#entries.get(key)?.value;
  }

  set(key: Key, value: Value): void {
    const now = this.now();
    for (const [old, { until }] of this.#entries) {
      if (until > now && this.#entries.size < this.capacity) break;
      this.#entries.delete(old);
    }
    this.#entries.delete(key);
    this.#entries.set(key, { value, until: now + this.keepMs });
  }
}
