// Ending accounts: the person, the password, the sessions and the memberships, all of them or none.
import type { Caller } from "../call.js";
import { leaveAllChats } from "../chats/leave-all.js";
import type { Database } from "../platform/database/database.js";
import { forgetPerson, lockLeaver } from "../users/people.js";
import { invalidToken } from "./challenge.js";
import { deleteCredential, revokeSessions } from "./store.js";

/** What is to be done after an account has ended. */
export interface EndedAccount {
  /** The sessions that ended with it. Other processes are told; this one is not. */
  readonly sessionIds: readonly string[];
  /** The chats that nobody is left in; their messages are still to be deleted. */
  readonly emptyChatIds: readonly number[];
}

/** Somebody may be in thousands of chats. */
const timeoutMs = 10_000;

/**
 * Ends the caller's account. Throws INVALID_TOKEN when it has ended before, LAST_OWNER when a chat would be left without
 * an owner, and PERMISSION_DENIED for the last super admin; then nothing has happened.
 *
 * The order of the steps is the order of locks. The person comes first: who makes a member holds the person too, so the
 * chats that are left here are all there ever will be. What a login or a refresh may wait for comes last and is short,
 * because they share their connections with others.
 */
export async function endAccount(database: Database, { id }: Caller): Promise<EndedAccount> {
  return database.transaction(
    async (queries) => {
      const name = await lockLeaver(queries, id);
      if (name === undefined) throw invalidToken();
      const emptyChatIds = await leaveAllChats(queries, id, name);
      await forgetPerson(queries, id);
      await deleteCredential(queries, id);
      const sessionIds = await revokeSessions(queries, id);
      return { sessionIds, emptyChatIds };
    },
    { timeoutMs },
  );
}
