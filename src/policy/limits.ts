// Limits on calls of a method: the failure limit of the contract, counted by this process.
import type { Caller } from "../call.js";
import type { Around } from "../contract/around.js";
import type { Contract } from "../contract/model/load.js";
import { ApiError } from "../errors.js";
import { createFailureLimiter } from "../platform/failure-limit.js";

/**
 * Applies `(lyceum.v1.failure_limit)`: throws RATE_LIMITED after too many failures of one address on one value of the
 * field that the option names. A failure is a response with status 401; a success resets the count; any other error, such as 503 or
 * a client that has gone, leaves it as it was.
 */
export function failureLimits(contract: Contract): Around<Caller> {
  const failures = createFailureLimiter();
  return ({ name, failureLimit }) => {
    if (!failureLimit) return undefined;
    return async ({ ctx, request }, next) => {
      const value = String(request[failureLimit.field]).toLowerCase();
      const attempt = failures.begin(name, failureLimit, ctx.ip, value);
      try {
        const response = await next();
        attempt.succeeded();
        return response;
      } catch (error) {
        const isFailure = error instanceof ApiError && contract.reasons.get(error.reason)?.status === 401;
        if (isFailure) attempt.failed();
        else attempt.withdrawn();
        throw error;
      }
    };
  };
}
