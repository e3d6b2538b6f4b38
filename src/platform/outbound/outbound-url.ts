// The URLs that a user may name for requests of the server. What can be said of one without a name server is said here; the addresses
// behind a name are checked when it is connected to (outbound-client.ts).
import { isIP } from "node:net";
import { type AddressPolicy, isAllowed } from "./address-guard.js";

export interface UrlPolicy extends AddressPolicy {
  /** Whether plain http is allowed: in development and in tests. */
  readonly isHttpAllowed: boolean;
}

/** Below it are the services of a system, which take requests that were not meant for them. */
const firstUserPort = 1024;

/**
 * Reads a URL; a text says what is wrong with it, without quoting it. The host is in the spelling that WHATWG URL gives it, which knows
 * the decimal, octal, hexadecimal and short forms of IPv4.
 */
export function readOutboundUrl(text: string, policy: UrlPolicy): URL | string {
  if (!URL.canParse(text)) return "is not a URL";
  const url = new URL(text);
  if (url.protocol !== "https:" && !(url.protocol === "http:" && policy.isHttpAllowed))
    return "must begin with https://";
  if (url.username !== "" || url.password !== "") return "must not have a name or a password before the host";
  if (url.port !== "" && Number(url.port) < firstUserPort)
    return `must have the usual port, or one of at least ${firstUserPort}`;
  const host = hostOf(url);
  if (isIP(host) !== 0 && !isAllowed(host, policy)) return "must not lead to an address that is not public";
  return url;
}

/** The host of a URL as node:net takes it: an IPv6 address has no brackets. */
export function hostOf({ hostname }: URL): string {
  return hostname.startsWith("[") ? hostname.slice(1, -1) : hostname;
}
