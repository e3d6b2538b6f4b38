// People with a second factor, for tests without HTTP.
import { totp } from "../../../runner/cases/computed/totp.js";
import type { Role } from "../../../src/gen/lyceum/v1/user.js";
import type { Account, School } from "../../support/call-as.js";

export interface Enrolled extends Account {
  readonly secret: string;
  /** The code that has enabled it, and the one after it, which is good already. */
  readonly code: string;
  readonly next: string;
  readonly recoveryCodes: readonly string[];
}

/** A new account with a second factor. */
export async function enrolled(school: School, role?: Role): Promise<Enrolled> {
  const account = await school.account(role);
  const { secret } = await school.secondFactor.beginTotp({ password: account.password }, account.call);
  const [code, next] = [totp(secret), totp(secret, 1)];
  const { recovery_codes: recoveryCodes } = await school.secondFactor.confirmTotp({ code }, account.call);
  return { ...account, secret, code, next, recoveryCodes };
}

/** The challenge of a login whose password is right. */
export async function challengeOf(school: School, { email, password }: Account): Promise<string> {
  return (await school.auth.login({ email, password }, school.as())).mfa_challenge!;
}
