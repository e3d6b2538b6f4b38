// One HTTP request and its answer, as far as the engine and the front hall share it. It lives in Koa's ctx.state.
import type Koa from "koa";

export interface RequestContext {
  /** The request id. */
  readonly id: string;
  /** performance.now() when the request came in. */
  readonly startedAt: number;
  /** Headers of the answer, whatever it is, as name, value, name, value ... Vary is not among them. */
  readonly headers: string[];
  /** What Vary says beside Accept and Accept-Encoding; empty or ", Origin". */
  readonly vary: string;
  /** The client waits for "100 Continue" before it sends the body. */
  readonly expectsContinue: boolean;
  /** Filled in on the way, for the access line. */
  method: string | undefined;
  route: string | undefined;
  codec: string | undefined;
  reason: string | undefined;
  userId: number | undefined;
  /** The answer is a stream, whose duration says nothing of the server. */
  isStream: boolean;
}

export interface RequestState extends Koa.DefaultState {
  context: RequestContext;
}

export type KoaContext = Koa.ParameterizedContext<RequestState>;
