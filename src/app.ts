// The pipeline: the steps of every HTTP request, in order.
import { type RequestListener, ServerResponse } from "node:http";
import Koa from "koa";
import type { Logger } from "pino";
import type { Accounts } from "./accounts/open.js";
import { aboutOf } from "./about.js";
import { anonymous, type Caller, RequestCall } from "./call.js";
import { clientGuideFile, type Config } from "./config.js";
import type { CallMethod } from "./contract/call-method.js";
import type { About } from "./contract/documents/openapi.js";
import type { DescriptorFiles } from "./contract/documents/proto-downloads.js";
import { answer } from "./contract/http/answer.js";
import { Precondition } from "./contract/http/preconditions.js";
import { emptyContext, type RequestScope, type RequestState } from "./contract/http/request-context.js";
import type { Upload } from "./contract/streams/upload.js";
import type { Contract } from "./contract/model/load.js";
import { routeWords } from "./contract/model/http-route.js";
import { router } from "./contract/route.js";
import { createEngine } from "./contract/serve.js";
import type { EngineDeps } from "./contract/served.js";
import { eventStreams } from "./doors/event-stream.js";
import { readForm } from "./doors/form.js";
import { readParameters } from "./doors/url-encoded-form.js";
import { outsideRoutes } from "./doors/outside-routes.js";
import { requestMiddleware, setCommonHeaders } from "./doors/request-middleware.js";
import { RequestSource } from "./doors/request-source.js";
import { callsOf } from "./doors/socket/calls.js";
import { type SocketDoor, socketDoor, socketPath } from "./doors/socket/upgrade.js";
import { ApiError } from "./errors.js";
import type { Database, DatabaseServer } from "./platform/database/database.js";
import { crossSite } from "./platform/http/cross-site.js";
import { readContentDisposition } from "./platform/media/content-disposition.js";
import { MemoryRates } from "./platform/rates/memory-rates.js";
import { SharedRates } from "./platform/rates/shared-rates.js";
import { securityHeaders } from "./platform/http/security-headers.js";
import { admit, authentication } from "./policy/authenticate.js";
import { idempotency } from "./policy/idempotency/idempotency.js";
import { failureLimits } from "./policy/limits.js";
import { errorReport } from "./policy/report.js";
import { rateLimits } from "./policy/rate-limits.js";
import { socketCallers } from "./policy/socket-caller.js";
import { storageFull } from "./policy/storage-full.js";
import { bindHandlers, type ServiceDeps, services } from "./services.js";

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
  readonly realtime: ServiceDeps["realtime"];
  /** The login that the landing page shows: that of the demo school. */
  readonly login: About["login"];
  readonly log: Logger;
  /** Returns false after the shutdown has begun. */
  readonly isReady: () => boolean;
  /** Aborted when the shutdown begins, so that streams end. */
  readonly closing: AbortSignal;
}

/** The application: what it answers over HTTP, and its web sockets. */
export interface App extends Pick<SocketDoor, "onUpgrade" | "sockets"> {
  readonly listener: RequestListener;
}

/** Builds the application. Throws an Error that names the rpc when a method has no handler. */
export function createApp(deps: AppDeps): App {
  const { config, contract, isReady } = deps;
  const log = deps.log.child({ logger: "http" });
  const isCrossSite = crossSite(config);
  const engineDeps = createEngineDeps(deps, log, isCrossSite);
  const { serve, refuse, call } = createEngine(contract, engineDeps);
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
    if (pathOf(ctx.req.url!) !== socketPath) return next();
    return refuse(
      ctx,
      new ApiError("UPGRADE_REQUIRED", "Open a web socket here", { headers: { Upgrade: "websocket" } }),
    );
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
  return {
    listener: app.callback(),
    ...createSocketDoor(deps, { app, call, explain: engineDeps.explain, isCrossSite }),
  };
}

