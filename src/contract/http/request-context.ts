// The state of one HTTP request that the request middleware and the engine share: ctx.state.context. And what of a request all policies
// see, also of a call that came over a socket.
import type { IncomingMessage, ServerResponse } from "node:http";
import type Koa from "koa";

export interface RequestContext {
  /** The request id. */
  readonly id: string;
  /** performance.now() when the request came in. */
  readonly startedAt: number;
  /** Headers of every answer to this request, as name, value, name, value ... without Vary. */
  readonly headers: string[];
  /** The part of Vary after Accept and Accept-Encoding: empty or ", Origin, Accept-Language" or one of them. */
  vary: string;
  /** Whether the client waits for "100 Continue" before it sends the body. */
  readonly expectsContinue: boolean;
  /** This and the following are set while the request is processed, for the line in the access log. */
  method: string | undefined;
  route: string | undefined;
  codec: string | undefined;
  reason: string | undefined;
  userId: number | undefined;
  /** Whether the answer is a stream, whose duration does not depend on the speed of the server. */
  isStream: boolean;
}

/** That of a request of which nothing is known yet but its id. */
export function emptyContext(id: string): RequestContext {
  return {
    id,
    startedAt: performance.now(),
    headers: [],
    vary: "",
    expectsContinue: false,
    method: undefined,
    route: undefined,
    codec: undefined,
    reason: undefined,
    userId: undefined,
    isStream: false,
  };
}

export interface RequestState extends Koa.DefaultState {
  context: RequestContext;
}

export type KoaContext = Koa.ParameterizedContext<RequestState>;

/** What of a request is seen by who is asked before and around its handler. A call over a socket has the headers of the socket's request. */
export interface RequestScope {
  /** The network address, as reported by the trusted proxies. */
  readonly ip: string;
  readonly state: { readonly context: RequestContext };
  readonly req: Pick<IncomingMessage, "headers" | "headersDistinct" | "method" | "socket">;
  /** Whether the head of the answer is sent: then no header can be added to it. */
  readonly res: Pick<ServerResponse, "headersSent">;
  /** Of a caller who was authenticated before, as that of a socket: throws, or rejects, when they may not call any more. */
  readonly requireLive?: () => unknown;
}
