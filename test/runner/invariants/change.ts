// A change to a recorded exchange that breaks one invariant.
import type { Plain } from "../../../runner/client/encoding.js";
import type { HeaderList } from "../../engine/http/member.js";

/** The parts of the exchange to replace. */
export interface Change {
  /** Headers of the response; undefined removes one. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly status?: number;
  /** The body; Content-Length is set to its length. */
  readonly body?: Buffer | string;
  /** Fields of the message in the body; undefined removes one. Encoded in the codec of the response. */
  readonly fields?: Plain;
  readonly verb?: string;
  readonly path?: string;
  /** Further headers of the request. */
  readonly sent?: HeaderList;
}

/** A description, the name of the exchange, the change, and a part of the expected fault. */
export type Fault = readonly [what: string, exchange: string, change: Change, words: string];
