// Ending an account: one transaction that runs every step of it or none. The steps and their order are listed in
// services.ts.
import type { Caller } from "../call.js";
import { Precondition } from "../contract/http/preconditions.js";
import { ApiError } from "../errors.js";
import type { Database, Queries } from "../platform/database/database.js";
import { lockUserToDelete } from "../users/people.js";
import { invalidToken } from "./challenge.js";
import { deleteCredential } from "./store.js";

/** An account while it ends. */
export interface EndingAccount {
  /** The user's id. */
  readonly id: number;
  /** Who ends it: the user, or staff. */
  readonly actorId: number;
}

/** Work of a step that starts after the commit. */
export type AfterCommit = (database: Database) => Promise<void> | void;

/**
 * One consequence of the end of an account, within its transaction. The user is locked: no other transaction makes them
 * a member. A step may run more than once, since a transaction is repeated after a deadlock; so it has no effect beside
 * its statements, and returns all other work.
 */
export type EndAccountStep = (queries: Queries, account: EndingAccount) => Promise<AfterCommit | void>;

/** A user may be a member of thousands of chats. */
const timeoutMs = 10_000;

/** The first part of the transaction: locks the user, or throws when the account may not be ended. */
export type EndPermission = (queries: Queries) => Promise<void>;

/**
 * Locks the caller, whose own account is to end. Throws INVALID_TOKEN when it has ended before, PERMISSION_DENIED for the last super
 * admin who is not suspended, and PRECONDITION_FAILED when the user may not be deleted in this version.
 */
export function endsOwn({ id }: Pick<Caller, "id">, precondition = Precondition.none): EndPermission {
  return async (queries) => {
    const version = await lockUserToDelete(queries, id);
    if (version === undefined) throw invalidToken();
    if (!precondition.permitsVersion(version)) throw new ApiError("PRECONDITION_FAILED", "The account has changed");
  };
}

/**
 * Ends an account: locks the user, by `permit`, runs the steps in their order, commits, and then does the work that they returned.
 * Throws the error of `permit` or of a step that fails; then nothing has changed.
 */
export async function endAccount(
  database: Database,
  account: EndingAccount,
  steps: readonly EndAccountStep[],
  permit: EndPermission,
): Promise<void> {
  const works = await database.transaction(
    async (queries) => {
      await permit(queries);
      const works: AfterCommit[] = [];
      for (const step of steps) {
        const work = await step(queries, account);
        if (work) works.push(work);
      }
      return works;
    },
    { timeoutMs },
  );
  // All start before any is waited for: a long deletion does not delay the rest.
  await Promise.all(works.map(async (work) => work(database)));
}

/** Deletes the user's password: from then on no session of theirs can be inserted. */
export const endCredential: EndAccountStep = (queries, { id }) => deleteCredential(queries, id);
