// Creating accounts: a user and a password, both or neither.
import { canonicalEmail, isEmail } from "../contract/validation/email.js";
import { ApiError } from "../errors.js";
import type { RegisterRequest } from "../gen/lyceum/v1/auth.js";
import type { Role, User } from "../gen/lyceum/v1/user.js";
import type { Database } from "../platform/database/database.js";
import { type AuditedCall, operatorCall, recordAudit } from "../platform/audit/audit.js";
import { OperatorError } from "../platform/operator-error.js";
import { createUser, tellCreated } from "../users/people.js";
import { isCommonPassword } from "./passwords/common-passwords.js";
import { fewestCharacters } from "./passwords/password-spelling.js";
import type { PasswordClient, Passwords } from "./passwords/passwords.js";
import { insertCredential } from "./store.js";

/** An account that is not created yet. The password has at most 72 bytes. */
export interface NewAccount extends RegisterRequest {
  readonly role: Role;
}

/**
 * Creates an account; returns the user with the e-mail address. `client` is who asks for it, absent for this process itself, and `call`
 * what is recorded: of a caller who is nobody yet, the new user is who did it. Throws
 * EMAIL_TAKEN when another account has the address, and OVERLOADED when too many passwords wait to be hashed.
 */
export async function createAccount(
  database: Database,
  passwords: Pick<Passwords, "hash">,
  account: NewAccount,
  client?: PasswordClient,
  call: AuditedCall = operatorCall,
): Promise<User> {
  const { email, password, first_name, last_name, role } = account;
  // Before the transaction, so that no connection waits for bcrypt.
  const passwordHash = await passwords.hash(password, client);
  return database.transaction(async (queries) => {
    const user = await createUser(queries, { email: canonicalEmail(email), first_name, last_name, role });
    await insertCredential(queries, user.id, passwordHash);
    const isByThemselves = call.user.means === "none";
    await recordAudit(queries, call, {
      action: "account.create",
      target: ["user", user.id],
      ...(isByThemselves && { actorId: user.id }),
    });
    await tellCreated(queries, isByThemselves ? user.id : call.user.id, [user.id]);
    return user;
  });
}

/**
 * Creates a super admin, for the command line. Throws an OperatorError, a sentence about the address or the password,
 * when one of them is not valid or the address is taken.
 */
export async function createAdmin(
  database: Database,
  passwords: Passwords,
  { email, password, appName }: Pick<NewAccount, "email" | "password"> & { readonly appName: string },
): Promise<User> {
  const address = canonicalEmail(email);
  if (!isEmail(address) || [...address].length > 254)
    throw new OperatorError("The e-mail address does not look like one: write it as name@example.org.");
  if ([...password].length < fewestCharacters)
    throw new OperatorError("The password is too short: it needs at least 8 characters.");
  if (Buffer.byteLength(password) > 72)
    throw new OperatorError("The password is too long: it has more than 72 bytes in UTF-8, and bcrypt reads no more.");
  if (await isCommonPassword(password, { email: address, names: [], appName }))
    throw new OperatorError(
      "The password is easy to guess: many people have it, or it is made of the address or the name of this server.",
    );
  const admin = {
    email: address,
    password,
    first_name: "Super",
    last_name: "Admin",
    role: "ROLE_SUPER_ADMIN",
  } as const;
  try {
    return await createAccount(database, passwords, admin);
  } catch (error) {
    if (!(error instanceof ApiError && error.reason === "EMAIL_TAKEN")) throw error;
    throw new OperatorError(`There is an account with the address ${address} already: choose another one.`);
  }
}
