// The line before the decoder of images: what all of them together may cost at once.
import { ApiError } from "../../errors.js";
import { FairQueue } from "../fair-queue.js";
import type { Asker } from "../fair-queue.js";

interface Job extends Asker {
  readonly pixels: number;
  begin(): void;
  refuse(error: Error): void;
}

/** Runs at most two jobs at once, and more than one only while together they have no more pixels than the largest image: so memory is bounded by that. */
export class ImageLine {
  readonly #waiting = new FairQueue<Job>();
  /** Whose turn it is, and who waits for room. */
  #next: Job | undefined;
  #free: number;

  /** `mostPixels` is the largest image that comes; `mostWaiting` jobs wait at most. */
  constructor(
    readonly mostPixels: number,
    readonly mostWaiting: number,
  ) {
    this.#free = mostPixels;
  }

  /**
   * Runs the job in its turn, which is that of `FairQueue`. Rejects as the job does, and with OVERLOADED when too many wait, of whom the last
   * by their turns are refused.
   */
  async run<Result>(pixels: number, asker: Asker, job: () => Promise<Result>): Promise<Result> {
    // Each takes a half at least, so that there are never more than two.
    const taken = Math.max(pixels, this.mostPixels / 2);
    await this.#turn(taken, asker);
    try {
      return await job();
    } finally {
      this.#free += taken;
      this.#beginNext();
    }
  }

  #turn(pixels: number, asker: Asker): Promise<void> {
    return new Promise((begin, refuse) => {
      this.#waiting.add({ ...asker, pixels, begin, refuse });
      this.#beginNext();
      for (const last of this.#waiting.takeBeyond(this.mostWaiting - (this.#next ? 1 : 0))) {
        last.refuse(
          new ApiError("OVERLOADED", "Too many images are being read at this moment", { retryAfterSeconds: 5 }),
        );
      }
    });
  }

  #beginNext(): void {
    for (;;) {
      this.#next ??= this.#waiting.takeFirst();
      if (!this.#next || this.#next.pixels > this.#free) return;
      this.#free -= this.#next.pixels;
      this.#next.begin();
      this.#next = undefined;
    }
  }
}
