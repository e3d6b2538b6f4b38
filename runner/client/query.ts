// Which requests fit into a query.
import { withoutPath } from "./client.js";
import type { Rpc } from "./descriptors.js";
import type { Plain } from "./encoding.js";

/** A server need not accept a longer request line (RFC 9112, section 3: 8,000 octets at least). */
const longest = 7_900;

/** Whether a request can be sent: always in a body; in a query without messages and empty lists, up to that length. */
export function isSendable(rpc: Rpc, request: Plain): boolean {
  if (rpc.hasBody) return true;
  const values = Object.values(withoutPath(rpc, request));
  const texts = values.flat().map((value) => encodeURIComponent(String(value)));
  if (texts.join("").length > longest) return false;
  return values.every((value) => typeof value !== "object" || (Array.isArray(value) && value.length > 0));
}
