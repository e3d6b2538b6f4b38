// Idempotency-Key for the library: `(lyceum.v1.created)` promises it, so every server of a contract with this option has it.
import { isDeepStrictEqual } from "node:util";
import type { Around } from "../../../src/contract/around.js";
import { ResponseHeaders } from "../../../src/contract/http/response-headers.js";
import { ApiError } from "../../../src/errors.js";
import { readIdempotencyKey } from "../../../src/policy/idempotency/key-header.js";

/** Creates a thing once for each key of a caller, as long as the server runs. The handlers answer at once: none is in progress. */
export function createsOnce(): Around<string> {
  const kept = new Map<string, { readonly asked: unknown; readonly answer: object }>();
  return ({ name, created }) => {
    if (created === undefined) return undefined;
    return async ({ ctx, request, caller }, next) => {
      if (ctx.req.headers["idempotency-key"] === undefined) return next();
      const id = JSON.stringify([caller, readIdempotencyKey(ctx.req.headersDistinct)]);
      const asked = [name, request];
      const earlier = kept.get(id);
      if (earlier && !isDeepStrictEqual(earlier.asked, asked))
        throw new ApiError("IDEMPOTENCY_KEY_REUSED", "This key was used before, for another request");
      if (earlier) new ResponseHeaders(ctx.state.context).add("Idempotency-Replayed", "true");
      // As it is now: what was created changes later.
      const answer = earlier?.answer ?? structuredClone(await next());
      kept.set(id, { asked, answer });
      return answer;
    };
  };
}
