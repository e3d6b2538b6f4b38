// One request, from its matched route to its written answer. The security of the server depends on the order of the lines in
// `run`: a caller without access is refused before anything else is done, and no byte of a body is read before the caller
// is known.
import type { IncomingHttpHeaders } from "node:http";
import { ApiError } from "../errors.js";
import type { HttpBody } from "../gen/google/api/httpbody.js";
import type { Pending } from "./admission.js";
import { callMethods, type CallMethod } from "./call-method.js";
import { codecs, defaults, type CodecName, type Plain } from "./codecs/codec.js";
import { answer, type Headers } from "./http/answer.js";
import { answerMessage } from "./http/answer-message.js";
import { answerStreamed, StreamedBody } from "./streams/streamed-body.js";
import { announcesBody, Disconnected, mayBeEmpty, readBody, requireReadable, requireUncoded } from "./http/body.js";
import { answerBytes, readContent, requireAcceptable, requireContentType } from "./http/content.js";
import { answerContent, type Content } from "./streams/content-stream.js";
import { formOverheadBytes } from "./http/door.js";
import { messageOfForm, requireOAuthForm, withOAuthErrors } from "./http/oauth-form.js";
import { negotiate, negotiateError, unreadableType, type Negotiable, type Negotiated } from "./http/negotiate.js";
import { Precondition } from "./http/preconditions.js";
import type { KoaContext } from "./http/request-context.js";
import { formInMemory, formType, IncomingUpload } from "./streams/upload.js";
import type { Contract } from "./model/load.js";
import type { Method } from "./model/method.js";
import { problemWriter } from "./problems.js";
import type { Place } from "./route.js";
import { type EngineDeps, prepare, type Served, unproven } from "./served.js";

/** Answers a request for which a place was found. */
export type Serve = (ctx: KoaContext, place: Place) => Promise<void>;

export interface Engine<Caller> {
  readonly serve: Serve;
  /** Answers with an error where no method was reached. */
  readonly refuse: (ctx: KoaContext, error: ApiError) => Promise<void>;
  /** Calls a method for a caller who is known, without HTTP. */
  readonly call: CallMethod<Caller>;
}

