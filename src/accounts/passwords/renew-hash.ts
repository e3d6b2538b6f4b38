// A password is hashed anew, at the cost and in the spelling of today, when it was right: no other moment knows it.
import type { Call } from "../../call.js";
import type { Background } from "../../platform/background.js";
import { type Credential, renewHash } from "../store.js";
import type { PasswordClient, Passwords } from "./passwords.js";

export interface RenewalDeps {
  readonly passwords: Passwords;
  readonly background: Background;
}

/** Renews a hash in the background, in the queue of all passwords; a password that has changed meanwhile stays. */
export function renewInBackground(
  { passwords, background }: RenewalDeps,
  { database, log }: Pick<Call, "database" | "log">,
  { user_id, password_hash }: Credential,
  password: string,
  client: Pick<PasswordClient, "address" | "account">,
): void {
  background.run(log, "a new hash of a password", async () => {
    // The request, with its signal, has ended.
    const hash = await passwords.hash(password, { ...client, signal: new AbortController().signal });
    await renewHash(database, user_id, password_hash, hash);
  });
}
