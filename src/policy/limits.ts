// Limits on calls of a method: the failure limit of the contract, counted by this process.
import type { Caller } from "../call.js";
import type { Contract } from "../contract/model/load.js";
import type { World } from "../contract/serve.js";
import { ApiError } from "../errors.js";
import { createFailureLimiter } from "../platform/failure-limit.js";

/**
 * Applies `(lyceum.v1.failure_limit)`: throws RATE_LIMITED after too many failures of one address on one value of the
 * field that the option names. A failure is a response with status 401; a success resets the count.
 */
export function failureLimits(contract: Contract): World<Caller>["limit"] {
  const failures = createFailureLimiter();
  return (ctx, { name, failureLimit }, request) => {
    if (!failureLimit) return undefined;
    const value = String(request[failureLimit.field]).toLowerCase();
    failures.check(name, failureLimit, ctx.ip, value);
    return (error) => {
      if (error === undefined) failures.succeeded(name, ctx.ip, value);
      else if (error instanceof ApiError && contract.reasons.get(error.reason)?.status === 401)
        failures.failed(name, failureLimit, ctx.ip, value);
    };
  };
}
