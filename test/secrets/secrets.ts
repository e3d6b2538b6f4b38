// The secrets that clients send and are given, as they are seen on the wire: values of fields with certain names, wherever they are.
import type { Plain } from "../../runner/client/encoding.js";

/** Passwords, tokens, codes, challenges, keys, and links with a token. */
const secret = /(?:^|_)(?:password|token|secret|challenge|codes?|url|uri|credential)$/;
/** What is opaque, and opens nothing; and the codes of google.rpc. */
const open = /(?:^|_)page_token$|^code$/;

/** Whether a field of this name holds a secret. */
export /** Whether a field of this name holds a secret. */
const isSecretName = (name: string): boolean => secret.test(name) && !open.test(name);

/** What people write and are called. */
const isPrivateName = (name: string): boolean => /(?:^|_)(?:text|title|email|name|query)$/.test(name);

/** Every secret in a message, of at least eight characters; of a link its token. */
export function secretsIn(message: Plain): string[] {
  return valuesIn(message, isSecretName);
}

/** Every text, name and address of a person in a message, of at least eight characters. */
export function privateTextsIn(message: Plain): string[] {
  return valuesIn(message, isPrivateName);
}

function valuesIn(message: Plain, isWanted: (name: string) => boolean): string[] {
  return Object.entries(message).flatMap(([name, value]) => {
    if (typeof value === "object" && value !== null && !Buffer.isBuffer(value) && !Array.isArray(value))
      return valuesIn(value as Plain, isWanted);
    return [value].flat().flatMap((each: unknown) => {
      if (typeof each === "object" && each !== null) return valuesIn(each as Plain, isWanted);
      if (typeof each !== "string" || !isWanted(name)) return [];
      const found = /(?:[#&?](?:token|secret)=|:\/\/.*\/)([^&/?#]{8,})/.exec(each)?.[1] ?? each;
      return found.length >= 8 ? [found] : [];
    });
  });
}

/** Fields that hold a secret, and `instance` of a problem: the path that the caller itself has asked for. */
const isGiven = (name: string): boolean => isSecretName(name) || name === "instance";

/** The message without the fields that may hold a secret. */
export function withoutSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (typeof value !== "object" || value === null || Buffer.isBuffer(value)) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, inner]) => (isGiven(name) ? [] : [[name, withoutSecrets(inner)]])),
  );
}
