// The one error that is thrown on purpose. What a reason means over HTTP (status, code, title) stands in problem.proto,
// and nowhere else.
import type { FieldViolation, Reason as ReasonEnum } from "./gen/lyceum/v1/problem.js";

/** A reason as it stands on the wire: `CHAT_NOT_FOUND`, the enum of problem.proto without its prefix. */
export type Reason = Exclude<ReasonEnum, "REASON_UNSPECIFIED"> extends `REASON_${infer Name}` ? Name : never;

/** What a problem carries beside its reason and its sentence. */
export interface ProblemDetails {
  /** The broken rules, or the place that cannot be read. */
  violations?: readonly FieldViolation[];
  /** On 406 and 415: the media types that would have worked. */
  supported?: readonly string[];
  /** On 429 and 503: whole seconds to wait. */
  retryAfterSeconds?: number;
  /** Further headers of the answer, such as Allow. */
  headers?: Readonly<Record<string, string>>;
  /** What caused it; for the log alone. */
  cause?: unknown;
}

/**
 * A refusal that the client is meant to see. `detail` is a sentence about this case, without secrets and without the
 * client's values beyond ids. Anything else that is thrown is a bug and leaves as INTERNAL.
 */
export class ApiError extends Error {
  override readonly name = "ApiError";

  constructor(
    readonly reason: Reason,
    readonly detail: string,
    readonly more: ProblemDetails = {},
  ) {
    super(`${reason}: ${detail}`, more.cause === undefined ? undefined : { cause: more.cause });
  }
}
