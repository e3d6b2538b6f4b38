// The address that a document shows for the server.
import type { RouterContext } from "@koa/router";

/** The one that the client used; words in its place when a shell might read something else in it. */
export function addressOf(ctx: RouterContext): string {
  const address = `${ctx.protocol}://${ctx.get("Host")}`;
  return /^https?:\/\/[\w.:[\]-]+$/.test(address) ? address : "https://<this server>";
}
