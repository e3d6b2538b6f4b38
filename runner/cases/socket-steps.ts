// Which steps of a case can go over a web socket: those that are messages alone. All others go over HTTP.
import { stepsOf, type Case, type CaseFile, type Step } from "./case.js";
import type { Descriptors, Rpc } from "../client/descriptors.js";
import { isCallable } from "../client/socket/socket-client.js";
import type { SocketNames } from "../client/socket/socket-names.js";

const idempotencyKey = "idempotency-key";
const ifMatch = "if-match";
/** Headers of an answer that the result of a call has too. */
const answered = new Set(["etag", "location", "idempotency-replayed"]);

/** A contract whose methods can be called over sockets. */
export interface SocketContract {
  readonly descriptors: Pick<Descriptors, "rpcs">;
  readonly names: Pick<SocketNames, "closedTo">;
}

/** Whether a step is a call of an actor that has nothing of HTTP in it. */
export function isForSocket(rpc: Rpc, step: Step, { closedTo = [] }: SocketContract["names"]): boolean {
  if (!isCallable(rpc) || step.as === undefined || closedTo.includes(step.as) || step.token !== undefined) return false;
  if (step.path !== undefined || step.query !== undefined) return false;
  // The instance of a Problem is the path of its request.
  if ("instance" in { ...step.with, ...step.exactly }) return false;
  const captured = Object.values(step.capture ?? {}).filter((path) => path.startsWith("@"));
  return (
    namesOf(step.headers).every((name) => [idempotencyKey, ifMatch].includes(name)) &&
    namesOf(step.answerHeaders).every((name) => answered.has(name)) &&
    captured.every((path) => answered.has(path.slice(1)))
  );
}

/** The two headers that a call has as fields; of one that is there twice, the last counts. */
export function fieldsOfHeaders(headers: Readonly<Record<string, string>> = {}): {
  readonly idempotencyKey?: string | undefined;
  readonly ifMatch?: string | undefined;
} {
  const valueOf = (name: string): string | undefined =>
    Object.entries(headers).findLast(([header]) => header.toLowerCase() === name)?.[1];
  return { idempotencyKey: valueOf(idempotencyKey), ifMatch: valueOf(ifMatch) };
}

/** Whether a step of a case goes over a socket, or one before it. */
export function hasSocketSteps(
  { descriptors, names }: SocketContract,
  file: CaseFile,
  method: string,
  tested: Case,
): boolean {
  const steps = [...(file.given ?? []), ...(tested.given ?? []), ...stepsOf(tested)];
  return steps
    .flatMap((step) => ("together" in step ? step.together : "mailTo" in step ? [] : [step]))
    .some((step) => {
      const rpc = descriptors.rpcs.get(step.call ?? method);
      return rpc !== undefined && isForSocket(rpc, step, names) && !hasTagOfHttp(step, file, tested);
    });
}

/** Whether a step captures a tag for If-None-Match, which compares the bytes of an answer of HTTP. */
export function hasTagOfHttp(step: Step, file: Pick<CaseFile, "given">, tested: Case): boolean {
  const takesTag = Object.values(step.capture ?? {}).includes("@etag");
  return takesTag && /if-none-match/i.test(JSON.stringify([file.given, tested]));
}

/** The names of headers, in lower case. */
export function namesOf(headers: object | undefined): string[] {
  return Object.keys(headers ?? {}).map((name) => name.toLowerCase());
}
