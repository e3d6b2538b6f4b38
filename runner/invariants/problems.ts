// Invariants of every error: a Problem (RFC 9457) with the declared meaning of its reason, the headers of its status, and no
// disclosure of internals.
import type { Descriptors, ReasonMeaning, Rpc } from "../client/descriptors.js";
import type { Plain } from "../client/encoding.js";
import type { DeclaredReasons } from "./openapi.js";
import { show } from "./headers.js";
import { disclosureIn } from "./disclosure.js";
import type { ExchangeFacts, Report } from "./exchange-facts.js";
import { checkAllow } from "./successes.js";
import { checkViolations, type Violation } from "./problem-violations.js";

/** Checks errors, and that the `type` of each reason stays the same. */
export function problemCheck(
  { reasons }: Descriptors,
  declared: DeclaredReasons | undefined,
): (facts: ExchangeFacts, report: Report) => void {
  const types = new Map<string, string>();
  return (facts, report) => {
    if (!facts.isProblem) return;
    checkStatus(facts, report);
    const problem = facts.message;
    if (!problem) return;
    checkBody(facts, problem, report);
    const violations = (problem["violations"] ?? []) as Violation[];
    // A form of OAuth has no other status for broken rules.
    const isOfRules = facts.rpc?.isForm && facts.answer.status === 400 && violations.some(({ rule }) => rule !== "");
    // Of a key that was used before, no field is at fault.
    const isOfKey = problem["reason"] === "IDEMPOTENCY_KEY_REUSED" && facts.sent["idempotency-key"] !== undefined;
    // Nor where the method itself declares why: its body is no message, such as a picture that cannot be read.
    const isOwn = violations.length === 0 && (facts.rpc?.reasons.includes(String(problem["reason"])) ?? false);
    checkViolations(isOfKey || isOwn ? 0 : isOfRules ? 422 : facts.answer.status, violations, report);
    if (facts.isHeadRefused) return;
    const reason = String(problem["reason"]);
    checkReason(problem, reasons.get(reason), reasons.size > 0, report);
    const { rpc } = facts;
    if (rpc && !rpc.reasons.includes(reason) && declared?.(rpc, facts.answer.status)?.has(reason) === false)
      report(`${rpc.name} does not declare ${reason}, nor does the OpenAPI document for ${facts.answer.status}`);
    checkType(types, reason, problem["type"], report);
  };
}

/** Checks the headers that belong to a status. */
function checkStatus(facts: ExchangeFacts, report: Report): void {
  const { answer, verb, place, rpc, expectedType } = facts;
  const { status, headers } = answer;
  if (status >= 500 && ![503, 507].includes(status)) report(`The server failed: ${status}`);
  if (status === 401 && !/^[A-Za-z][\w-]*( |$)/.test(headers["www-authenticate"] ?? ""))
    report(`401 has no challenge in WWW-Authenticate: ${show(headers["www-authenticate"])}`);
  if (status === 401 && rpc) checkChallenge(facts, rpc, report);
  if (status === 405) checkAllow(facts, report);
  if (place && !rpc && ![400, 405, 431].includes(status) && status < 500)
    report(`${verb} is no method of this path, and the answer is ${status} and not 405`);
  if (status === 405 && rpc) report(`405 for ${rpc.verb} ${rpc.path}, which is ${rpc.name}`);
  // The media types of an answer that is no message are not known here.
  if (status === 406 && expectedType && !expectedType.isUnacceptable && !rpc?.produces.length)
    report(`406, where Accept allows ${expectedType.success}`);
  const seconds = headers["retry-after"];
  if (status === 429 || status === 503) {
    if (!/^[1-9]\d*$/.test(seconds ?? "")) report(`${status} has no seconds in Retry-After: ${show(seconds)}`);
  } else if (status === 409) {
    // Of a conflict with a request that is not answered yet.
    if (seconds !== undefined && !/^[1-9]\d*$/.test(seconds))
      report(`409 has a Retry-After that is no seconds: ${show(seconds)}`);
  } else if (seconds !== undefined) report(`${status} has a Retry-After: ${seconds}`);
}

/**
 * RFC 6750, section 3.1: a refused token is named as the error, and without credentials there is none to name. A 401 whose reason the
 * method declares itself is about something else in the request, such as a password.
 */
