// Asks somebody who is logged in for their password again, before what a stolen session is not enough for.
import type { Call } from "../call.js";
import { invalidCredentials, invalidToken } from "./challenge.js";
import type { Passwords } from "./passwords/passwords.js";
import { findOwnCredential } from "./store.js";

/** Throws INVALID_CREDENTIALS when it is not the caller's password, and INVALID_TOKEN when the account has ended. */
export async function requirePassword(
  { passwords }: { readonly passwords: Pick<Passwords, "matches"> },
  { database, user, client, signal }: Call,
  password: string,
): Promise<void> {
  const credential = await findOwnCredential(database, user.id);
  if (!credential) throw invalidToken();
  const { email: account, password_hash } = credential;
  if (!(await passwords.matches(password, password_hash, { address: client.address, account, signal })))
    throw invalidCredentials();
}
