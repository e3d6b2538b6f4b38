// The steps by which somebody gets a passkey: each case has a user of its own, and their device is the program that plays the case.
import { matches, type Step } from "../../../runner/cases/case.js";
import { password } from "../../people.js";
import { login, register } from "../auth/new-user.js";

/** Makes a passkey, which is not registered yet: $made. */
export const make: Step = {
  call: "beginPasskey",
  token: "$access",
  send: { password },
  capture: { made: "webauthn.create(options_json, origin)" },
};

/** Registers it: $passkey. */
export const add: Step = {
  call: "registerPasskey",
  token: "$access",
  send: { credential_json: "$made", name: "Masha's phone" },
  answers: 201,
  capture: { passkey: "id", access: "access_token" },
};

/** Begins a login, and signs with the passkey: $signed. */
export const signIn: Step = {
  call: "beginPasskeyLogin",
  with: { options_json: matches('"userVerification":"required"') },
  capture: { signed: "webauthn.get(options_json, origin)" },
};

/** A user whose session is $access. */
export const somebody: readonly Step[] = [register, login];
/** The same, with a passkey. */
export const holder: readonly Step[] = [...somebody, make, add];
