// The path of a request that reached no route, as the log may have it.

/** The path without its long segments: one may be a secret, such as the token of a link, however the rest is misspelt. */
export function loggedPath(path: string): string {
  return path.replaceAll(/[^/]{33,}/g, "...");
}
