// Admission: whether a request may be served at all, decided before its body is read; for limits on the rate of requests.
import type { ApiError } from "../errors.js";
import type { Plain } from "./codecs/codec.js";
import type { RequestScope } from "./http/request-context.js";

/** A request that is refused unless something in it admits it, such as the token of a device. */
export interface Pending {
  /** What is thrown otherwise, also when the request cannot be read. */
  readonly refusal: ApiError;
  admits(request: Plain): boolean;
}

/** The admission of one method. */
export interface Admission<Caller> {
  /** Headers of every answer of the method: name, value, name, value ... */
  readonly headers: readonly string[];
  /**
   * Admits a request; may add headers to its answer. Of a public method it is asked before anything else is done, and without a
   * caller; of another as soon as the caller is known. Returns what the request itself has to decide; throws RATE_LIMITED.
   */
  admit(ctx: RequestScope, caller: Caller | undefined): Pending | undefined | Promise<Pending | undefined>;
}