/** Compiles every method of the contract. Throws an Error that names what the engine does not support. */
export function createEngine<Caller>(contract: Contract, deps: EngineDeps<Caller>): Engine<Caller> {
  const served = new Map(contract.methods.map((method) => [method, prepare(method, contract, deps)]));
  const problems = problemWriter(contract);

  const serve: Serve = async (ctx, place) => {
    const verb = ctx.method === "HEAD" ? "GET" : ctx.method;
    const method = place.methods.get(verb as Method["verb"]);
    // Of every verb: the path itself may hold a secret, and is not logged.
    ctx.state.context.route = place.route;
    if (!method) {
      if (verb === "OPTIONS") return answer(ctx, 204, ["Allow", place.allow], undefined, false);
      const error = new ApiError("METHOD_NOT_ALLOWED", `This path knows ${place.allow}`, {
        headers: { Allow: place.allow },
      });
      return refuse(ctx, error);
    }
    ctx.state.context.method = method.handler;
    await run(ctx, served.get(method)!, place.values);
  };

  async function run(ctx: KoaContext, compiled: Served<Caller>, pathValues: readonly string[]): Promise<void> {
    const { req, state } = ctx;
    const { method, admission, isPublic } = compiled;
    if (admission) state.context.headers.push(...admission.headers);
    const query = queryOf(req.url ?? "");
    // An upload is read whether it is announced or not. A message without bytes has all its defaults.
    const hasBody = method.bodyField !== undefined || (method.hasBody && announcesBody(req));
    const hasMessage = method.hasBody && !method.oauthForm;
    const input: Negotiable = {
      accept: req.headers.accept,
      contentType: hasMessage ? req.headers["content-type"] : undefined,
      alt: altOf(query),
      hasBody: hasMessage && hasBody && !mayBeEmpty(req),
      requestName: compiled.requestName,
      responseName: compiled.responseName,
    };
    // For caches of HTTP/1.0 (RFC 6749, section 5.1).
    if (method.oauthForm) state.context.headers.push("Pragma", "no-cache");
    let negotiated: Negotiated | undefined;
    let isBodyRead = false;
    let upload: IncomingUpload | undefined;
    let pending: Pending | undefined;
    try {
      const early = isPublic ? admission?.admit(ctx, undefined) : undefined;
      pending = early instanceof Promise ? await early : early;
      negotiated = negotiateAnswer(method, input);
      const uploadType = method.bodyField && requireContentType(req.headers["content-type"], method.consumes);
      if (method.isStreamedUpload) upload = new IncomingUpload(ctx, compiled.bodyLimit, deps.doors);
      if (method.oauthForm && (hasBody || req.headers["content-type"] !== undefined))
        requireOAuthForm(req.headers["content-type"]);
      const overhead = uploadType === formType ? formOverheadBytes : 0;
      if (upload) requireUncoded(req);
      if (hasBody) requireReadable(req, compiled.bodyLimit + overhead);
      const authenticated = deps.authenticate(ctx, method);
      const caller = authenticated instanceof Promise ? await authenticated : authenticated;
      const late = isPublic ? pending : admission?.admit(ctx, caller);
      pending = late instanceof Promise ? await late : late;
      const request = hasBody
        ? await readRequest(ctx, compiled, negotiated.request, uploadType)
        : defaults(method.request);
      isBodyRead = hasBody && !upload;
      compiled.bind(request, pathValues, query);
      if (method.resumedBy !== undefined) takeLastEvent(req.headers, method.resumedBy, request);
      if (pending && !pending.admits(request)) throw pending.refusal;
      pending = undefined;
      compiled.validate(request);
      const precondition = Precondition.of(req.headers);
      if (compiled.state && !precondition.isProven(compiled.state)) throw unproven(method);
      const response = await compiled.invoke({ ctx, method, request, caller, precondition, upload });
      isBodyRead ||= upload?.isRead === true;
      state.context.codec = method.produces.length > 0 ? undefined : negotiated.response;
      const headers: Headers = [];
      if (compiled.location) headers.push("Location", compiled.location(request, response as Plain));
      if (compiled.responseName === undefined) return answer(ctx, 204, headers, undefined, isBodyRead);
      await respond(ctx, method, negotiated, headers, response, precondition, isBodyRead);
    } catch (error) {
      if (error instanceof Disconnected) return void (ctx.respond = false);
      const problem = deps.explain(ctx, pending?.refusal ?? error, method);
      negotiated ??= negotiateError(input);
      if (method.oauthForm) negotiated = withOAuthErrors(negotiated, req.headers.accept);
      isBodyRead ||= upload?.isRead === true;
      await problems.write(ctx, problem, negotiated, isBodyRead);
    }
  }

  async function readRequest(
    ctx: KoaContext,
    { method, bodyLimit }: Served<Caller>,
    codec: CodecName | undefined,
    uploadType: string | undefined,
  ): Promise<Plain> {
    if (uploadType !== undefined) {
      const request = defaults(method.request);
      request[method.bodyField!] = await readUpload(ctx, method, uploadType, bodyLimit);
      return request;
    }
    if (method.oauthForm) return messageOfForm(method.request, await deps.doors.readParameters(ctx, bodyLimit));
    const { req, res, state } = ctx;
    const body = await readBody(req, res, bodyLimit, state.context.expectsContinue);
    if (body.length === 0) return defaults(method.request);
    if (!codec) throw unreadableType(req.headers["content-type"]);
    return codecs[codec].reader(method.request)(body);
  }

  /**
   * The raw body, or the file of a form, which must be of a type that the method also takes without a form; nothing where the handler
   * reads it.
   */
  async function readUpload(ctx: KoaContext, method: Method, type: string, limit: number): Promise<HttpBody> {
    if (method.isStreamedUpload) return { content_type: type, data: Buffer.alloc(0) };
    if (type !== formType) return readContent(ctx, type, limit);
    const { content_type, data } = await formInMemory(ctx, limit, deps.doors);
    const others = method.consumes.filter((each) => each !== formType);
    return { content_type: requireContentType(content_type, others), data };
  }

  function respond(
    ctx: KoaContext,
    method: Method,
    negotiated: Negotiated,
    headers: Headers,
    response: object,
    precondition: Precondition,
    isBodyRead: boolean,
  ): Promise<void> | void {
    if (method.isStream) {
      const message = codecs.json.writer(method.response);
      const problem = (error: unknown): Buffer => problems.json(ctx, deps.explain(ctx, error, method));
      const requireAccess = (): unknown => deps.authenticate(ctx, method);
      const { resumedBy } = method;
      const id = (value: object): string | undefined =>
        resumedBy ? ((value as Plain)[resumedBy] as string) : undefined;
      return deps.doors.writeStream(ctx, response as AsyncIterable<object>, { message, id, problem, requireAccess });
    }
    if (response instanceof StreamedBody)
      return answerStreamed(ctx, response, method.produces, precondition, isBodyRead);
    if (method.isStreamedDownload) return answerContent(ctx, response as Content, precondition, isBodyRead);
    if (method.produces.length > 0)
      return answerBytes(ctx, response as HttpBody, method.produces, precondition, isBodyRead);
    return answerMessage(ctx, method, negotiated, headers, response, precondition, isBodyRead);
  }

  function refuse(ctx: KoaContext, error: ApiError): Promise<void> {
    const { accept, "content-type": contentType } = ctx.req.headers;
    const alt = altOf(queryOf(ctx.req.url ?? ""));
    const input = { accept, contentType, alt, hasBody: false, requestName: "", responseName: undefined };
    return problems.write(ctx, error, negotiateError(input), false);
  }

  return { serve, refuse, call: callMethods(served, deps) };
}

/** Chooses the codecs. Where the answer is not a message, they are those of an error, after Accept was checked. */
function negotiateAnswer(method: Method, input: Negotiable): Negotiated {
  if (method.produces.length === 0) return negotiate(input);
  // An `alt` or an Accept that cannot be read is refused here too.
  negotiate({ ...input, accept: undefined });
  // Whoever asks for a file takes it as it is: Accept then tells the serialization of an error alone.
  if (!method.isStreamedDownload) requireAcceptable(input.accept, method.produces);
  return negotiateError(input);
}

/** A client that has lost a stream sends the id of the last event. Header values are Latin-1. */
function takeLastEvent({ "last-event-id": last }: IncomingHttpHeaders, field: string, request: Plain): void {
  if (typeof last === "string" && last !== "") request[field] = Buffer.from(last, "latin1").toString("utf8");
}

function queryOf(url: string): string {
  const mark = url.indexOf("?");
  return mark < 0 ? "" : url.slice(mark + 1);
}

/** The value of `?alt=`. Two of them are joined to a value that is not valid, so that the request is refused. */
function altOf(query: string): string | undefined {
  if (!query.includes("alt") && !query.includes("%")) return undefined;
  const values = new URLSearchParams(query).getAll("alt");
  return values.length > 0 ? values.join(",") : undefined;
}
