// A method with all that is compiled for it at start, and what the engine needs of the rest of the server to serve it.
import { ApiError } from "../errors.js";
import type { Admission } from "./admission.js";
import { invoker, type Around, type Invocation } from "./around.js";
import { binder } from "./bind.js";
import type { Plain } from "./codecs/codec.js";
import type { Doors } from "./http/door.js";
import { type KnownState } from "./http/preconditions.js";
import type { RequestScope } from "./http/request-context.js";
import type { Contract } from "./model/load.js";
import type { Method } from "./model/method.js";
import { provableState } from "./provable-state.js";
import { validator } from "./validation/validate.js";

/** What the engine needs from the rest of the server; app.ts provides it. */
export interface EngineDeps<Caller> {
  /** The caller of a request. Throws 401 and 403. */
  authenticate(ctx: RequestScope, method: Method): Caller | Promise<Caller>;
  /** The same for a caller who is known already, as that of a socket. */
  admit(ctx: RequestScope, caller: Caller, method: Method): Caller;
  /** The admission of a method; undefined where every request is admitted, as without this function. */
  admission?(method: Method): Admission<Caller> | undefined;
  /** The wrappers of the handlers, the outermost first: limits on failures (429), and whatever else concerns many methods. */
  readonly around: readonly Around<Caller>[];
  /** Runs the handler. */
  handle(invocation: Invocation<Caller>): Promise<object>;
  /** Converts anything that was thrown into an error that the client may see, and reports a bug. */
  explain(ctx: RequestScope, error: unknown, method?: Method): ApiError;
  /** In bytes, for methods that do not declare a limit. */
  readonly bodyLimit: number;
  /** In bytes, for methods whose handler reads the body while it arrives; `bodyLimit` when absent. */
  readonly uploadLimit?: number;
  readonly doors: Doors;
}

/** A method with all that was compiled for it at start. */
export interface Served<Caller> {
  readonly method: Method;
  readonly admission: Admission<Caller> | undefined;
  readonly isPublic: boolean;
  readonly requestName: string;
  /** Undefined where the answer has no body. */
  readonly responseName: string | undefined;
  readonly bind: (request: Plain, pathValues: readonly string[], query: string) => void;
  readonly validate: (request: Plain) => void;
  readonly invoke: (invocation: Invocation<Caller>) => Promise<object>;
  readonly bodyLimit: number;
  /** What is known of the resource where the method itself evaluates no preconditions. */
  readonly state: KnownState | undefined;
  readonly location: ((request: Plain, response: Plain) => string) | undefined;
}

/** Compiles a method. Throws an Error that names what the engine does not support. */
export function prepare<Caller>(method: Method, { methods }: Contract, deps: EngineDeps<Caller>): Served<Caller> {
  return {
    method,
    admission: deps.admission?.(method),
    isPublic: method.access === "ACCESS_PUBLIC",
    requestName: method.request.fullName.slice(1),
    responseName: method.response.fullName === ".google.protobuf.Empty" ? undefined : method.response.fullName.slice(1),
    bind: binder(method),
    validate: validator(method.request),
    invoke: invoker(method, deps.around, (invocation) => deps.handle(invocation)),
    bodyLimit: method.maxBody ?? (method.isStreamedUpload ? deps.uploadLimit : undefined) ?? deps.bodyLimit,
    state: provableState(method, methods),
    location: method.created === undefined ? undefined : locationOf(method.created),
  };
}

/** The error where preconditions are not certain to hold for a method that evaluates none. */
export function unproven({ name }: Method): ApiError {
  const why = `${name} cannot tell whether If-Match or If-None-Match holds, so nothing was done`;
  return new ApiError("PRECONDITION_FAILED", why);
}

/** Replaces each name in braces with the value from the response, else from the request. */
function locationOf(template: string): (request: Plain, response: Plain) => string {
  return (request, response) =>
    template.replace(/\{([^}]+)\}/g, (_, name: string) => encodeURIComponent(String(response[name] ?? request[name])));
}
