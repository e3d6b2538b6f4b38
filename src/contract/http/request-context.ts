// The state of one HTTP request that the request middleware and the engine share: ctx.state.context.
import type Koa from "koa";

export interface RequestContext {
  /** The request id. */
  readonly id: string;
  /** performance.now() when the request came in. */
  readonly startedAt: number;
  /** Headers of every response, as name, value, name, value ... without Vary. */
  readonly headers: readonly string[];
  /** The end of Vary, after Accept and Accept-Encoding: empty or ", Origin". */
  readonly vary: string;
  /** The client waits for "100 Continue" before it sends the body. */
  readonly expectsContinue: boolean;
  /** These are set while the request is processed, for the access log line. */
  method: string | undefined;
  route: string | undefined;
  codec: string | undefined;
  reason: string | undefined;
  userId: number | undefined;
}

export interface RequestState extends Koa.DefaultState {
  context: RequestContext;
}

export type KoaContext = Koa.ParameterizedContext<RequestState>;
