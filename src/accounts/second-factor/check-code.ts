// Uses a code of an authenticator app, or a recovery code, up. Of one code that is sent many times at once, one use succeeds.
import { ApiError } from "../../errors.js";
import type { Queries } from "../../platform/database/database.js";
import type { RecoveryCodes } from "./recovery-codes.js";
import { useRecoveryCode } from "./recovery-store.js";
import type { SecretBox } from "./secret-box.js";
import { countFailure, lockFactor, takeStep, type FailureWaits } from "./store.js";
import { stepOf } from "./totp.js";

/** What a request has of the two. */
export interface GivenCode {
  readonly code?: string | undefined;
  readonly recovery_code?: string | undefined;
}

/** One of the two. */
export type OneCode = { readonly code: string } | { readonly recoveryCode: string };

/** What a code has opened. */
export interface RightCode {
  /** How many recovery codes are left, where it was one. */
  readonly recoveryCodesLeft?: number;
}

export interface CodeDeps {
  readonly secretBox: SecretBox;
  readonly recoveryCodes: RecoveryCodes;
}

/**
 * Only who knows the password, or has a challenge, gets so far. Three of a million codes are right at a time: a guesser who waits has
 * one chance in ten years.
 */
const waits: FailureWaits = { free: 5, firstSeconds: 15, longestSeconds: 900 };

/** The code of a request; where it has both, that of the app. Throws MALFORMED_REQUEST when it has none. */
export function oneCodeOf({ code, recovery_code }: GivenCode): OneCode {
  if (code !== undefined) return { code };
  if (recovery_code !== undefined) return { recoveryCode: recovery_code };
  throw new ApiError("MALFORMED_REQUEST", "The request needs a code, or a recovery_code");
}

/**
 * Uses the code of a user up, within a transaction. Undefined when it is wrong, which is counted: the transaction must be committed.
 * Throws RATE_LIMITED when codes have to wait; recovery codes never do. `now` is the time of the request.
 */
export async function takeCode(
  { secretBox, recoveryCodes }: CodeDeps,
  queries: Queries,
  userId: number,
  given: OneCode,
  now: Date,
): Promise<RightCode | undefined> {
  const factor = await lockFactor(queries, userId);
  if (!factor) return undefined;
  if ("recoveryCode" in given) {
    const left = await useRecoveryCode(queries, userId, recoveryCodes.hash(given.recoveryCode, userId));
    return left === undefined ? undefined : { recoveryCodesLeft: left };
  }
  if (factor.wait_seconds > 0)
    throw new ApiError("RATE_LIMITED", "Too many wrong codes; a recovery code need not wait", {
      retryAfterSeconds: factor.wait_seconds,
    });
  const secret = secretBox.open(factor.secret, userId);
  const step = secret && stepOf(secret, given.code, now);
  if (step === undefined) {
    await countFailure(queries, userId, waits);
    return undefined;
  }
  // A code that was used before is no guess, so it keeps nobody waiting.
  return (await takeStep(queries, userId, step)) ? {} : undefined;
}
