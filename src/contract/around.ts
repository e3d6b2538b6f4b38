// The wrappers of the handlers: policies that concern many methods, such as limits, idempotency and audit.
import type { Plain } from "./codecs/codec.js";
import type { Precondition } from "./http/preconditions.js";
import type { RequestScope } from "./http/request-context.js";
import type { Upload } from "./streams/upload.js";
import type { Method } from "./model/method.js";

/** One call of one method, with a request that was read and is valid. */
export interface Invocation<Caller> {
  readonly ctx: RequestScope;
  readonly method: Method;
  readonly request: Plain;
  readonly caller: Caller;
  /** For a method that evaluates it; another is not called unless it is certain to hold. */
  readonly precondition: Precondition;
  /** The body that the handler reads; undefined for a method whose request is read before. */
  readonly upload: Upload | undefined;
}

type Invoke<Caller> = (invocation: Invocation<Caller>) => Promise<object>;

/** Calls `next`, which runs the handler; or returns a response itself, or throws. */
export type Wrapper<Caller> = (invocation: Invocation<Caller>, next: () => Promise<object>) => Promise<object>;

/** The wrapper of a method's handler; undefined for a method that it does not concern, so that it has no cost there. */
export type Around<Caller> = (method: Method) => Wrapper<Caller> | undefined;

/** The handler of a method inside its wrappers. The first wrapper is the outermost. */
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
