// Converts an ApiError to a Problem and writes it in the serialization of the answer. The meaning of each reason is declared in
// problem.proto.
import { STATUS_CODES } from "node:http";
import type { Problem } from "../gen/lyceum/v1/problem.js";
import { ApiError } from "../errors.js";
import { answer, type Headers } from "./http/answer.js";
import { codecs } from "./codecs/codec.js";
import { chooseCoding, compress } from "./http/content-coding.js";
import type { KoaContext } from "./http/request-context.js";
import type { Contract } from "./model/load.js";
import type { Negotiated } from "./http/negotiate.js";
import { problemType } from "./model/problem-type.js";

/** Writes errors as Problems. */
export interface ProblemWriter {
  /** Answers with a problem. It never throws: when a problem cannot be written, it answers with a fixed one. */
  write(ctx: KoaContext, error: ApiError, negotiated: Negotiated, isBodyRead: boolean): Promise<void>;
  /** The problem as JSON, for an answer that is already being sent. */
  json(ctx: KoaContext, error: ApiError): Buffer;
}

const lastResort = Buffer.from('{"type":"about:blank","title":"Internal Server Error","status":500}');

/** The writer of a contract's problems. */
export function problemWriter(contract: Contract): ProblemWriter {
  async function tryToWrite(
    ctx: KoaContext,
    error: ApiError,
    negotiated: Negotiated,
    isBodyRead: boolean,
  ): Promise<void> {
    const { context } = ctx.state;
    const problem = toProblem(contract, error, ctx.path, context.id);
    const body = codecs[negotiated.problem].writer(contract.problem)(problem);
    context.codec = negotiated.problem;
    const headers: Headers = ["Content-Type", negotiated.problemType, "Cache-Control", "no-store"];
    if (negotiated.problem === "protobuf") headers.push("X-Protobuf-Message", contract.problem.fullName.slice(1));
    for (const [name, value] of Object.entries(error.more.headers ?? {})) headers.push(name, value);
    if (problem.retry_after_seconds > 0) headers.push("Retry-After", String(problem.retry_after_seconds));
    const coding = chooseCoding(ctx.req.headers["accept-encoding"], body.length);
    if (coding) headers.push("Content-Encoding", coding);
    answer(ctx, problem.status, headers, coding ? await compress(body, coding) : body, isBodyRead);
  }

  return {
    async write(ctx, error, negotiated, isBodyRead) {
      ctx.state.context.reason = error.reason;
      try {
        await tryToWrite(ctx, error, negotiated, isBodyRead);
      } catch {
        const headers = ["Content-Type", "application/problem+json", "Cache-Control", "no-store"];
        answer(ctx, 500, headers, lastResort, isBodyRead);
      }
    },
    json(ctx, error) {
      ctx.state.context.reason = error.reason;
      return codecs.json.writer(contract.problem)(toProblem(contract, error, ctx.path, ctx.state.context.id));
    },
  };
}

/** The problem of an error. */
export function toProblem(contract: Contract, error: ApiError, instance: string, requestId: string): Problem {
  const meaning = contract.reasons.get(error.reason);
  const status = meaning?.status ?? 500;
  return {
    type: problemType(error.reason),
    title: meaning?.title ?? STATUS_CODES[status] ?? "",
    status,
    detail: error.detail,
    instance,
    code: meaning?.code ?? "INTERNAL",
    reason: error.reason,
    request_id: requestId,
    violations: [...(error.more.violations ?? [])],
    supported: [...(error.more.supported ?? [])],
    retry_after_seconds: error.more.retryAfterSeconds ?? 0,
    ...(error.more.oauth && { error: error.more.oauth.error, error_description: error.more.oauth.description }),
    ...(error.more.mfaChallenge !== undefined && { mfa_challenge: error.more.mfaChallenge }),
  };
}
