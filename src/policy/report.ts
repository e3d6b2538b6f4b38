// The error that a client sees, and the one that is logged instead.
import type { Logger } from "pino";
import type { Caller } from "../call.js";
import type { EngineDeps } from "../contract/serve.js";
import { ApiError } from "../errors.js";

/** Passes an ApiError on. Logs any other error, which is a bug, and turns it into INTERNAL with the request id. */
export function errorReport(log: Logger): EngineDeps<Caller>["explain"] {
  return (ctx, error) => {
    if (error instanceof ApiError) return error;
    const { id, method } = ctx.state.context;
    log.error({ request_id: id, method, err: error }, "a request failed by a fault of the server");
    return new ApiError("INTERNAL", `The server failed; its log knows more under request ${id}`);
  };
}
