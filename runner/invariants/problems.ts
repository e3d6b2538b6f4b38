// What every error says: a Problem (RFC 9457) that means what the contract says its reason means, and the headers that
// belong to its status. It tells no secrets.
import type { Descriptors, ReasonMeaning } from "../client/descriptors.js";
import type { Plain } from "../client/encoding.js";
import type { DeclaredReasons } from "./openapi.js";
import { show } from "./headers.js";
import { leakIn } from "./disclosure.js";
import type { Sighting, Tell } from "./exchange-facts.js";
import { allowLaw } from "./successes.js";
import { violationLaws, type Violation } from "./problem-violations.js";

/** Holds errors to their laws, and remembers the `type` of each reason: it is stable. */
export function problemLaws(
  { reasons }: Descriptors,
  declared: DeclaredReasons | undefined,
): (seen: Sighting, tell: Tell) => void {
  const types = new Map<string, string>();
  return (seen, tell) => {
    if (!seen.isProblem) return;
    statusLaws(seen, tell);
    const problem = seen.message;
    if (!problem) return;
    bodyLaws(seen, problem, tell);
    violationLaws(seen.answer.status, (problem["violations"] ?? []) as Violation[], tell);
    if (seen.isHeadRefused) return;
    const reason = String(problem["reason"]);
    meaningLaws(problem, reasons.get(reason), reasons.size > 0, tell);
    const { rpc } = seen;
    if (rpc && !rpc.reasons.includes(reason) && declared?.(rpc, seen.answer.status)?.has(reason) === false)
      tell(`${rpc.name} does not declare ${reason}, nor does the OpenAPI document for ${seen.answer.status}`);
    typeLaw(types, reason, problem["type"], tell);
  };
}

/** The headers that a status brings with it. */
function statusLaws(seen: Sighting, tell: Tell): void {
  const { answer, verb, place, rpc, dueType } = seen;
  const { status, headers } = answer;
  if (status >= 500 && status !== 503) tell(`The server failed: ${status}`);
  if (status === 401 && !/^[A-Za-z][\w-]*( |$)/.test(headers["www-authenticate"] ?? ""))
    tell(`401 has no challenge in WWW-Authenticate: ${show(headers["www-authenticate"])}`);
  if (status === 405) allowLaw(seen, tell);
  if (place && !rpc && ![400, 405, 431].includes(status) && status < 500)
    tell(`${verb} is no method of this path, and the answer is ${status} and not 405`);
  if (status === 405 && rpc) tell(`405 for ${rpc.verb} ${rpc.path}, which is ${rpc.name}`);
  if (status === 406 && dueType && !dueType.isUnacceptable) tell(`406, where Accept leaves ${dueType.success}`);
  const seconds = headers["retry-after"];
  if (status === 429 || status === 503) {
    if (!/^[1-9]\d*$/.test(seconds ?? "")) tell(`${status} has no seconds in Retry-After: ${show(seconds)}`);
  } else if (seconds !== undefined) tell(`${status} has a Retry-After: ${seconds}`);
}

/** What the body repeats of the answer and of the request, and the fields that belong to one status alone. */
function bodyLaws(seen: Sighting, problem: Plain, tell: Tell): void {
  const { answer, request, path, sent } = seen;
  const { status, headers } = answer;
  if (problem["status"] !== status)
    tell(`The Problem says status ${String(problem["status"])}, and HTTP says ${status}`);
  if (problem["request_id"] !== headers["x-request-id"])
    tell(
      `The Problem says request_id ${show(text(problem["request_id"]))}, and X-Request-Id is ${show(headers["x-request-id"])}`,
    );
  if (problem["instance"] !== path && isPath.test(path) && !seen.isHeadRefused)
    tell(`The Problem says instance ${show(text(problem["instance"]))}, and the request's path is ${path}`);
  const seconds = String(problem["retry_after_seconds"] ?? 0);
  if (seconds !== (headers["retry-after"] ?? "0"))
    tell(`The Problem says retry_after_seconds ${seconds}, and Retry-After is ${show(headers["retry-after"])}`);
  const supported = (problem["supported"] ?? []) as string[];
  const isOfTypes = status === 406 || status === 415;
  if (isOfTypes !== supported.length > 0)
    tell(
      isOfTypes
        ? `${status} names nothing that is supported`
        : `${status} names what is supported: ${supported.join(", ")}`,
    );
  if (status === 415) codingLaw(supported, headers["accept-encoding"], sent["content-encoding"], tell);
  if (!problem["detail"]) tell("The Problem has no detail");
  const said = [problem["detail"], ...((problem["violations"] ?? []) as Violation[]).map(({ message }) => message)];
  const leak = leakIn(said.join("\n"));
  if (leak !== undefined && !`${request.path}\n${String(request.body ?? "")}`.includes(leak))
    tell(`The Problem tells what is the server's own affair: ${leak}`);
}

/** A path as RFC 3986 has it; what a server makes of another is its own affair. */
const isPath = /^\/[\x21\x22\x24-\x7e]*$/;

/** 415 for a content coding names in Accept-Encoding the ones that are read; for a media type it has none. */
function codingLaw(
  supported: readonly string[],
  accepted: string | undefined,
  coding: string | undefined,
  tell: Tell,
): void {
  const codings = supported.filter((name) => !name.includes("/"));
  if (codings.length > 0 && codings.join(", ") !== accepted)
    tell(`415 supports ${codings.join(", ")}, and Accept-Encoding is ${show(accepted)}`);
  if (accepted !== undefined && coding === undefined)
    tell(`415 has an Accept-Encoding, and the request has no content coding: ${accepted}`);
}

function meaningLaws(problem: Plain, meaning: ReasonMeaning | undefined, isKnown: boolean, tell: Tell): void {
  if (!isKnown) return;
  if (!meaning)
    return tell(`The Problem has a reason that the contract does not know: ${show(text(problem["reason"]))}`);
  for (const field of ["code", "status", "title"] as const) {
    if (problem[field] !== meaning[field])
      tell(`${meaning.reason} has the ${field} ${meaning[field]}, and the Problem says ${show(text(problem[field]))}`);
  }
}

function typeLaw(types: Map<string, string>, reason: string, type: unknown, tell: Tell): void {
  if (typeof type !== "string" || !/^[\w:/?#@!$&'()*+,;=.~%-]+$/.test(type) || type === "about:blank")
    return tell(`The Problem's type is not the URI of a reason: ${show(text(type))}`);
  const known = types.get(reason) ?? type;
  if (known !== type) tell(`The type of ${reason} is ${type}, and it was ${known} before`);
  types.set(reason, known);
}

function text(value: unknown): string | undefined {
  return value === undefined ? undefined : String(value);
}
