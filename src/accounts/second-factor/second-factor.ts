// Whether somebody has a second factor, and its end: for other parts of accounts.
import { ApiError } from "../../errors.js";
import type { Role, User } from "../../gen/lyceum/v1/user.js";
import { batchSweep } from "../../platform/sweep/batch-sweep.js";
import type { Queries } from "../../platform/database/database.js";
import type { EndAccountStep } from "../end-account.js";
import { endWaitingLogins } from "../login-challenges/challenges.js";
import { deleteObligation } from "./obligation-store.js";
import { deleteRecoveryCodes } from "./recovery-store.js";
import { deleteExpiredEnrolments, deleteFactor, findFactor, hasAnyFactor } from "./store.js";

/** Whether a user has what counts as a second factor: an authenticator app, or a passkey. */
export async function hasSecondFactor(queries: Queries, userId: number): Promise<boolean> {
  return hasAnyFactor(queries, userId);
}

/** Whether the logins of a user by password need a code. */
export async function hasAuthenticatorApp(queries: Queries, userId: number): Promise<boolean> {
  return (await findFactor(queries, userId)) !== undefined;
}

/** Throws MFA_REQUIRED when a user whose role needs a second factor has none any more, so that the transaction changes nothing. */
export async function requireSecondFactor(
  { isRequired }: { isRequired(role: Role): boolean },
  queries: Queries,
  { id, role }: Pick<User, "id" | "role">,
): Promise<void> {
  if (isRequired(role) && !(await hasSecondFactor(queries, id)))
    throw new ApiError(
      "MFA_REQUIRED",
      "Your role needs a second factor: set up another one before you remove this one",
    );
}

/**
 * Removes the second factor of a user, the recovery codes, the logins that wait for a code, and since when the user needs one: where
 * they do, they have all the days again. Returns whether there was a second factor.
 */
export async function removeSecondFactor(queries: Queries, userId: number): Promise<boolean> {
  // First, as a login that is completed locks them.
  await endWaitingLogins(queries, userId);
  const wasEnabled = await deleteFactor(queries, userId);
  await deleteRecoveryCodes(queries, userId);
  await deleteObligation(queries, userId);
  return wasEnabled;
}

/** Removes the second factor of an account that ends. */
export const endSecondFactor: EndAccountStep = async (queries, { id }) => {
  await removeSecondFactor(queries, id);
};

/** Deletes secrets that were never confirmed. */
export const sweepEnrolments = batchSweep("second factors that were not confirmed", deleteExpiredEnrolments);
