// The SQL of a person as their own account has them, without a viewer.
import type { User } from "../gen/lyceum/v1/user.js";
import type { Queries } from "../platform/database/database.js";
import { statement } from "../platform/database/statement.js";

/** A person whose account has not ended. */
export interface Person extends Pick<User, "id" | "first_name" | "last_name"> {
  readonly email: string;
}

const findByEmail = statement<Person>(
  "read",
  "find-person-by-email",
  `select id, email, first_name, last_name from users where lower(email) = lower($1) and deleted_at is null`,
);

const findById = statement<Person>(
  "read",
  "find-person",
  `select id, email, first_name, last_name from users where id = $1 and deleted_at is null`,
);

/** The person with an id, or with an address in its one spelling; undefined when there is none. */
export async function findPerson(
  queries: Queries,
  whom: { readonly id: number } | { readonly email: string },
): Promise<Person | undefined> {
  return "id" in whom ? queries.one(findById, [whom.id]) : queries.one(findByEmail, [whom.email]);
}

const updateEmail = statement<{ email: string }>(
  "pool",
  "update-email",
  `with before as (select id, email from users where id = $1 and deleted_at is null for no key update)
   update users u set email = $2, version = u.version + 1 from before where u.id = before.id
   returning before.email`,
);

/**
 * Changes the address of a person, who is locked from then on; returns the one before. Undefined when there is no such person. Fails
 * on `emailUnique` when another one has the address.
 */
export async function changeEmail(queries: Queries, id: number, email: string): Promise<string | undefined> {
  return (await queries.one(updateEmail, [id, email]))?.email;
}
