// The API key that a request presents: in X-API-Key, or in Authorization as a bearer token or by HTTP Basic. Never in a query, which
// logs, histories and proxies keep.
import { isKey, keyMark } from "./key-text.js";

/** The headers that can hold a key. */
export interface KeyHeaders {
  readonly authorization?: string | undefined;
  readonly "x-api-key"?: string | string[] | undefined;
}

/** What a request presents; undefined where it is two credentials that are not the same key. */
export interface Presented {
  readonly key: string | undefined;
}

const mayHoldKey = /^(?:bearer +lyc_|basic )/i;

/** Undefined where a request presents no key: it may have an access token, or no credential. The text may be no valid key. */
export function presentedKey(headers: KeyHeaders): Presented | undefined {
  const { authorization, "x-api-key": header } = headers;
  if (header === undefined && (authorization === undefined || !mayHoldKey.test(authorization))) return undefined;
  const found = authorization === undefined ? [] : credentialsIn(authorization);
  if (header !== undefined) found.push(String(header));
  if (found.length === 0) return undefined;
  return { key: found.every((one) => one === found[0]) ? found[0] : undefined };
}

/** The bearer token, or the keys of HTTP Basic. Other schemes, and the password of somebody for a proxy, are not for this server. */
function credentialsIn(authorization: string): string[] {
  const [, scheme, credentials = ""] = /^(bearer|basic) +(.*)$/i.exec(authorization) ?? [];
  if (scheme === undefined) return [];
  return scheme.toLowerCase() === "bearer" ? [credentials] : keysOfBasic(credentials);
}

/**
 * The key is the password, whatever the user name is, or else the user name, whatever the password is: programs differ in which of
 * them they can leave empty (RFC 7617). Two where both are keys.
 */
function keysOfBasic(credentials: string): string[] {
  const text = Buffer.from(credentials, "base64").toString("utf8");
  const colon = text.indexOf(":");
  if (colon < 0) return [];
  const [user, password] = [text.slice(0, colon), text.slice(colon + 1)];
  if (password.startsWith(keyMark)) return isKey(user) ? [user, password] : [password];
  return user.startsWith(keyMark) ? [user] : [];
}