/** What the door of sockets uses of the rest of the application. */
interface SocketParts {
  readonly app: Koa<RequestState>;
  readonly call: CallMethod<Caller>;
  readonly explain: EngineDeps<Caller>["explain"];
  readonly isCrossSite: ReturnType<typeof crossSite>;
}

function createSocketDoor(
  { config, contract, server, accounts, realtime, log: logger }: AppDeps,
  { app, call, explain, isCrossSite }: SocketParts,
): SocketDoor {
  const log = logger.child({ logger: "sockets" });
  const callerOf = socketCallers(accounts, server.database);
  const rates = new MemoryRates();
  const { factor } = config.rates;
  const framesBound = { name: "frames", requests: 6_000 * factor, seconds: 60 };
  const openBound = { name: "sockets", requests: 120 * factor, seconds: 60 };
  const scopeOf = (id: string): Pick<RequestScope, "state"> => ({ state: { context: emptyContext(id) } });
  return socketDoor({
    contract,
    realtime,
    log,
    limits: { most: config.socketLimit, mostOfOne: 50 * factor },
    frameLimit: config.bodyLimit,
    runCall: callsOf({ contract, call, explain, log, slowRequestMs: config.slowRequestMs }),
    admitFrame: (userId) => rates.take(framesBound, userId).isAdmitted,
    explain: (error) => explain(scopeOf("socket") as RequestScope, error),
    headers: securityHeaders(config.hstsSeconds).all,
    async admit(request, ticket) {
      const ctx = app.createContext(request, new ServerResponse(request));
      ctx.state.context = emptyContext("socket");
      const source = new RequestSource(ctx, log, server.database, isCrossSite, () => undefined);
      const sent = new RequestCall(anonymous, Precondition.none, source);
      const { caller, requireLive } = await callerOf({ headers: request.headers, ticket, call: sent });
      const { isAdmitted, nextSeconds } = rates.take(openBound, caller.id);
      if (!isAdmitted)
        throw new ApiError("RATE_LIMITED", "You open too many sockets", { retryAfterSeconds: nextSeconds });
      return { caller, ip: ctx.ip, requireLive };
    },
  });
}

/** The parts of the server that the engine uses. */
function createEngineDeps(
  { config, contract, server, accounts, files, webhooks, idempotencyKey, importKey, realtime, closing }: AppDeps,
  log: Logger,
  isCrossSite: ReturnType<typeof crossSite>,
): EngineDeps<Caller> {
  const handlers = bindHandlers(
    contract,
    services({
      config,
      server,
      accounts,
      files,
      webhooks,
      importKey,
      realtime,
      routeWords: routeWords(contract.methods),
    }),
  );
  const memory = new MemoryRates();
  const rates = config.rates.store === "memory" ? memory : new SharedRates(server.database, memory);
  const sourceOf = (
    ctx: RequestScope,
    database: Database,
    requireLive: () => unknown,
    upload?: Upload,
  ): RequestSource => new RequestSource(ctx, log, database, isCrossSite, ctx.requireLive ?? requireLive, upload);
  const unknownCallOf = (ctx: RequestScope): RequestCall =>
    new RequestCall(
      anonymous,
      Precondition.none,
      sourceOf(ctx, server.database, () => undefined),
    );
  const authenticate = authentication({ ...accounts, callOf: unknownCallOf });
  return {
    bodyLimit: config.bodyLimit,
    uploadLimit: config.uploadLimit,
    authenticate,
    admit,
    admission: rateLimits(config.rates, rates, accounts.deviceTokens),
    around: [failureLimits(contract, accounts.deviceTokens), storageFull],
    handle: idempotency(
      { contract, database: server.database, serverKey: idempotencyKey },
      ({ ctx, method, request, caller, precondition, upload }, database) =>
        handlers.get(method)!(
          request,
          new RequestCall(
            caller,
            precondition,
            sourceOf(ctx, database, () => authenticate(ctx, method), upload),
          ),
        ),
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
