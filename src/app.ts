// The pipeline: what every HTTP request passes through, in order.
import Koa from "koa";
import type { Logger } from "pino";
import type { Authenticate } from "./accounts/sessions/authenticate.js";
import { type Caller, RequestCall } from "./call.js";
import { type Config, version } from "./config.js";
import { documentRoutes } from "./contract/documents/documents.js";
import { answer } from "./contract/http/answer.js";
import type { RequestState } from "./contract/http/request-context.js";
import type { Contract } from "./contract/model/load.js";
import { router } from "./contract/route.js";
import { createEngine, type World } from "./contract/serve.js";
import { processRoutes } from "./doors/process-routes.js";
import { requestMiddleware, setCommonHeaders } from "./doors/request-middleware.js";
import { ApiError } from "./errors.js";
import type { DatabaseServer } from "./platform/database/database.js";
import { authentication } from "./policy/authenticate.js";
import { failureLimits } from "./policy/limits.js";
import { errorReport } from "./policy/report.js";
import { bindHandlers, type ServiceDeps, services } from "./services.js";

export interface AppDeps {
  readonly config: Config;
  readonly contract: Contract;
  /** The file with the contract's descriptor set. */
  readonly descriptor: URL;
  readonly server: DatabaseServer;
  readonly accounts: ServiceDeps["accounts"] & { readonly authenticate: Authenticate };
  readonly log: Logger;
  /** False after the shutdown has begun. */
  readonly isReady: () => boolean;
}

/** Builds the application. Throws an Error that names the rpc when the contract and the handlers do not fit. */
export function createApp(deps: AppDeps): Koa<RequestState> {
  const { config, contract, isReady } = deps;
  const log = deps.log.child({ logger: "http" });
  const { serve, refuse } = createEngine(contract, createWorld(deps, log));
  const place = router(contract.methods);
  const outside = [
    processRoutes(isReady),
    documentRoutes(contract, { title: config.appName, version }, deps.descriptor),
  ];

  const app = new Koa<RequestState>({ proxy: config.trustedProxies > 0, maxIpsCount: config.trustedProxies });
  app.silent = true;
  app.use(
    requestMiddleware({ corsOrigins: config.corsOrigins, log, slowRequestMs: config.slowRequestMs, isReady, refuse }),
  );
  app.use((ctx, next) => {
    const found = place(pathOf(ctx.req.url!));
    if (found === undefined) return next();
    if (found !== "malformed") return serve(ctx, found);
    return refuse(ctx, new ApiError("MALFORMED_REQUEST", "The path is not valid percent-encoding"));
  });
  app.use(setCommonHeaders);
  for (const routes of outside) app.use(routes.routes());
  app.use((ctx) => {
    const path = pathOf(ctx.req.url!);
    const verbs = outside.flatMap((routes) => routes.match(path, ctx.method).path.flatMap((layer) => layer.methods));
    if (verbs.length === 0) return refuse(ctx, new ApiError("ROUTE_NOT_FOUND", "There is nothing at this path"));
    const allow = [...new Set([...verbs, "OPTIONS"])].sort().join(", ");
    if (ctx.method === "OPTIONS") return answer(ctx, 204, ["Allow", allow], undefined, false);
    return refuse(ctx, new ApiError("METHOD_NOT_ALLOWED", `This path knows ${allow}`, { headers: { Allow: allow } }));
  });
  return app;
}

/** The parts of the server that the engine uses. */
function createWorld({ config, contract, server, accounts }: AppDeps, log: Logger): World<Caller> {
  const handlers = bindHandlers(contract, services({ config, server, accounts }));
  const shared = { log, database: server.database };
  return {
    bodyLimit: config.bodyLimit,
    authenticate: authentication(accounts.authenticate),
    limit: failureLimits(contract),
    handle(ctx, method, request, caller, ifMatch) {
      return handlers.get(method)!(request, new RequestCall(caller, ifMatch, ctx.state.context.id, shared));
    },
    explain: errorReport(log),
  };
}

/** The path of a request target, as it was sent. */
function pathOf(target: string): string {
  const mark = target.indexOf("?");
  return mark < 0 ? target : target.slice(0, mark);
}
