// The liveness and readiness of this process, for orchestrators and load balancers. They are outside the contract: their
// clients read only the status, and they answer before the database is available.
import Router from "@koa/router";

/** `/livez` answers 200 while the process runs; `/readyz` answers 200, or 503 while `isReady` is false. Plain text. */
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
