// The one seam around the handlers: what is a matter of many methods (limits, idempotency, audit) wraps the handler here.
import type { Plain } from "./codecs/codec.js";
import type { KoaContext } from "./http/request-context.js";
import type { Method } from "./model/method.js";

/** One call of one method, when its request is read and valid. */
export interface Invocation<Caller> {
  readonly ctx: KoaContext;
  readonly method: Method;
  readonly request: Plain;
  readonly caller: Caller;
  /** The versions that If-Match names, of a method that obeys it; undefined when any version will do. */
  readonly ifMatch: readonly number[] | undefined;
}

type Invoke<Caller> = (invocation: Invocation<Caller>) => Promise<object>;

/** Runs `next`, which runs the handler, and may answer in its place, or throw. */
export type Wrapper<Caller> = (invocation: Invocation<Caller>, next: () => Promise<object>) => Promise<object>;

/** The wrapper of a method's handler; undefined for a method that is none of its business, which then pays nothing. */
export type Around<Caller> = (method: Method) => Wrapper<Caller> | undefined;

/** The handler of a method inside its wrappers, the first of which is the outermost. */
export function invoker<Caller>(
  method: Method,
  around: readonly Around<Caller>[],
  handle: Invoke<Caller>,
): Invoke<Caller> {
  return around.reduceRight<Invoke<Caller>>((next, wrapperOf) => {
    const wrap = wrapperOf(method);
    return wrap ? (invocation) => wrap(invocation, () => next(invocation)) : next;
  }, handle);
}
