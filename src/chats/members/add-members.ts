// Who may be taken into a chat: whoever has an account, and keeps it until they are in.
import { invalidToken } from "../../accounts/challenge.js";
import type { Caller } from "../../call.js";
import { ApiError } from "../../errors.js";
import type { Queries } from "../../platform/database/database.js";
import { holdPeople } from "../../users/people.js";

/** The refusal of a person who is not there, or not any more. */
export function userNotFound(id: number): ApiError {
  return new ApiError("USER_NOT_FOUND", `User with id=${id} not found`);
}

/**
 * Holds the caller and others, who are to be members of a new chat, until the transaction ends; its first step. Throws
 * USER_NOT_FOUND with the first of the others who is not there, and INVALID_TOKEN when the caller is gone, whose token this
 * process may still take for good.
 */
export async function requireNewcomers(queries: Queries, caller: Caller, others: readonly number[]): Promise<void> {
  const missing = await holdPeople(queries, [caller.id, ...others]);
  if (missing === caller.id) throw invalidToken();
  if (missing !== undefined) throw userNotFound(missing);
}
