// One request, from its matched route to its written answer. The order of the lines in `run` is the security of the
// house: nothing happens for a caller who may not, and no byte of a body is read before it is known whose it is.
import { ApiError } from "../errors.js";
import { answer, type Headers } from "./http/answer.js";
import { binder } from "./bind.js";
import { announcesBody, Disconnected, readBody, requireReadable } from "./http/body.js";
import { codecs, defaults, type Plain } from "./codecs/codec.js";
import { chooseCoding, compress } from "./http/content-coding.js";
import { isNamed, tagOf, versionsIn } from "./http/etag.js";
import type { KoaContext } from "./http/request-context.js";
import type { Contract } from "./model/load.js";
import type { Method } from "./model/method.js";
import { negotiateError, negotiate, type Negotiated } from "./http/negotiate.js";
import { problemWriter } from "./problems.js";
import type { Place } from "./route.js";
import { validator } from "./validation/validate.js";

/** What the engine needs of the world, handed to it by app.ts. */
export interface World<Caller> {
  /** Who calls. Throws 401 and 403. */
  authenticate(ctx: KoaContext, method: Method): Caller | Promise<Caller>;
  /** Throws 429. What it answers with is told how the call ended: with an error or with undefined. */
  limit(ctx: KoaContext, method: Method, request: Plain): ((error: unknown) => void) | undefined;
  /** Runs the handler. */
  handle(
    ctx: KoaContext,
    method: Method,
    request: Plain,
    caller: Caller,
    ifMatch: number[] | undefined,
  ): Promise<object>;
  /** Turns whatever was thrown into what the client may see; reports what is a bug. */
  explain(ctx: KoaContext, error: unknown): ApiError;
  /** In bytes, for methods that do not say. */
  readonly bodyLimit: number;
}

/** A method with all that was compiled for it at start. */
interface Served {
  readonly method: Method;
  readonly requestName: string;
  readonly responseName: string;
  readonly bind: (request: Plain, pathValues: readonly string[], query: string) => void;
  readonly validate: (request: Plain) => void;
  readonly hasAnswer: boolean;
  readonly bodyLimit: number;
  readonly location: ((request: Plain, response: Plain) => string) | undefined;
}

/** Answers a request for which a place was found. */
export type Serve = (ctx: KoaContext, place: Place) => Promise<void>;

export interface Engine {
  readonly serve: Serve;
  /** Answers with an error where no method was reached. */
  readonly refuse: (ctx: KoaContext, error: ApiError) => Promise<void>;
}

/** Compiles every method of the contract. Throws an Error that names what the engine does not know. */
export function createEngine<Caller>(contract: Contract, world: World<Caller>): Engine {
  const served = new Map(contract.methods.map((method) => [method, prepare(method, world.bodyLimit)]));
  const writeProblem = problemWriter(contract);

  const serve: Serve = async (ctx, place) => {
    const verb = ctx.method === "HEAD" ? "GET" : ctx.method;
    const method = place.methods.get(verb as Method["verb"]);
    if (!method) {
      if (verb === "OPTIONS") return answer(ctx, 204, ["Allow", place.allow], undefined, false);
      const error = new ApiError("METHOD_NOT_ALLOWED", `This path knows ${place.allow}`, {
        headers: { Allow: place.allow },
      });
      return refuse(ctx, error);
    }
    ctx.state.context.method = method.handler;
    ctx.state.context.route = method.path;
    await run(ctx, served.get(method)!, place.values);
  };

  async function run(ctx: KoaContext, { method, ...compiled }: Served, pathValues: readonly string[]): Promise<void> {
    const { req, res, state } = ctx;
    const query = queryOf(req.url ?? "");
    const hasBody = method.hasBody && (announcesBody(req) || req.headers["content-type"] !== undefined);
    let negotiated: Negotiated | undefined;
    let isBodyRead = false;
    try {
      negotiated = negotiate(negotiable(ctx, query, hasBody, compiled.requestName, compiled.responseName));
      if (hasBody) requireReadable(req, compiled.bodyLimit);
      const authenticated = world.authenticate(ctx, method);
      const caller = authenticated instanceof Promise ? await authenticated : authenticated;
      const body = hasBody ? await readBody(req, res, compiled.bodyLimit, state.context.expectsContinue) : undefined;
      isBodyRead = body !== undefined;
      const request =
        body && negotiated.request ? codecs[negotiated.request].reader(method.request)(body) : defaults(method.request);
      compiled.bind(request, pathValues, query);
      compiled.validate(request);
      const settle = world.limit(ctx, method, request);
      let response: object;
      try {
        response = await world.handle(
          ctx,
          method,
          request,
          caller,
          method.ifMatch ? versionsIn(req.headers["if-match"]) : undefined,
        );
      } catch (error) {
        settle?.(error);
        throw error;
      }
      settle?.(undefined);
      state.context.codec = negotiated.response;
      const headers: Headers = [];
      if (compiled.location) headers.push("Location", compiled.location(request, response as Plain));
      if (!compiled.hasAnswer) return answer(ctx, 204, headers, undefined, isBodyRead);
      await write(ctx, method, negotiated, headers, response, isBodyRead);
    } catch (error) {
      if (error instanceof Disconnected) return void (ctx.respond = false);
      const problem = world.explain(ctx, error);
      negotiated ??= negotiateError(negotiable(ctx, query, hasBody, compiled.requestName, compiled.responseName));
      await writeProblem(ctx, problem, negotiated, isBodyRead);
    }
  }

  function refuse(ctx: KoaContext, error: ApiError): Promise<void> {
    const hasBody = ctx.req.headers["content-type"] !== undefined;
    return writeProblem(
      ctx,
      error,
      negotiateError(negotiable(ctx, queryOf(ctx.req.url ?? ""), hasBody, "", "")),
      false,
    );
  }

  return { serve, refuse };
}

