// The liveness and readiness of this process, for orchestrators and load balancers. They are outside the contract: their
// clients read only the status, and they answer before the database is available.
import Router from "@koa/router";

export interface Readiness {
  /** Returns false after the shutdown has begun. */
  readonly isReady: () => boolean;
  /** Whether the database can be reached and takes writes, as far as this process knows. */
  readonly canWrite: () => boolean;
}

/** `/livez` answers 200 while the process runs; `/readyz` answers 200, or 503 with what is in the way. Plain text. */
export function processRoutes({ isReady, canWrite }: Readiness): Router {
  const routes = new Router();
  routes.get("/livez", (ctx) => {
    ctx.set("Cache-Control", "no-store");
    ctx.body = "ok\n";
  });
  routes.get("/readyz", (ctx) => {
    ctx.set("Cache-Control", "no-store");
    const obstacle = !isReady() ? "stopping" : !canWrite() ? "the database takes no writes" : undefined;
    ctx.status = obstacle === undefined ? 200 : 503;
    ctx.body = `${obstacle ?? "ok"}\n`;
  });
  return routes;
}
