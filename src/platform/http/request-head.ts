// Heads of requests that a proxy and this server could interpret differently. They are refused.
import type { IncomingMessage } from "node:http";

/** The ambiguity of the head of a request, as a sentence; undefined when there is none. */
export function ambiguityOf({ rawHeaders, headers, httpVersion }: IncomingMessage): string | undefined {
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

/** A request target in origin form. It may have been sent in absolute form (RFC 9112, section 3.2.2), with any host. */
export function originForm(target = "/"): string {
  if (target.startsWith("/") || target === "*") return target;
  const local = target.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, "");
  return local.startsWith("/") ? local : `/${local}`;
}