async function write(
  ctx: KoaContext,
  method: Method,
  negotiated: Negotiated,
  headers: Headers,
  response: object,
  isBodyRead: boolean,
): Promise<void> {
  let body = codecs[negotiated.response].writer(method.response)(response);
  headers.push("Content-Type", negotiated.contentType);
  if (negotiated.response === "protobuf") headers.push("X-Protobuf-Message", method.response.fullName.slice(1));
  const coding = chooseCoding(ctx.req.headers["accept-encoding"], body.length);
  if (method.etag) {
    const tag = tagOf(versionOf(response, method.etag), body, negotiated.response) + (coding ? `-${coding}` : "");
    headers.push("ETag", `"${tag}"`, "Cache-Control", "private, no-cache");
    const known = ctx.req.headers["if-none-match"];
    if (known !== undefined && isNamed(known, tag)) return answer(ctx, 304, headers, undefined, isBodyRead);
  } else headers.push("Cache-Control", "no-store");
  if (coding) {
    headers.push("Content-Encoding", coding);
    body = await compress(body, coding);
  }
  answer(ctx, method.created === undefined ? 200 : 201, headers, body, isBodyRead);
}

function prepare(method: Method, bodyLimit: number): Served {
  return {
    method,
    requestName: method.request.fullName.slice(1),
    responseName: method.response.fullName.slice(1),
    bind: binder(method),
    validate: validator(method.request),
    hasAnswer: method.response.fullName !== ".google.protobuf.Empty",
    bodyLimit: method.maxBody ?? bodyLimit,
    location: method.created === undefined ? undefined : locationOf(method.created),
  };
}

/** Fills the names in braces from the answer, else from the request. */
function locationOf(template: string): (request: Plain, response: Plain) => string {
  return (request, response) =>
    template.replace(/\{([^}]+)\}/g, (_, name: string) => encodeURIComponent(String(response[name] ?? request[name])));
}

function versionOf(response: object, path: readonly string[]): number {
  return path.reduce<unknown>((here, name) => (here as Plain)[name], response) as number;
}

function queryOf(url: string): string {
  const mark = url.indexOf("?");
  return mark < 0 ? "" : url.slice(mark + 1);
}

function negotiable(ctx: KoaContext, query: string, hasBody: boolean, requestName: string, responseName: string) {
  const { accept, "content-type": contentType } = ctx.req.headers;
  return { accept, contentType, alt: altOf(query), hasBody, requestName, responseName };
}

/** What `?alt=` says. Two of them make a value that is none, so that neither wins in silence. */
function altOf(query: string): string | undefined {
  if (!query.includes("alt") && !query.includes("%")) return undefined;
  const values = new URLSearchParams(query).getAll("alt");
  return values.length > 0 ? values.join(",") : undefined;
}
