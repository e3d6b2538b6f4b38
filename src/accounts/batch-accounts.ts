// Many accounts at once, as steps of transactions: made with a password each or with an invite, and invited again.
import { type AuditedCall, recordAudits } from "../platform/audit/audit.js";
import type { Queries } from "../platform/database/database.js";
import { type BatchedUser, insertUsers, inviteUsers, tellCreated } from "../users/people.js";
import { type Invited, isAbove, lockUsersToChange } from "../users/standing.js";
import type { Caller } from "../call.js";
import { inviteLinks } from "./invites/invite-links.js";
import { insertCredentials } from "./store.js";

/** An account of a batch. Its address is in its one spelling. */
export interface BatchedAccount extends Omit<BatchedUser, "isInvited"> {
  /** Absent for an invite. */
  readonly passwordHash?: string | undefined;
}

/** An account that was made. */
export interface MadeAccount {
  readonly id: number;
  readonly account: BatchedAccount;
  /** The link of its invite; undefined where it has a password. */
  readonly url: string | undefined;
}

/**
 * Makes accounts with different addresses, and records each as CreateUser or Register does. An account whose address another user has is left out.
 */
export async function createAccounts(
  queries: Queries,
  call: AuditedCall,
  accounts: readonly BatchedAccount[],
  publicUrl: string,
): Promise<MadeAccount[]> {
  if (accounts.length === 0) return [];
  const users = await insertUsers(
    queries,
    accounts.map((account) => ({ ...account, isInvited: account.passwordHash === undefined })),
  );
  const ids = new Map(users.map(({ id, email }) => [email, id]));
  const made = accounts.flatMap((account) => {
    const id = ids.get(account.email);
    return id === undefined ? [] : [{ id, account }];
  });
  const invited = made.filter(({ account }) => account.passwordHash === undefined).map(({ id }) => id);
  const urls = await inviteLinks(queries, call, invited, publicUrl);
  const withPassword = made.flatMap(({ id, account: { passwordHash } }) =>
    passwordHash === undefined ? [] : [{ user_id: id, password_hash: passwordHash }],
  );
  await insertCredentials(queries, withPassword);
  await recordAudits(
    queries,
    call,
    withPassword.map(({ user_id }) => ({ action: "account.create", target: ["user", user_id] })),
  );
  await tellCreated(
    queries,
    call.user.id,
    made.map(({ id }) => id),
  );
  return made.map(({ id, account }) => ({ id, account, url: urls.get(id) }));
}

/** Somebody with a new invite. */
export interface Reinvited {
  readonly user: Invited;
  readonly url: string;
}

/** Makes new invites for those of the users who have not accepted, and whom the caller is above; in the order of their ids. */
export async function renewInvites(
  queries: Queries,
  call: AuditedCall & { readonly user: Pick<Caller, "role"> },
  userIds: readonly number[],
  publicUrl: string,
): Promise<Reinvited[]> {
  const locked = await lockUsersToChange(queries, userIds);
  const waiting = locked.filter((one) => one.is_invited && isAbove(call.user.role, one.role)).map(({ id }) => id);
  const users = await inviteUsers(queries, waiting);
  const urls = await inviteLinks(queries, call, waiting, publicUrl);
  return users.toSorted((a, b) => a.id - b.id).map((user) => ({ user, url: urls.get(user.id)! }));
}
