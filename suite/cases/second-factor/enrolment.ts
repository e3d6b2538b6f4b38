// The steps by which somebody gets a second factor: each case has a user of its own.
import { matches, type Step } from "../../../runner/cases/case.js";
import { password } from "../../people.js";
import { email, login, register } from "../auth/new-user.js";

/** Makes a secret: $code confirms it, $next is good for a login after that. */
export const begin: Step = {
  call: "beginTotp",
  token: "$access",
  send: { password },
  capture: { secret: "secret", code: "totp(secret)", next: "totp(secret, 1)" },
};

/** Enables it: $recovery and $spare are recovery codes. */
export const confirm: Step = {
  call: "confirmTotp",
  token: "$access",
  send: { code: "$code" },
  capture: { recovery: "recovery_codes[0]", spare: "recovery_codes[1]", access: "access_token" },
};

/** The first step of a login: $challenge waits for the second. */
export const firstStep: Step = {
  call: "login",
  send: { email, password, device_name: "Masha's phone" },
  exactly: { mfa_challenge: matches("^[\\w-]{43}$") },
  capture: { challenge: "mfa_challenge" },
};

/** A user whose session is $access, with a second factor. */
export const enrolled: readonly Step[] = [register, login, begin, confirm];

export const wrongCode = "000000";
