// The SQL of many users at once: those that are imported.
import type { Queries } from "../platform/database/database.js";
import { statement } from "../platform/database/statement.js";
import type { NewUser } from "./store.js";
import type { Invited } from "./standing-store.js";

/** A user of a batch, who is not inserted yet. */
export type BatchedUser = NewUser & { readonly patronymic_name?: string; readonly school_class?: number | undefined };

const columns =
  "id, email, first_name, last_name, role, created_at, version, invited_at, patronymic_name, school_class, rating";

const insertUserRows = statement<{ id: number; email: string }>(
  "pool",
  "insert-users",
  // In the order of addresses: of two transactions that insert the same ones, one waits for the other and not each for the other.
  `insert into users (email, first_name, last_name, patronymic_name, role, school_class, invited_at)
   select email, first_name, last_name, patronymic_name, role, school_class, case when is_invited then now() end
     from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::smallint[], $7::boolean[])
          as draft (email, first_name, last_name, patronymic_name, role, school_class, is_invited)
    order by lower(email)
   on conflict do nothing
   returning id, email`,
);

/** Inserts users with different addresses; those whose address another user has are left out. Returns the inserted ones in any order. */
export async function insertUsers(
  queries: Queries,
  drafts: readonly BatchedUser[],
): Promise<{ readonly id: number; readonly email: string }[]> {
  return queries.many(insertUserRows, [
    drafts.map(({ email }) => email),
    drafts.map(({ first_name }) => first_name),
    drafts.map(({ last_name }) => last_name),
    drafts.map(({ patronymic_name = "" }) => patronymic_name),
    drafts.map(({ role }) => role),
    drafts.map(({ school_class }) => school_class ?? null),
    drafts.map(({ isInvited = false }) => isInvited),
  ]);
}

const inviteUserRows = statement<Invited>(
  "pool",
  "invite-users",
  `update users set invited_at = now(), version = version + 1 where id = any ($1::bigint[]) returning ${columns}`,
);

/** Records that users, who are locked, are invited now, and returns them. */
export async function inviteUsers(queries: Queries, ids: readonly number[]): Promise<Invited[]> {
  return queries.many(inviteUserRows, [ids]);
}

const takenRows = statement<{ email: string }>(
  "read",
  "find-taken-emails",
  "select lower(email) as email from users where lower(email) = any ($1::text[])",
);

/** Those of the addresses, each in its one spelling, that users have. */
export async function findTakenEmails(queries: Queries, emails: readonly string[]): Promise<string[]> {
  return (await queries.many(takenRows, [emails])).map(({ email }) => email);
}
