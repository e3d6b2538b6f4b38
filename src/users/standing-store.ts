// The SQL of what is done to a user by others: invite, suspension, points. The user is locked by lockUsersToChange.
import type { Role, User } from "../gen/lyceum/v1/user.js";
import type { Queries } from "../platform/database/database.js";
import { statement } from "../platform/database/statement.js";

/** What a user is at the moment, while no other transaction can change it. */
export interface Standing {
  readonly id: number;
  readonly role: Role;
  readonly version: number;
  readonly is_suspended: boolean;
  /** Whether the user was invited and has not accepted. */
  readonly is_invited: boolean;
}

const lockUserToChangeRows = statement<Standing>(
  "pool",
  "lock-users-to-change",
  // In the order of ids, as all locks of users. Not "for update": the foreign key checks of a send or a login would wait for that.
  `select id, role, version, suspended_at is not null as is_suspended, invited_at is not null as is_invited
     from users
    where id = any($1::bigint[]) and deleted_at is null
    order by id
      for no key update`,
);

/** Locks users against every other change until the transaction ends; returns those that exist. */
export async function lockUsersToChange(queries: Queries, ids: readonly number[]): Promise<Standing[]> {
  return queries.many(lockUserToChangeRows, [ids]);
}

const suspendUserRow = statement<object>(
  "pool",
  "suspend-user",
  `update users
      set suspended_at = coalesce(suspended_at, now()), suspension_reason = coalesce($2, suspension_reason),
          version = version + 1
    where id = $1 and (suspended_at is null or suspension_reason <> coalesce($2, suspension_reason))`,
);

/** Suspends a user. The time of a suspension stays, and so does its reason unless there is another one. */
export async function suspendUser(queries: Queries, id: number, reason: string | undefined): Promise<void> {
  await queries.one(suspendUserRow, [id, reason]);
}

const restoreUserRow = statement<object>(
  "pool",
  "restore-user",
  `update users set suspended_at = null, suspension_reason = '', version = version + 1
    where id = $1 and suspended_at is not null`,
);

/** Ends the suspension of a user, if there is one. */
export async function restoreUser(queries: Queries, id: number): Promise<void> {
  await queries.one(restoreUserRow, [id]);
}

/** Somebody who has not accepted yet, with the address that the invite goes to. */
export type Invited = User & { readonly email: string; readonly invited_at: string };

const inviteUserRow = statement<Invited>(
  "pool",
  "invite-user",
  `update users set invited_at = now(), version = version + 1 where id = $1
   returning id, email, first_name, last_name, role, created_at, version, invited_at, patronymic_name, school_class, rating`,
);

/** Records that a user is invited now, and returns the user. */
export async function inviteUser(queries: Queries, id: number): Promise<Invited> {
  return (await queries.one(inviteUserRow, [id]))!;
}

const acceptInviteRow = statement<object>(
  "pool",
  "accept-invite",
  "update users set invited_at = null, version = version + 1 where id = $1",
);

/** Records that a user has accepted. */
export async function acceptInvite(queries: Queries, id: number): Promise<void> {
  await queries.one(acceptInviteRow, [id]);
}

const addToRatingRow = statement<object>(
  "pool",
  "add-to-rating",
  "update users set rating = rating + $2::bigint, version = version + $3::integer where id = $1",
);

/**
 * Adds points to the rating of a user, which may become negative. For the ledger alone, whose sum it is. `hasNewVersion` says that the
 * transaction has raised the version already.
 */
export async function addToRating(queries: Queries, id: number, amount: number, hasNewVersion = false): Promise<void> {
  await queries.one(addToRatingRow, [id, amount, hasNewVersion ? 0 : 1]);
}
