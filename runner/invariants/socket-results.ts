// Invariants of the result of a call over a socket: what HTTP has in its status and its headers, it has in its fields.
import type { SocketResult } from "../client/client.js";
import type { Descriptors } from "../client/descriptors.js";
import { show, valueAt } from "../match.js";
import { disclosureIn } from "./disclosure.js";
import type { Report } from "./exchange-facts.js";
import type { DeclaredReasons } from "./openapi.js";
import { checkViolations, type Violation } from "./problem-violations.js";
import { checkReason } from "./problems.js";

/** Checks results of calls. */
export function socketResultCheck(
  { reasons }: Descriptors,
  declared: DeclaredReasons | undefined,
): (result: SocketResult, report: Report) => void {
  function checkProblem(
    { rpc, request, status, message = {}, location, etag, isReplayed }: SocketResult,
    report: Report,
  ): void {
    const reason = String(message["reason"]);
    if (location !== "" || etag !== "" || isReplayed)
      report(`An error has a location, an etag or is_replayed: ${JSON.stringify({ location, etag, isReplayed })}`);
    if (status >= 500 && ![503, 507].includes(status)) report(`The server failed: ${status}`);
    if (message["status"] !== status)
      report(`The Problem has status ${show(message["status"])}, and the result ${status}`);
    if (!message["detail"]) report("The Problem has no detail");
    if (!message["request_id"]) report("The Problem has no request_id");
    checkReason(message, reasons.get(reason), reasons.size > 0, report);
    if (!rpc.reasons.includes(reason) && declared?.(rpc, status)?.has(reason) === false)
      report(`${rpc.name} does not declare ${reason}, nor does the OpenAPI document for ${status}`);
    const violations = (message["violations"] ?? []) as Violation[];
    const isOwn = violations.length === 0 && (rpc.reasons.includes(reason) || reason === "IDEMPOTENCY_KEY_REUSED");
    checkViolations(isOwn ? 0 : status, violations, report);
    const said = [message["detail"], ...violations.map((violation) => violation.message)].join("\n");
    const disclosure = disclosureIn(said);
    if (disclosure !== undefined && !JSON.stringify(request).includes(disclosure))
      report(`The Problem discloses internals of the server: ${disclosure}`);
    const isWaiting = status === 429 || status === 503;
    const seconds = Number(message["retry_after_seconds"] ?? 0);
    if (isWaiting !== seconds > 0 && status !== 409) report(`${status} has retry_after_seconds ${seconds}`);
  }

  function checkSuccess({ rpc, request, status, message, location, etag }: SocketResult, report: Report): void {
    if (status !== rpc.success) report(`${rpc.name} answers ${status}, where its success is ${rpc.success}`);
    if ((message !== undefined) !== (rpc.success !== 204))
      report(`${rpc.name} has ${message ? "a response" : "no response"}, and status ${status}`);
    const due = rpc.created?.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
      encodeURIComponent(String(message?.[name] ?? request[name])),
    );
    if (location !== (due ?? "")) report(`The location is ${show(location)}, where ${show(due ?? "")} is due`);
    const version = rpc.etag ? valueAt(message, rpc.etag) : undefined;
    const named = /^"(\d+)\.[\w-]+"$/.exec(etag)?.[1];
    if (version === undefined ? etag !== "" : named !== String(version))
      report(`The etag is ${show(etag)}, where ${rpc.etag || "no version"} is ${show(version)}`);
  }

  return (result, report) => (result.status >= 400 ? checkProblem(result, report) : checkSuccess(result, report));
}
