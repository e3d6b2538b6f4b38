// The URI of each kind of problem (RFC 9457, section 3.1.1), which is also the path of the page that explains it.

/**
 * The `type` of a problem: a stable URI reference, relative to the server's root, to the page that explains the reason.
 * `CHAT_NOT_FOUND` is `/problems/chat-not-found`.
 */
export function problemType(reason: string): string {
  return `/problems/${reason.toLowerCase().replaceAll("_", "-")}`;
}
