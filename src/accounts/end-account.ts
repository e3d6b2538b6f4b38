// Ending an account: one transaction that runs every step of it or none. Which steps there are, and in which order, is
// given in services.ts.
import type { Caller } from "../call.js";
import type { Database, Queries } from "../platform/database/database.js";
import { lockUserToDelete } from "../users/people.js";
import { invalidToken } from "./challenge.js";
import { deleteCredential } from "./store.js";

/** The user whose account ends. */
export interface Leaver {
  readonly id: number;
  /** First name and last name. */
  readonly name: string;
}

/** What a step leaves to be done after the commit. */
export type AfterCommit = (database: Database) => Promise<void> | void;

/**
 * One consequence of the end of an account, within its transaction. The user is locked: no other transaction makes them
 * a member. A step may run more than once, since a transaction is repeated after a deadlock; so it has no effect beside
 * its statements, and returns what else it has to do.
 */
export type EndAccountStep = (queries: Queries, leaver: Leaver) => Promise<AfterCommit | void>;

/** A user may be a member of thousands of chats. */
const timeoutMs = 10_000;

/**
 * Ends the caller's account: locks the user, runs the steps in their order, commits, and then does what the steps left
 * to be done. Throws INVALID_TOKEN when the account has ended before, PERMISSION_DENIED for the last super admin, and
 * whatever a step throws; then nothing has happened.
 */
export async function endAccount(database: Database, { id }: Caller, steps: readonly EndAccountStep[]): Promise<void> {
  const left = await database.transaction(
    async (queries) => {
      const name = await lockUserToDelete(queries, id);
      if (name === undefined) throw invalidToken();
      const left: AfterCommit[] = [];
      for (const step of steps) {
        const work = await step(queries, { id, name });
        if (work) left.push(work);
      }
      return left;
    },
    { timeoutMs },
  );
  // All start before any is waited for: a long deletion does not delay the rest.
  await Promise.all(left.map(async (work) => work(database)));
}

/** The end of a login: deletes the user's password. */
export const endCredential: EndAccountStep = (queries, { id }) => deleteCredential(queries, id);
