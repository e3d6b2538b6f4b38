// Admission: whether a request may be served at all, decided before its body is read; for limits on the rate of requests.
import type { Plain } from "./codecs/codec.js";
import type { KoaContext } from "./http/request-context.js";

/** What is left to decide when the request is read; it throws what `admit` would have thrown. */
export type LastWord = (request: Plain) => void;

/** The admission of one method. */
export interface Admission<Caller> {
  /** Headers of every answer of the method: name, value, name, value ... */
  readonly headers: readonly string[];
  /**
   * Admits a request; may add headers to its answer. Of a public method it is asked before anything else is done, and without a
   * caller; of another as soon as the caller is known. Throws RATE_LIMITED.
   */
  admit(ctx: KoaContext, caller: Caller | undefined): Admitted | Promise<Admitted>;
}

export type Admitted = LastWord | undefined;
