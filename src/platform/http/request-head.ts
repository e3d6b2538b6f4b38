// Heads of requests that a proxy could read in one way and this server in another. None of them is answered by guessing.
import type { IncomingMessage } from "node:http";

/** Why the head of a request does not mean one thing, as a sentence; undefined when it does. */
export function ambiguityOf({ rawHeaders, headers, httpVersion }: IncomingMessage): string | undefined {
  let [hosts, types, authorizations] = [0, 0, 0];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]!;
    if (name.length === 4 && name.toLowerCase() === "host") hosts++;
    else if (name.length === 12 && name.toLowerCase() === "content-type") types++;
    else if (name.length === 13 && name.toLowerCase() === "authorization") authorizations++;
  }
  // Node keeps the first of two such headers and says nothing; which one is meant cannot be known.
  if (hosts > 1 || types > 1 || authorizations > 1) return "Host, Content-Type and Authorization may each be sent once";
  if (hosts === 0 && httpVersion === "1.1") return "HTTP/1.1 needs a Host header";
  const coding = headers["transfer-encoding"];
  // Node takes the last coding off and leaves the others on the body.
  if (coding !== undefined && coding.toLowerCase() !== "chunked") return "Of transfer codings only chunked is read";
  return undefined;
}

/** A request target in origin form; it may come in absolute form (RFC 9112, section 3.2.2), with any host. */
export function originForm(target = "/"): string {
  if (target.startsWith("/") || target === "*") return target;
  const local = target.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, "");
  return local.startsWith("/") ? local : `/${local}`;
}
