// Acts on the accounts of others: the locks of both, and the refusal of those who are not above the other.
import type { Caller } from "../call.js";
import { ApiError } from "../errors.js";
import type { Queries } from "../platform/database/database.js";
import { isAbove, lockUsersToChange, type Standing } from "../users/standing.js";
import { invalidToken } from "./challenge.js";

/** The refusal of an act for which the caller does not stand high enough. */
export function notAbove(detail = "This is for those who are above this person"): ApiError {
  return new ApiError("PERMISSION_DENIED", detail);
}

/**
 * Locks the caller and a user until the transaction ends, so that neither is changed meanwhile; returns the user. Throws INVALID_TOKEN
 * when the caller's account has ended, is suspended or has another role by now, and USER_NOT_FOUND. The caller, who is locked, is a super
 * admin who remains, whatever is done to another one.
 */
export async function lockOther(queries: Queries, caller: Caller, id: number): Promise<Standing> {
  const [user] = await lockOthers(queries, caller, [id]);
  if (!user) throw new ApiError("USER_NOT_FOUND", `User with id=${id} not found`);
  return user;
}

/** The same of many, who may be the caller too; returns those of them that exist, in the order of ids. Throws INVALID_TOKEN alone. */
export async function lockOthers(queries: Queries, caller: Caller, ids: readonly number[]): Promise<Standing[]> {
  const locked = await lockUsersToChange(queries, [caller.id, ...ids]);
  requireCaller(locked, caller);
  const named = new Set(ids);
  return locked.filter(({ id }) => named.has(id));
}

/** As lockOther, of a user whom the caller is above. Throws PERMISSION_DENIED too. */
export async function lockBelow(queries: Queries, caller: Caller, id: number): Promise<Standing> {
  const user = await lockOther(queries, caller, id);
  if (id === caller.id || !isAbove(caller.role, user.role)) throw notAbove();
  return user;
}

/** Locks the caller alone. Throws INVALID_TOKEN as lockOther does. */
export async function lockCaller(queries: Queries, caller: Caller): Promise<void> {
  requireCaller(await lockUsersToChange(queries, [caller.id]), caller);
}

function requireCaller(locked: readonly Standing[], { id, role }: Caller): void {
  const caller = locked.find((each) => each.id === id);
  if (!caller || caller.is_suspended || caller.role !== role) throw invalidToken();
}
