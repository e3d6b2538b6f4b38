// The error that a client sees, and the one that is logged instead.
import type { Logger } from "pino";
import type { Caller } from "../call.js";
import type { RequestScope } from "../contract/http/request-context.js";
import type { Contract } from "../contract/model/load.js";
import type { EngineDeps } from "../contract/served.js";
import { ApiError } from "../errors.js";
import { StoreUnavailable } from "../platform/blobs/blob-store.js";
import { oauthError } from "./oauth-errors.js";

/**
 * Passes an ApiError on, of a form of OAuth as RFC 6749 has it. While the store of files does not answer, it is OVERLOADED. Logs any
 * other error, which is a bug, and turns it into INTERNAL with the request id.
 */
export function errorReport(log: Logger, { reasons }: Pick<Contract, "reasons">): EngineDeps<Caller>["explain"] {
  return (ctx, error, method) => {
    const problem = problemOf(ctx, error);
    return method?.oauthForm ? oauthError(problem, reasons.get(problem.reason)?.status ?? 500) : problem;
  };

  function problemOf(ctx: RequestScope, error: unknown): ApiError {
    if (error instanceof ApiError) return error;
    const { id, method } = ctx.state.context;
    if (error instanceof StoreUnavailable) {
      log.warn({ request_id: id, method, err: error }, "the store of files does not answer");
      return new ApiError("OVERLOADED", "The store of files does not answer", { retryAfterSeconds: 10 });
    }
    log.error({ request_id: id, method, err: error }, "a request failed by a fault of the server");
    return new ApiError("INTERNAL", `The server failed; its log knows more under request ${id}`);
  }
}
