// The front hall's plan: one line for each service, and the order in which a request meets the rooms of the house.
import Koa from "koa";
import type { Logger } from "pino";
import { requireAccess } from "./policy/access.js";
import type { Authenticate } from "./accounts/sessions/authenticate.js";
import { authHandlers, type AuthDeps } from "./accounts/handlers.js";
import { anonymous, type Call, type Caller, RequestCall } from "./call.js";
import { chatHandlers } from "./chats/handlers.js";
import { type Config, version } from "./config.js";
import { answer } from "./contract/http/answer.js";
import { documentRoutes } from "./contract/documents/documents.js";
import type { RequestState } from "./contract/http/request-context.js";
import type { Contract, Method } from "./contract/model/load.js";
import { router } from "./contract/route.js";
import { createEngine, type World } from "./contract/serve.js";
import { ApiError } from "./errors.js";
import { setCommonHeaders, requestMiddleware } from "./doors/request-middleware.js";
import { healthHandlers } from "./health/handlers.js";
import { processRoutes } from "./doors/process-routes.js";
import { messageHandlers } from "./chats/messages/handlers.js";
import type { DatabaseServer } from "./platform/database/database.js";
import { createFailureLimiter } from "./platform/failure-limit.js";
import { userHandlers } from "./users/handlers.js";

export interface AppDeps {
  readonly config: Config;
  readonly contract: Contract;
  /** The file with the contract's descriptor set. */
  readonly descriptor: URL;
  readonly server: DatabaseServer;
  readonly accounts: AuthDeps & { readonly authenticate: Authenticate };
  readonly log: Logger;
  /** False from the moment on at which the process is asked to stop. */
  readonly isReady: () => boolean;
}

type Handler = (request: object, call: Call) => Promise<object>;

/** Builds the application. Throws an Error that names the rpc when the contract and the handlers do not fit. */
export function createApp(deps: AppDeps): Koa<RequestState> {
  const { config, contract, server, accounts, isReady } = deps;
  const handlers = bindHandlers(contract, {
    "lyceum.v1.HealthService": healthHandlers({
      name: config.appName,
      version,
      commit: config.commit,
      ping: server.ping,
    }),
    "lyceum.v1.AuthService": authHandlers(accounts),
    "lyceum.v1.UserService": userHandlers(),
    "lyceum.v1.ChatService": chatHandlers(config.messagesLimit),
    "lyceum.v1.MessageService": messageHandlers(config.messagesLimit),
  });
  const log = deps.log.child({ logger: "http" });
  const { serve, refuse } = createEngine(contract, createWorld(deps, handlers, log));
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

function createWorld(
  { config, contract, server, accounts }: AppDeps,
  handlers: ReadonlyMap<Method, Handler>,
  log: Logger,
): World<Caller> {
  const shared = { log, database: server.database };
  const failures = createFailureLimiter();
  return {
    bodyLimit: config.bodyLimit,
    authenticate(ctx, { access }) {
      if (access === "ACCESS_PUBLIC") return anonymous;
      const admit = (caller: Caller) => {
        ctx.state.context.userId = caller.id;
        return requireAccess(caller, access);
      };
      const caller = accounts.authenticate(ctx.req.headers.authorization);
      return caller instanceof Promise ? caller.then(admit) : admit(caller);
    },
    limit(ctx, { name, failureLimit }, request) {
      if (!failureLimit) return undefined;
      const value = String(request[failureLimit.field]).toLowerCase();
      failures.check(name, failureLimit, ctx.ip, value);
      return (error) => {
        if (error === undefined) failures.succeeded(name, ctx.ip, value);
        else if (error instanceof ApiError && contract.reasons.get(error.reason)?.status === 401)
          failures.failed(name, failureLimit, ctx.ip, value);
      };
    },
    handle(ctx, method, request, caller, ifMatch) {
      return handlers.get(method)!(request, new RequestCall(caller, ifMatch, ctx.state.context.id, shared));
    },
    explain(ctx, error) {
      if (error instanceof ApiError) return error;
      const { id, method } = ctx.state.context;
      log.error({ request_id: id, method, err: error }, "a request failed by a fault of the server");
      return new ApiError("INTERNAL", `The server failed; its log knows more under request ${id}`);
    },
  };
}

/** The handler of each method, by the names of the contract. */
function bindHandlers(contract: Contract, services: Readonly<Record<string, object>>): Map<Method, Handler> {
  return new Map(
    contract.methods.map((method) => {
      const service = services[method.service] as Readonly<Record<string, Handler>> | undefined;
      const handler = service?.[method.handler];
      if (!handler) throw new Error(`${method.service}.${method.name}: no handler`);
      return [method, handler.bind(service)];
    }),
  );
}

/** The path of a request target, as it was sent. */
function pathOf(target: string): string {
  const mark = target.indexOf("?");
  return mark < 0 ? target : target.slice(0, mark);
}
