// An example request that is sent more than once, where the method allows it: a login, for example, can be repeated
// without a new account for each time.
import type { PreparedRequest } from "./example-request.js";

/** The faults of one use of a request. */
export interface Found {
  readonly faults: readonly string[];
  readonly curl: string;
}

export class ReusableRequest {
  private used: PreparedRequest | undefined;
  private isFirst = true;

  constructor(private readonly fresh: () => Promise<PreparedRequest>) {}

  /**
   * Runs a part of a check on the request that was used last. When that has a fault, for example because the method works
   * only once, a fresh request decides, now and in the rest of the check.
   */
  async use(part: (prepared: PreparedRequest) => Promise<Found>): Promise<Found> {
    if (this.used) {
      const found = await part(this.used).catch(() => undefined);
      if (found?.faults.length === 0) return found;
      this.used = undefined;
      return part(await this.fresh());
    }
    const prepared = await this.fresh();
    const found = await part(prepared);
    if (this.isFirst) this.used = prepared;
    this.isFirst = false;
    return found;
  }
}
