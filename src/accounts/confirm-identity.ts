// Whoever asks for what cannot be taken back shows once more who they are: an access token alone may have been stolen.
import type { Call } from "../call.js";
import { confirmPassword } from "./passwords/confirm-password.js";
import type { Passwords } from "./passwords/passwords.js";

/** What a caller shows. */
export interface Proof {
  readonly password: string;
}

/**
 * Resolves when the proof is that of the caller. Throws INVALID_CREDENTIALS when it is not, which is recorded as a failure of `action` and
 * counted by a failure limit of the caller, INVALID_TOKEN when the account has ended, and OVERLOADED as a login does.
 */
export async function confirmIdentity(
  { passwords }: { readonly passwords: Passwords },
  call: Call,
  { password }: Proof,
  action: `${string}.${string}`,
): Promise<void> {
  await confirmPassword(passwords, call, password, action);
}
