// The URI of each kind of problem (RFC 9457, section 3.1.1), which is also the path of the page about it.

/**
 * The `type` of a problem: a stable reference, relative to the server's root, that opens the page about the reason.
 * `CHAT_NOT_FOUND` is `/problems/chat-not-found`.
 */
export function problemType(reason: string): string {
  return `/problems/${reason.toLowerCase().replaceAll("_", "-")}`;
}
