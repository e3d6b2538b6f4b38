// What other domains may ask of people: to take in a new one, and who one is.
import type { Caller } from "../call.js";
import { ApiError } from "../errors.js";
import type { User } from "../gen/lyceum/v1/user.js";
import { isUniqueViolation, type Queries } from "../platform/database.js";
import { emailUnique, findUser, insertUser, type NewUser } from "./store.js";

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
