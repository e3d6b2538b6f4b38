// Exemplars that are played more than once, where the method bears that: whoever logs in may log in again, and need not be
// made anew for it.
import type { Ready } from "./example-request.js";

/** What a part of a check found on one exemplar. */
export interface Found {
  readonly faults: readonly string[];
  readonly curl: string;
}

export class Stock {
  private played: Ready | undefined;
  private isFirst = true;

  constructor(private readonly fresh: () => Promise<Ready>) {}

  /**
   * Plays a part on the exemplar that was played last. Where something is wrong with that, be it that once was enough, a
   * fresh one decides, and for the rest of the check.
   */
  async play(part: (ready: Ready) => Promise<Found>): Promise<Found> {
    if (this.played) {
      const found = await part(this.played).catch(() => undefined);
      if (found?.faults.length === 0) return found;
      this.played = undefined;
      return part(await this.fresh());
    }
    const ready = await this.fresh();
    const found = await part(ready);
    if (this.isFirst) this.played = ready;
    this.isFirst = false;
    return found;
  }
}
