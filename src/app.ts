// The pipeline: the steps of every HTTP request, in order.
import Koa from "koa";
import type { Logger } from "pino";
import type { Accounts } from "./accounts/open.js";
import { anonymous, type Caller, RequestCall } from "./call.js";
import { clientGuideFile, type Config } from "./config.js";
import type { About } from "./contract/documents/openapi.js";
import type { DescriptorFiles } from "./contract/documents/proto-downloads.js";
import { answer } from "./contract/http/answer.js";
import { Precondition } from "./contract/http/preconditions.js";
import type { KoaContext, RequestState } from "./contract/http/request-context.js";
import type { Upload } from "./contract/streams/upload.js";
import type { Contract } from "./contract/model/load.js";
import { routeWords } from "./contract/model/http-route.js";
import { router } from "./contract/route.js";
import { createEngine, type EngineDeps } from "./contract/serve.js";
import { eventStreams } from "./doors/event-stream.js";
import { readForm } from "./doors/form.js";
import { readParameters } from "./doors/url-encoded-form.js";
import { outsideRoutes } from "./doors/outside-routes.js";
import { requestMiddleware, setCommonHeaders } from "./doors/request-middleware.js";
import { RequestSource } from "./doors/request-source.js";
import { ApiError } from "./errors.js";
import type { Database, DatabaseServer } from "./platform/database/database.js";
import { crossSite } from "./platform/http/cross-site.js";
import { readContentDisposition } from "./platform/media/content-disposition.js";
import { MemoryRates } from "./platform/rates/memory-rates.js";
import { SharedRates } from "./platform/rates/shared-rates.js";
import { securityHeaders } from "./platform/http/security-headers.js";
import { authentication } from "./policy/authenticate.js";
import { idempotency } from "./policy/idempotency/idempotency.js";
import { failureLimits } from "./policy/limits.js";
import { errorReport } from "./policy/report.js";
import { rateLimits } from "./policy/rate-limits.js";
import { storageFull } from "./policy/storage-full.js";
import { aboutOf, bindHandlers, type ServiceDeps, services } from "./services.js";

export interface AppDeps {
  readonly config: Config;
  readonly contract: Contract;
  readonly descriptors: DescriptorFiles;
  readonly server: DatabaseServer;
  readonly accounts: Accounts;
  readonly files: ServiceDeps["files"];
  readonly webhooks: ServiceDeps["webhooks"];
  /** The key of the answers that are kept for idempotency keys. */
  readonly idempotencyKey: Uint8Array;
  /** The key of the files of imports. */
  readonly importKey: Uint8Array;
  /** The login that the landing page shows: that of the demo school. */
  readonly login: About["login"];
  readonly log: Logger;
  /** Returns false after the shutdown has begun. */
  readonly isReady: () => boolean;
  /** Aborted when the shutdown begins, so that streams end. */
  readonly closing: AbortSignal;
}

/** Builds the application. Throws an Error that names the rpc when a method has no handler. */
export function createApp(deps: AppDeps): Koa<RequestState> {
  const { config, contract, isReady } = deps;
  const log = deps.log.child({ logger: "http" });
  const { serve, refuse } = createEngine(contract, createEngineDeps(deps, log));
  const place = router(contract.methods);
  const readiness = { isReady, canWrite: () => deps.server.canWrite() };
  const about = { ...aboutOf(config), guide: clientGuideFile, ...(deps.login && { login: deps.login }) };
  const outside = outsideRoutes(contract, about, deps.descriptors, readiness);
  const security = securityHeaders(config.hstsSeconds);

  const app = new Koa<RequestState>({ proxy: config.trustedProxies > 0, maxIpsCount: config.trustedProxies });
  app.silent = true;
  app.use(
    requestMiddleware({ corsOrigins: config.corsOrigins, security, log, slowRequestMs: config.slowRequestMs, refuse }),
  );
  app.use((ctx, next) => {
    const found = place(pathOf(ctx.req.url!));
    if (found === undefined) return next();
    if (found !== "malformed") return serve(ctx, found);
    return refuse(ctx, new ApiError("MALFORMED_REQUEST", "The path is not valid percent-encoding"));
  });
  app.use((ctx, next) => {
    const path = pathOf(ctx.req.url!);
    const verbs = outside.flatMap((routes) => routes.match(path, ctx.method).path.flatMap((layer) => layer.methods));
    if (verbs.includes(ctx.method)) return next();
    if (verbs.length === 0) return refuse(ctx, new ApiError("ROUTE_NOT_FOUND", "There is nothing at this path"));
    const allow = [...new Set([...verbs, "OPTIONS"])].sort().join(", ");
    if (ctx.method === "OPTIONS") return answer(ctx, 204, ["Allow", allow], undefined, false);
    return refuse(ctx, new ApiError("METHOD_NOT_ALLOWED", `This path knows ${allow}`, { headers: { Allow: allow } }));
  });
  app.use(setCommonHeaders(security));
  for (const routes of outside) app.use(routes.routes());
  return app;
}

/** The parts of the server that the engine uses. */
function createEngineDeps(
  { config, contract, server, accounts, files, webhooks, idempotencyKey, importKey, closing }: AppDeps,
  log: Logger,
): EngineDeps<Caller> {
  const handlers = bindHandlers(
    contract,
    services({ config, server, accounts, files, webhooks, importKey, routeWords: routeWords(contract.methods) }),
  );
  const memory = new MemoryRates();
  const rates = config.rates.store === "memory" ? memory : new SharedRates(server.database, memory);
  const isCrossSite = crossSite(config);
  const callOf = (
    ctx: KoaContext,
    caller: Caller,
    precondition: Precondition,
    database: Database,
    upload?: Upload,
  ): RequestCall => new RequestCall(caller, precondition, new RequestSource(ctx, log, database, isCrossSite, upload));
  const unknownCallOf = (ctx: KoaContext): RequestCall => callOf(ctx, anonymous, Precondition.none, server.database);
  return {
    bodyLimit: config.bodyLimit,
    uploadLimit: config.uploadLimit,
    authenticate: authentication({ ...accounts, callOf: unknownCallOf }),
    admission: rateLimits(config.rates, rates, accounts.deviceTokens),
    around: [failureLimits(contract, accounts.deviceTokens), storageFull],
    handle: idempotency(
      { contract, database: server.database, serverKey: idempotencyKey },
      ({ ctx, method, request, caller, precondition, upload }, database) =>
        handlers.get(method)!(request, callOf(ctx, caller, precondition, database, upload)),
    ),
    explain: errorReport(log, contract),
    doors: {
      readForm,
      readDisposition: readContentDisposition,
      readParameters,
      writeStream: eventStreams({ closing }),
    },
  };
}

/** The path of a request target, as it was sent. */
function pathOf(target: string): string {
  const mark = target.indexOf("?");
  return mark < 0 ? target : target.slice(0, mark);
}