function checkChallenge({ answer, sent, message }: ExchangeFacts, rpc: Rpc, report: Report): void {
  const challenge = answer.headers["www-authenticate"] ?? "";
  if (rpc.isPublic || !/^Bearer\b/.test(challenge)) return;
  const authorization = sent["authorization"] ?? sent["x-api-key"];
  const error = /\berror="([^"]*)"/.exec(challenge)?.[1];
  if (authorization === undefined && error !== undefined)
    report(`Without credentials, WWW-Authenticate has an error: ${challenge}`);
  if (rpc.reasons.includes(String(message?.["reason"]))) {
    if (error !== undefined) report(`No token was refused, and WWW-Authenticate has an error: ${challenge}`);
  } else if (/^bearer \S/i.test(authorization ?? "") && error !== "invalid_token")
    report(`A token was refused, and WWW-Authenticate does not say so with error="invalid_token": ${challenge}`);
}

/** Checks the parts of the body that repeat the response or the request, and the fields that belong to one status. */
function checkBody(facts: ExchangeFacts, problem: Plain, report: Report): void {
  const { answer, request, path, sent } = facts;
  const { status, headers } = answer;
  if (problem["status"] !== status)
    report(`The Problem has status ${String(problem["status"])}, and the response ${status}`);
  if (problem["request_id"] !== headers["x-request-id"])
    report(
      `The Problem has request_id ${show(text(problem["request_id"]))}, and X-Request-Id is ${show(headers["x-request-id"])}`,
    );
  if (problem["instance"] !== path && isPath.test(path) && !facts.isHeadRefused)
    report(`The Problem has instance ${show(text(problem["instance"]))}, and the request's path is ${path}`);
  const seconds = String(problem["retry_after_seconds"] ?? 0);
  if (seconds !== (headers["retry-after"] ?? "0"))
    report(`The Problem has retry_after_seconds ${seconds}, and Retry-After is ${show(headers["retry-after"])}`);
  const supported = (problem["supported"] ?? []) as string[];
  const isOfTypes = status === 406 || status === 415;
  if (isOfTypes !== supported.length > 0)
    report(isOfTypes ? `${status} has no supported types` : `${status} has supported types: ${supported.join(", ")}`);
  if (status === 415) checkSupportedCodings(supported, headers["accept-encoding"], sent["content-encoding"], report);
  if (!problem["detail"]) report("The Problem has no detail");
  const said = [problem["detail"], ...((problem["violations"] ?? []) as Violation[]).map(({ message }) => message)];
  const disclosure = disclosureIn(said.join("\n"));
  if (disclosure !== undefined && !`${request.path}\n${String(request.body ?? "")}`.includes(disclosure))
    report(`The Problem discloses internals of the server: ${disclosure}`);
}

/** A path of RFC 3986; the form in which a server repeats another path is undefined. */
const isPath = /^\/[\x21\x22\x24-\x7e]*$/;

/** 415 for a content coding lists the supported ones in Accept-Encoding; for a media type there is no such header. */
function checkSupportedCodings(
  supported: readonly string[],
  accepted: string | undefined,
  coding: string | undefined,
  report: Report,
): void {
  const codings = supported.filter((name) => !name.includes("/"));
  if (codings.length > 0 && codings.join(", ") !== accepted)
    report(`415 supports ${codings.join(", ")}, and Accept-Encoding is ${show(accepted)}`);
  if (accepted !== undefined && coding === undefined)
    report(`415 has an Accept-Encoding, and the request has no content coding: ${accepted}`);
}

/** Checks that the code, the status and the title are those of the reason. */
export function checkReason(
  problem: Plain,
  meaning: ReasonMeaning | undefined,
  isKnown: boolean,
  report: Report,
): void {
  if (!isKnown) return;
  if (!meaning) return report(`The Problem has a reason that is not in the contract: ${show(text(problem["reason"]))}`);
  for (const field of ["code", "status", "title"] as const) {
    if (problem[field] !== meaning[field])
      report(`${meaning.reason} has the ${field} ${meaning[field]}, and the Problem ${show(text(problem[field]))}`);
  }
}

function checkType(types: Map<string, string>, reason: string, type: unknown, report: Report): void {
  if (typeof type !== "string" || !/^[\w:/?#@!$&'()*+,;=.~%-]+$/.test(type) || type === "about:blank")
    return report(`The Problem's type is not the URI of a reason: ${show(text(type))}`);
  const known = types.get(reason) ?? type;
  if (known !== type) report(`The type of ${reason} is ${type}, and it was ${known} before`);
  types.set(reason, known);
}

function text(value: unknown): string | undefined {
  return value === undefined ? undefined : String(value);
}
