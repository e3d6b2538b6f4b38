// Who gets the next connection of the pool. A caller has a few at once and waits for more in a line of their own; the lines
// take turns, so that one who asks for much delays only themselves.
import { ApiError } from "../../errors.js";
import { unavailable } from "./database-errors.js";

/** The id of a user, or the address of somebody without a login; undefined for the process itself. */
export type PoolCaller = number | string | undefined;

/** What one caller may have. */
export interface PoolShare {
  /** How many may be in at once. */
  readonly inside: number;
  /** How many may wait; further ones are refused at once. */
  readonly waiting: number;
}

export interface PoolQueueOptions {
  /** How many may be in at once; the process itself has no other limit. */
  readonly size: number;
  /** The share of a user. */
  readonly user: PoolShare;
  /** The share of an address, which may be that of a whole school. */
  readonly address: PoolShare;
  /** How long one may wait, in milliseconds. */
  readonly timeoutMs: number;
}

interface Waiter {
  readonly admit: () => void;
}

interface Line {
  inside: number;
  readonly waiting: Set<Waiter>;
}

export class PoolQueue {
  readonly #options: PoolQueueOptions;
  /** In the order of turns: a caller who comes in or goes out is the last. */
  readonly #lines = new Map<PoolCaller, Line>();
  #free: number;

  constructor(options: PoolQueueOptions) {
    this.#options = options;
    this.#free = options.size;
  }

  /**
   * Resolves when the caller is in; `leave` must follow. Rejects with DATABASE_UNAVAILABLE when there is no place within
   * `timeoutMs`, and at once with OVERLOADED when too many of the caller's own wait already.
   */
  async enter(caller: PoolCaller): Promise<void> {
    const line = this.#lines.get(caller) ?? { inside: 0, waiting: new Set() };
    this.#lines.set(caller, line);
    // Whoever may be admitted has been: those who wait while something is free have all that they may have.
    if (this.#free > 0 && this.#mayEnter(caller, line)) return this.#admit(caller, line);
    if (line.waiting.size >= this.#share(caller).waiting)
      throw new ApiError("OVERLOADED", "Too many of your requests are waiting", { retryAfterSeconds: 1 });
    await new Promise<void>((resolve, reject) => {
      const waiter: Waiter = {
        admit: () => {
          clearTimeout(timer);
          resolve();
        },
      };
      const timer = setTimeout(() => {
        line.waiting.delete(waiter);
        const whose = this.#mayEnter(caller, line) ? "to the database" : "that one caller may have";
        reject(unavailable(`All connections ${whose} are busy`));
        this.#forget(caller, line);
      }, this.#options.timeoutMs);
      line.waiting.add(waiter);
    });
  }

  /** Lets the next one in. */
  leave(caller: PoolCaller): void {
    const line = this.#lines.get(caller)!;
    line.inside -= 1;
    this.#free += 1;
    this.#toTheEnd(caller, line);
    this.#forget(caller, line);
    for (const [next, its] of this.#lines) {
      if (!this.#mayEnter(next, its)) continue;
      const [first] = its.waiting;
      if (!first) continue;
      its.waiting.delete(first);
      this.#admit(next, its);
      return first.admit();
    }
  }

  #mayEnter(caller: PoolCaller, { inside }: Line): boolean {
    return inside < this.#share(caller).inside;
  }

  #share(caller: PoolCaller): PoolShare {
    if (caller === undefined) return { inside: this.#options.size, waiting: Infinity };
    return typeof caller === "number" ? this.#options.user : this.#options.address;
  }

  #admit(caller: PoolCaller, line: Line): void {
    line.inside += 1;
    this.#free -= 1;
    this.#toTheEnd(caller, line);
  }

  #toTheEnd(caller: PoolCaller, line: Line): void {
    this.#lines.delete(caller);
    this.#lines.set(caller, line);
  }

  #forget(caller: PoolCaller, { inside, waiting }: Line): void {
    if (inside === 0 && waiting.size === 0) this.#lines.delete(caller);
  }
}
