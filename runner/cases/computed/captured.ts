// The values that a step captures: parts of the answer, and what a person's device makes of them.
import type { Answer } from "../../client/client.js";
import { valueAt } from "../../match.js";
import type { Authenticator } from "./authenticator.js";
import { totp } from "./totp.js";

/**
 * The value that a path of `capture` names; undefined when the answer has none. `authenticator` is the device of the people of a case.
 * Throws an Error when it has no passkey to log in with.
 */
export function captured({ headers, body }: Answer, path: string, authenticator: Authenticator): unknown {
  if (path.startsWith("@")) return headers[path.slice(1)];
  const [, name, first = "", second] =
    /^(totp|segment|webauthn\.create|webauthn\.get)\(([^,]+)(?:, ([^,]+))?\)$/.exec(path) ?? [];
  if (name === undefined) return path ? valueAt(body, path) : body;
  const value = valueAt(body, first);
  if (typeof value !== "string") return undefined;
  if (name === "segment") return value.slice(value.lastIndexOf("/") + 1);
  if (name === "totp") return totp(value, Number(second ?? 0));
  const origin = valueAt(body, second ?? "");
  if (typeof origin !== "string") return undefined;
  return name === "webauthn.create" ? authenticator.create(value, origin) : authenticator.get(value, origin);
}
