// The line before the decoder of images: what all of them together may cost at once.
import { ApiError } from "../../errors.js";

interface Waiting {
  readonly pixels: number;
  begin(): void;
}

/** Runs at most two jobs at once, and more than one only while together they have no more pixels than the largest image: so memory is bounded by that. */
export class ImageLine {
  readonly #waiting: Waiting[] = [];
  #free: number;

  /** `mostPixels` is the largest image that comes; `mostWaiting` jobs wait at most. */
  constructor(
    readonly mostPixels: number,
    readonly mostWaiting: number,
  ) {
    this.#free = mostPixels;
  }

  /** Runs the job in its turn, in the order of arrival. Rejects as the job does, and with OVERLOADED when too many wait. */
  async run<Result>(pixels: number, job: () => Promise<Result>): Promise<Result> {
    // Each takes a half at least, so that there are never more than two.
    const taken = Math.max(pixels, this.mostPixels / 2);
    await this.#turn(taken);
    try {
      return await job();
    } finally {
      this.#free += taken;
      this.#beginNext();
    }
  }

  async #turn(pixels: number): Promise<void> {
    if (this.#waiting.length >= this.mostWaiting) {
      throw new ApiError("OVERLOADED", "Too many images are being read at this moment", { retryAfterSeconds: 5 });
    }
    await new Promise<void>((begin) => {
      this.#waiting.push({ pixels, begin });
      this.#beginNext();
    });
  }

  #beginNext(): void {
    while (this.#waiting.length > 0 && this.#waiting[0]!.pixels <= this.#free) {
      const { pixels, begin } = this.#waiting.shift()!;
      this.#free -= pixels;
      begin();
    }
  }
}
