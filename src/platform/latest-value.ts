// A value that changes, and streams of it. A stream holds no queue: a slow reader sees the newest value, not each one.

export class LatestValue<Value> {
  #value: Value;
  #version = 1;
  readonly #readers = new Set<() => void>();

  constructor(initial: Value) {
    this.#value = initial;
  }

  get value(): Value {
    return this.#value;
  }

  set(value: Value): void {
    this.#value = value;
    this.#version++;
    for (const wake of this.#readers) wake();
  }

  /** The value as it is now, then each time that it has changed. It never ends by itself; `return` ends it at once. */
  stream(): AsyncIterableIterator<Value> {
    let [seen, isEnded] = [0, false];
    let wake: () => void = () => undefined;
    const ended = { done: true, value: undefined } as const;
    const iterator: AsyncIterableIterator<Value> = {
      [Symbol.asyncIterator]: () => iterator,
      next: async () => {
        while (!isEnded && seen === this.#version)
          await new Promise<void>((resolve) => this.#readers.add((wake = resolve)));
        this.#readers.delete(wake);
        if (isEnded) return ended;
        seen = this.#version;
        return { done: false, value: this.#value };
      },
      return: async () => {
        isEnded = true;
        wake();
        return ended;
      },
    };
    return iterator;
  }
}
