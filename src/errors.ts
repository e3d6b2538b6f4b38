// The error of a refused request. The status, code and title of each reason are declared in problem.proto alone.
import type { FieldViolation, Reason as ReasonEnum } from "./gen/lyceum/v1/problem.js";

/** A reason as it is sent: `CHAT_NOT_FOUND`, the enum of problem.proto without its prefix. */
export type Reason = Exclude<ReasonEnum, "REASON_UNSPECIFIED"> extends `REASON_${infer Name}` ? Name : never;

/** The optional parts of a problem. */
export interface ProblemDetails {
  /** The broken rules, or the field that cannot be read. */
  violations?: readonly FieldViolation[];
  /** On 406 and 415: the media types that are supported. */
  supported?: readonly string[];
  /** On 429 and 503, and on 409 when a later try may succeed: whole seconds to wait. */
  retryAfterSeconds?: number;
  /** Of a token request of OAuth 2.0: its error code, and a sentence in ASCII (RFC 6749, section 5.2). */
  oauth?: { readonly error: string; readonly description: string };
  /** Of a token request whose second step is due: what completes it. */
  mfaChallenge?: string;
  /** Further headers of the answer, such as Allow. */
  headers?: Readonly<Record<string, string>>;
  /** The cause, for the log only. */
  cause?: unknown;
}

/**
 * A refusal that is sent to the client. `detail` is a sentence about this occurrence, without secrets, and without values of
 * the client except ids. Any other error is a bug, and is sent as INTERNAL.
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

/** The class of an error, for where its text may not go, which may quote what people wrote: the reason of an ApiError, the name of any other error with the code that it has, or "unknown". */
export function classOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown";
  const { code } = error as { code?: unknown };
  return error instanceof ApiError ? error.reason : typeof code === "string" ? `${error.name} ${code}` : error.name;
}
