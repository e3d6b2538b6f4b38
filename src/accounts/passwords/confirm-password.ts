// The password of a caller, asked for once more: an access token that was stolen is not enough for what cannot be undone.
import type { Call } from "../../call.js";
import { canonicalEmail } from "../../contract/validation/email.js";
import { recordAudit } from "../../platform/audit/audit.js";
import { findPerson, type Person } from "../../users/people.js";
import { invalidCredentials, invalidToken } from "../challenge.js";
import { type Credential, findCredentialOf } from "../store.js";
import type { PasswordClient, Passwords } from "./passwords.js";

/** A caller whose password was right. */
export interface Confirmed {
  readonly person: Person;
  readonly credential: Credential;
  /** For further work on passwords of this call. */
  readonly client: PasswordClient;
}

/**
 * Compares a password with the caller's. Throws INVALID_CREDENTIALS when it is wrong, which is recorded as a failure of `action`, and
 * INVALID_TOKEN when the account has ended meanwhile.
 */
export async function confirmPassword(
  passwords: Passwords,
  call: Call,
  password: string,
  action: `${string}.${string}`,
): Promise<Confirmed> {
  const { database, user } = call;
  const person = await findPerson(database, { id: user.id });
  if (!person) throw invalidToken();
  const credential = await findCredentialOf(database, user.id);
  if (!credential) throw invalidToken();
  const client = { address: call.client.address, account: canonicalEmail(person.email), signal: call.signal };
  if (await passwords.matches(password, credential.password_hash, client)) return { person, credential, client };
  await database.transaction((queries) =>
    recordAudit(queries, call, { action, outcome: "failure", target: ["user", user.id] }),
  );
  throw invalidCredentials();
}
