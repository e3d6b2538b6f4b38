// Whether this process lives, and whether a balancer may send it requests. Outside the contract: an orchestrator reads
// the status alone, and asks before the database is there.
import Router from "@koa/router";

/** `/livez` and `/readyz`, in plain text. */
export function processRoutes(isReady: () => boolean): Router {
  const routes = new Router();
  routes.get("/livez", (ctx) => {
    ctx.set("Cache-Control", "no-store");
    ctx.body = "ok\n";
  });
  routes.get("/readyz", (ctx) => {
    ctx.set("Cache-Control", "no-store");
    ctx.status = isReady() ? 200 : 503;
    ctx.body = isReady() ? "ok\n" : "stopping\n";
  });
  return routes;
}
