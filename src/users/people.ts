// What other domains may ask of people: to take in a new one, who one is, that nobody goes just now, and to let one go.
import type { Caller } from "../call.js";
import { ApiError } from "../errors.js";
import type { User } from "../gen/lyceum/v1/user.js";
import { isUniqueViolation, type Queries } from "../platform/database/database.js";
import { deleteUser, emailUnique, findUser, holdUsers, insertUser, lockUsersToDelete, type NewUser } from "./store.js";

/**
 * Takes in a new person; meant to be one step of a transaction. The e-mail address is kept in lower case.
 * Throws EMAIL_TAKEN when somebody has it, however many ask at once.
 */
export async function enrolUser(queries: Queries, draft: NewUser): Promise<User> {
  try {
    return await insertUser(queries, draft);
  } catch (error) {
    if (!isUniqueViolation(error, emailUnique)) throw error;
    throw new ApiError("EMAIL_TAKEN", "An account has this e-mail address already", { cause: error });
  }
}

/** The person as the viewer may see them; undefined when there is none. */
export async function findPerson(queries: Queries, viewer: Caller, id: number): Promise<User | undefined> {
  return findUser(queries, viewer, id);
}

/**
 * Keeps people from ending their accounts until the transaction is over: the first step of whatever makes somebody a
 * member. Answers with the first of the ids that is nobody's, or nobody's any more; undefined when all are somebody's.
 */
export async function holdPeople(queries: Queries, ids: readonly number[]): Promise<number | undefined> {
  const held = new Set(await holdUsers(queries, ids));
  return ids.find((id) => !held.has(id));
}

/**
 * Holds the person whose account is to end: the first step of the transaction that ends it. From then on nobody makes them
 * a member of anything. Answers with their name, or undefined when they are gone already. Throws PERMISSION_DENIED for
 * the last super admin.
 */
export async function lockLeaver(queries: Queries, id: number): Promise<string | undefined> {
  const locked = await lockUsersToDelete(queries, id);
  const leaver = locked.find((user) => user.id === id);
  if (!leaver) return undefined;
  if (leaver.role === "ROLE_SUPER_ADMIN" && locked.filter(({ role }) => role === leaver.role).length === 1)
    throw new ApiError("PERMISSION_DENIED", "The last super admin stays: let the operator make another one first");
  return `${leaver.first_name} ${leaver.last_name}`;
}

/** Forgets everything about the person whom `lockLeaver` holds, but for the id and that there was one. */
export async function forgetPerson(queries: Queries, id: number): Promise<void> {
  await deleteUser(queries, id);
}
