// The secrets that clients send and are given, as they are seen on the wire: values of fields with certain names, wherever they are.
import type { Plain } from "../../runner/client/encoding.js";

/** Passwords, tokens, codes, challenges, keys, and links with a token. */
const secret = /(?:^|_)(?:password|token|secret|challenge|codes?|url|uri|credential)$/;
/** What is opaque, and opens nothing; and the codes of google.rpc. */
const open = /(?:^|_)page_token$|^code$/;

const isSecretName = (name: string): boolean => secret.test(name) && !open.test(name);

/** Every secret in a message, of at least eight characters; of a link its token. */
export function secretsIn(message: Plain): string[] {
  return Object.entries(message).flatMap(([name, value]) => {
    if (typeof value === "object" && value !== null && !Buffer.isBuffer(value) && !Array.isArray(value))
      return secretsIn(value as Plain);
    return [value].flat().flatMap((each: unknown) => {
      if (typeof each === "object" && each !== null) return secretsIn(each as Plain);
      if (typeof each !== "string" || !isSecretName(name)) return [];
      const found = /[#&?](?:token|secret)=([^&]+)/.exec(each)?.[1] ?? each;
      return found.length >= 8 ? [found] : [];
    });
  });
}

/** The message without the fields that hold a secret. */
export function withoutSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (typeof value !== "object" || value === null || Buffer.isBuffer(value)) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, inner]) => (isSecretName(name) ? [] : [[name, withoutSecrets(inner)]])),
  );
}
