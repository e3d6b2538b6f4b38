// The heads of requests. Those that a proxy and this server could interpret differently, or whose host is none, are refused.
import type { IncomingMessage } from "node:http";
import { isIPv6 } from "node:net";

/**
 * What is wrong with the head of a request, as a sentence; undefined when nothing is. The target is put into origin form, and its
 * host, where it was sent in absolute form, takes the place of the header Host (RFC 9112, section 3.2.2).
 */
export function headFault(request: IncomingMessage): string | undefined {
  return ambiguityOf(request) ?? targetFault(request) ?? hostFault(request);
}

function ambiguityOf({ rawHeaders, headers, httpVersion }: IncomingMessage): string | undefined {
  let [hosts, types, authorizations] = [0, 0, 0];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]!;
    if (name.length === 4 && name.toLowerCase() === "host") hosts++;
    else if (name.length === 12 && name.toLowerCase() === "content-type") types++;
    else if (name.length === 13 && name.toLowerCase() === "authorization") authorizations++;
  }
  // Node keeps the first of two such headers; a proxy may have used the other.
  if (hosts > 1 || types > 1 || authorizations > 1) return "Host, Content-Type and Authorization may each be sent once";
  if (hosts === 0 && httpVersion === "1.1") return "HTTP/1.1 needs a Host header";
  const coding = headers["transfer-encoding"];
  // Node decodes the last coding and leaves the others on the body.
  if (coding !== undefined && coding.toLowerCase() !== "chunked") return "Of transfer codings only chunked is read";
  return undefined;
}

const absoluteForm = /^https?:\/\/([^/?#]*)(.*)$/i;

function targetFault(request: IncomingMessage): string | undefined {
  const { url = "/", method, headers } = request;
  if (url.startsWith("/")) return undefined;
  if (url === "*") return method === "OPTIONS" ? undefined : "The target * is for OPTIONS alone";
  const [, host, rest = ""] = absoluteForm.exec(url) ?? [];
  request.url = rest.startsWith("/") ? rest : `/${rest}`;
  if (host === undefined) return "The target is neither a path nor an http address";
  // Also an empty one, which an address of http cannot have (RFC 9110, section 4.2.1).
  headers.host = host;
  return undefined;
}

function hostFault({ headers: { host } }: IncomingMessage): string | undefined {
  return host === undefined || isHost(host)
    ? undefined
    : "The host is not a name or an address, with or without a port";
}

const hostAndPort = /^(\[[^\]]*\]|[^:]*)(?::(\d*))?$/;
/** A reg-name of RFC 3986, section 3.2.2. Unlike there, it is not empty. */
const registeredName = /^(?:[\w\-.~!$&'()*+,;=]|%[\da-f]{2})+$/i;

/** Whether a value is a uri-host with an optional port (RFC 9110, section 7.2). */
function isHost(value: string): boolean {
  const [, host, port = ""] = hostAndPort.exec(value) ?? [];
  if (host === undefined || Number(port) > 65_535) return false;
  if (!host.startsWith("[")) return registeredName.test(host);
  return isIPv6(host.slice(1, -1)) && !host.includes("%");
}
