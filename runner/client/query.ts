// What a query can say of a request.
import { withoutPath } from "./client.js";
import type { Rpc } from "./descriptors.js";
import type { Plain } from "./encoding.js";

/** A server need not read a request line of any length (RFC 9112, section 3: 8,000 octets at least). */
const longest = 7_900;

/** Whether a request can be sent at all: always in a body; in a query no messages, no empty lists, and not more than is read. */
export function isSendable(rpc: Rpc, request: Plain): boolean {
  if (rpc.hasBody) return true;
  const values = Object.values(withoutPath(rpc, request));
  const texts = values.flat().map((value) => encodeURIComponent(String(value)));
  if (texts.join("").length > longest) return false;
  return values.every((value) => typeof value !== "object" || (Array.isArray(value) && value.length > 0));
}
