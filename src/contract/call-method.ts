// A call of a method without HTTP, as a socket brings it: the same admission, access, rules, wrappers and handler, in the same order. Its
// caller is known, and its request was decoded with the frame that it came in.
import { ApiError } from "../errors.js";
import { defaults, type Plain } from "./codecs/codec.js";
import { versionOf } from "./http/etag.js";
import { Precondition } from "./http/preconditions.js";
import type { RequestScope } from "./http/request-context.js";
import type { Method } from "./model/method.js";
import { type EngineDeps, type Served, unproven } from "./served.js";

/** What came of a call. */
export interface Called {
  /** That of HTTP: 200, 201, or 204 for a method that answers with nothing. */
  readonly status: number;
  /** Undefined where the method answers with nothing. */
  readonly response: object | undefined;
  /** The path of what was created. */
  readonly location: string | undefined;
  /** Names the version of the resource in the answer, for If-Match. */
  readonly etag: string | undefined;
}

/** Calls a method. `request` is undefined for one with all its defaults. Throws what the engine would answer; `explain` makes it a problem. */
export type CallMethod<Caller> = (
  scope: RequestScope,
  caller: Caller,
  method: Method,
  request: Plain | undefined,
) => Promise<Called>;

/** Whether a method can be called without HTTP: with a login, its messages are all that it takes and gives. */
export function isCallable(method: Method): boolean {
  const isMessages = method.bodyField === undefined && method.produces.length === 0 && !method.isStream;
  return isMessages && !method.oauthForm && method.access !== "ACCESS_PUBLIC";
}

/** Makes the function that calls the methods. */
export function callMethods<Caller>(
  served: ReadonlyMap<Method, Served<Caller>>,
  deps: Pick<EngineDeps<Caller>, "admit">,
): CallMethod<Caller> {
  return async (scope, caller, method, given) => {
    const { admission, validate, invoke, state, location, responseName } = served.get(method)!;
    if (!isCallable(method))
      throw new ApiError("METHOD_NOT_ALLOWED", `${method.name} is for HTTP: ${method.verb} ${method.path}`);
    if (admission) scope.state.context.headers.push(...admission.headers);
    // Since the socket was opened, the session may have ended.
    const live = scope.requireLive?.();
    if (live instanceof Promise) await live;
    deps.admit(scope, caller, method);
    const admitted = admission?.admit(scope, caller);
    const pending = admitted instanceof Promise ? await admitted : admitted;
    const request = given ?? defaults(method.request);
    if (pending && !pending.admits(request)) throw pending.refusal;
    validate(request);
    const precondition = Precondition.of(scope.req.headers);
    if (state && !precondition.isProven(state)) throw unproven(method);
    const response = await invoke({ ctx: scope, method, request, caller, precondition, upload: undefined });
    if (responseName === undefined)
      return { status: 204, response: undefined, location: location?.(request, response as Plain), etag: undefined };
    const version = method.etag && versionOf(response, method.etag.version);
    // A change evaluates its preconditions itself; of a read they are about the answer.
    if (method.verb === "GET") requireMatch(precondition, version);
    return {
      status: method.created === undefined ? 200 : 201,
      response,
      location: location?.(request, response as Plain),
      etag: version === undefined ? undefined : `"${version}.call"`,
    };
  };
}

/** Throws PRECONDITION_FAILED unless If-Match names the version of an answer, in a tag of any serialization. */
function requireMatch(precondition: Precondition, version: number | undefined): void {
  if (version === undefined) precondition.isNotModified(undefined);
  else if (!precondition.permitsVersion(version))
    throw new ApiError("PRECONDITION_FAILED", "If-Match does not name the tag of the answer");
}
