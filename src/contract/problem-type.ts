// The URI of each kind of problem (RFC 9457, section 3.1.1) and the page that it opens, in step with each other.

/**
 * The `type` of a problem: a stable reference, relative to the server's root, that opens the page about the reason.
 * `CHAT_NOT_FOUND` is `/problems/chat-not-found`.
 */
export function problemType(reason: string): string {
  return `/problems/${reason.toLowerCase().replaceAll("_", "-")}`;
}

/** The reason that a last path segment of a problem's page names, in whatever case and with `-` or `_`. */
export function reasonOfProblemType(segment: string): string {
  return segment.toUpperCase().replaceAll("-", "_");
}
