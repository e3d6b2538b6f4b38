// The operations on users for other domains: create, find, lock and delete them. What is done to a user by others: standing.ts.
import type { Caller } from "../call.js";
import { ApiError } from "../errors.js";
import type { User } from "../gen/lyceum/v1/user.js";
import { isUniqueViolation, type Queries } from "../platform/database/database.js";
import { recordUpdates } from "../platform/updates/updates.js";
import { findUsers } from "./chosen-store.js";
import * as people from "./person-store.js";
import * as store from "./store.js";

export { type BatchedUser, findTakenEmails, insertUsers, inviteUsers } from "./batch-store.js";
export type { Person } from "./person-store.js";

/** Creates a user, as a step of a transaction. Throws EMAIL_TAKEN when a user with this e-mail address exists. */
export async function createUser(queries: Queries, draft: store.NewUser): Promise<User> {
  return refusingTaken(store.insertUser(queries, draft));
}

/** The person with an id, or with an address in its one spelling, and whose account is in use; undefined when there is none. */
export async function findPerson(
  queries: Queries,
  whom: { readonly id: number } | { readonly email: string },
): Promise<people.Person | undefined> {
  return people.findPerson(queries, whom);
}

/**
 * Changes the address of a person, as a step of a transaction in which it locks the user; returns the one before, or undefined when
 * there is no such person. Throws EMAIL_TAKEN when another user has the new one.
 */
export async function changeEmail(queries: Queries, id: number, email: string): Promise<string | undefined> {
  return refusingTaken(people.changeEmail(queries, id, email));
}

async function refusingTaken<T>(change: Promise<T>): Promise<T> {
  try {
    return await change;
  } catch (error) {
    if (!isUniqueViolation(error, store.emailUnique)) throw error;
    throw new ApiError("EMAIL_TAKEN", "An account has this e-mail address already", { cause: error });
  }
}

/** A user as the viewer may see them; undefined when there is none. */
export async function findUser(queries: Queries, viewer: Caller, id: number): Promise<User | undefined> {
  return store.findUser(queries, viewer, id);
}

/** What lists of other domains can return beside their rows, as the field `include` of their requests names it. */
export interface Include {
  readonly include: readonly string[];
}

/**
 * The people that the rows of an answer name, as the viewer may see them: each once, in the order of their ids, and without those
 * whose accounts have ended. Empty, without a statement, when the request does not include people. The caller may see the rows.
 */
export async function includedPeople(
  queries: Queries,
  viewer: Caller,
  { include }: Include,
  ids: Iterable<number | undefined>,
): Promise<User[]> {
  if (!include.includes("people")) return [];
  const distinct = new Set(ids);
  distinct.delete(undefined);
  return distinct.size === 0 ? [] : findUsers(queries, viewer, [...(distinct as Set<number>)]);
}

/** Whether there is any user. */
export async function hasUsers(queries: Queries): Promise<boolean> {
  return store.hasUsers(queries);
}

/** Keeps other transactions from creating users until this one ends. Waits for those that have created one. */
export async function lockUserCreation(queries: Queries): Promise<void> {
  await store.lockTable(queries);
}

/**
 * Locks users, so that their accounts cannot end before the transaction does: the first step of every transaction that
 * adds members. Returns the first of the ids without a user; undefined when all users exist.
 */
export async function lockUsers(queries: Queries, ids: readonly number[]): Promise<number | undefined> {
  const locked = new Set(await store.lockUsers(queries, ids));
  return ids.find((id) => !locked.has(id));
}

/**
 * Locks a user whose account is to end: the first step of that transaction. From then on no transaction adds the user
 * as a member. Returns the user's version; undefined when the user is deleted already. Throws PERMISSION_DENIED for
 * the last super admin who is not suspended.
 */
export async function lockUserToDelete(queries: Queries, id: number): Promise<number | undefined> {
  const locked = await store.lockUsersToDelete(queries, id);
  const user = locked.find((each) => each.id === id);
  if (!user) return undefined;
  const isLeft = (other: store.LockedUser): boolean =>
    other.id !== id && other.role === "ROLE_SUPER_ADMIN" && !other.is_suspended;
  if (user.role === "ROLE_SUPER_ADMIN" && !locked.some(isLeft))
    throw new ApiError("PERMISSION_DENIED", "The last super admin stays: let the operator make another one first");
  return user.version;
}

/** Deletes everything of a user except the id, and tells of it. The user must be locked by `lockUserToDelete`. */
export async function deleteUser(
  queries: Queries,
  { id, actorId }: { readonly id: number; readonly actorId: number },
): Promise<void> {
  await store.deleteUser(queries, id);
  await recordUpdates(queries, actorId, [{ topic: "school", kind: "user.deleted", subjectId: id }]);
}

/** Tells of new users. `actorId` is who made them, absent or 0 for the operator. */
export async function tellCreated(
  queries: Queries,
  actorId: number | undefined,
  userIds: readonly number[],
): Promise<void> {
  await recordUpdates(
    queries,
    actorId || undefined,
    userIds.map((id) => ({ topic: "school", kind: "user.created", subjectId: id })),
  );
}
