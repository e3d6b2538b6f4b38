// Generated messages, valid and nearly valid: the server never fails, answers the same in each serialization, and returns
// what it stored.
import fc from "fast-check";
import { Blocked, BrokenPromise, type Check, Skipped } from "../check.js";
import type { Called } from "../client/client.js";
import type { Rpc } from "../client/descriptors.js";
import type { CodecName, Plain } from "../client/encoding.js";
import { prepareRequest, type PreparedRequest } from "./example-request.js";
import { steady } from "../cases/trace.js";
import type { Worker } from "../cases/worker.js";
import { differences, show, valueAt } from "../match.js";
import { isSendable } from "../client/query.js";
import { rulesOf } from "../client/rules.js";
import { changed, changes, type Change } from "../values/changes.js";
import { hasPresence } from "../values/field-type.js";
import type { Derivation } from "./derivation.js";
import { readBack } from "./requests/read-back.js";

export interface FuzzOptions {
  /** The number of messages, over all methods. */
  readonly runs: number;
  readonly seed: number;
}

/** One check for each method, with its share of the messages. */
export function fuzzChecks(derivation: Derivation, { runs, seed }: FuzzOptions): Check<Worker>[] {
  const methods = [...derivation.descriptors.rpcs.values()].filter(
    // Made-up bytes are refused by every method that knows what it takes.
    ({ request, bodyField, isForm }) => request.fields.length > 0 && bodyField === undefined && !isForm,
  );
  const share = Math.ceil(runs / methods.length);
  if (runs === 0) return [];
  return methods.map((rpc, at) => ({
    path: ["every method", rpc.name, `${share} generated messages`],
    tags: ["fuzz"],
    codec: "",
    run: (worker: Worker) => fuzz(derivation, rpc, worker, { numRuns: share, seed: (seed + at * 7919) | 0 }),
  }));
}

async function fuzz(
  derivation: Derivation,
  rpc: Rpc,
  worker: Worker,
  parameters: fc.Parameters<[Change[]]>,
): Promise<void> {
  let count = 0;
  const property = fc.asyncProperty(changes(derivation.descriptors, rpc.request), async (made) => {
    await tryMessage(derivation, rpc, worker, made);
    if (++count % 100 === 0)
      worker.target.progress?.(`${rpc.name}: ${count} of ${parameters.numRuns} generated messages`);
  });
  const result = await fc.check(property, { ...parameters, interruptAfterTimeLimit: 30 * 60_000 });
  if (!result.failed) return;
  const [shrunk] = result.counterexample ?? [];
  // It is no fault of a message.
  if (result.errorInstance instanceof Blocked || result.errorInstance instanceof Skipped) throw result.errorInstance;
  const why = result.errorInstance instanceof Error ? result.errorInstance.message : String(result.errorInstance);
  throw new BrokenPromise(
    [
      why,
      `with these changes of the example request: ${show(shrunk)}`,
      `after ${result.numRuns} messages, shrunk ${result.numShrinks} times`,
    ].join("\n  "),
  );
}

async function tryMessage(derivation: Derivation, rpc: Rpc, worker: Worker, made: readonly Change[]): Promise<void> {
  if (rpc.verb === "GET") return tryRepeatedly(derivation, rpc, worker, made);
  let first: { codec: CodecName; comparable: unknown } | undefined;
  for (const [at, codec] of derivation.codecs.entries()) {
    const prepared = await prepareRequest(worker, derivation.examples.get(rpc.name)!, codec);
    const request = altered(derivation, prepared, made);
    const answer = await prepared.send({}, request);
    const comparable = prepared.comparable(answer);
    if (first)
      reject(
        `the answer in ${codec} differs from the one in ${first.codec}:`,
        differences(comparable, first.comparable, true),
        answer,
      );
    first ??= { codec, comparable };
    if (answer.status >= 300) continue;
    reject("the answer does not repeat the request:", echoFaults(derivation, rpc, request, answer), answer);
    const next = derivation.codecs[(at + 1) % derivation.codecs.length]!;
    reject(
      "what is read back differs from the answer:",
      await storedFaults(derivation, prepared, answer, next),
      answer,
    );
  }
}

/** A request without side effects is sent repeatedly: the same request, in each serialization. */
async function tryRepeatedly(derivation: Derivation, rpc: Rpc, worker: Worker, made: readonly Change[]): Promise<void> {
  const [usual, ...others] = derivation.codecs;
  const prepared = await prepareRequest(worker, derivation.examples.get(rpc.name)!, usual!);
  const request = altered(derivation, prepared, made);
  if (!isSendable(rpc, request)) return;
  const send = (codec: CodecName): Promise<Called> =>
    prepared.send({ pair: { request: codec, response: codec } }, request);
  for (const codec of others) {
    for (let tries = 0; tries < 5; tries++) {
      const [before, answer, after] = [await send(usual!), await send(codec), await send(usual!)];
      // Others use the same server: an answer that changes in between proves nothing.
      if (differences(prepared.comparable(after), prepared.comparable(before), true).length > 0) continue;
      const faults = differences(prepared.comparable(answer), prepared.comparable(before), true);
      reject(`the answer in ${codec} differs from the one in ${usual}:`, faults, answer);
      break;
    }
  }
}

function reject(what: string, faults: readonly string[], { curl }: Called): void {
  if (faults.length > 0) throw new BrokenPromise([what, ...faults, curl].join("\n  "));
}

/**
 * An example request with changes, independent of earlier requests. Generated ids are moved to values far from any
 * assigned one; a generated address, the field that failed attempts are counted on, or what one person alone can have, is made unique.
 */
function altered(
  { descriptors, suite }: Derivation,
  { rpc, request: base, unique }: PreparedRequest,
  made: readonly Change[],
): Plain {
  const request = changed(base, made);
  for (const { name } of rpc.request.fields) {
    const value = request[name];
    if (value !== undefined && value !== base[name] && /(^|_)ids?$/.test(name))
      request[name] = Array.isArray(value) ? value.map(far) : far(value);
  }
  for (const field of rpc.request.fields) {
    const { name } = field;
    const value = request[name];
    if (typeof value !== "string" || value === base[name]) continue;
    if (name === rpc.guarded) request[name] = value.replace(/(?<=^\s*)(?=\S)/, `${unique}.`);
    // Only in front of a character that an address may begin with: an invalid address stays invalid.
    else if (rulesOf(descriptors, field).of["email"] === true)
      request[name] = value.replace(/(?<=^\s*)(?=[a-z0-9])/i, `${unique}.`);
  }
  const claims = (suite.enrolment.claimed ?? []).flatMap((claimed): Change[] => {
    // Of a method alone: the value of its example is taken by the first message.
    const isOfMethod = claimed.startsWith(`${rpc.name}.`);
    const path = isOfMethod ? claimed.slice(rpc.name.length + 1) : claimed;
    const value = valueAt(request, path);
    if (typeof value !== "string" || value === "") return [];
    return isOfMethod || value !== valueAt(base, path) ? [{ path: path.split("."), value: value + unique }] : [];
  });
  return changed(request, claims);
}

function far(value: unknown): unknown {
  return typeof value === "number" && value > 0 && value < 2 ** 40 ? value + 2 ** 52 : value;
}

/**
 * The faults of fields that request and answer share: they must be equal, unless they are new in every answer. What is absent in the
 * answer was cleared by an empty text or 0.
 */
function echoFaults({ descriptors, suite }: Derivation, rpc: Rpc, request: Plain, answer: Called): string[] {
  return rpc.request.fields.flatMap((field) => {
    const twin = rpc.response.fields.find(({ name }) => name === field.name);
    const sent = request[field.name];
    if (!twin || twin.fieldKind !== "scalar" || field.fieldKind !== "scalar" || sent === undefined) return [];
    if (suite.enrolment.volatile.includes(field.name)) return [];
    const rules = rulesOf(descriptors, field);
    const plain = typeof sent === "string" && rules.isTrimmed ? sent.trim() : sent;
    // Of an address, and of digits in base 16, the case says nothing.
    const isFolded = rules.of["email"] === true || String(rules.of["pattern"] ?? "").includes("A-Fa-f");
    const fold = (value: unknown): unknown => (typeof value === "string" && isFolded ? value.toLowerCase() : value);
    if (hasPresence(twin) && answer.body[field.name] === undefined && (plain === "" || plain === 0)) return [];
    return differences(fold(answer.body[field.name]), fold(plain), true, `${field.name} in the answer`);
  });
}

/** The faults of what is read back, in another serialization: it must equal the answer. */
async function storedFaults(
  { descriptors, suite }: Derivation,
  prepared: PreparedRequest,
  answer: Called,
  codec: CodecName,
): Promise<string[]> {
  const read = prepared.rpc.hasBody ? await readBack(descriptors, prepared, answer, codec) : undefined;
  // A secret that is shown once is new in every answer that has it.
  const kept = (body: Plain): unknown => steady(body, suite.enrolment.volatile);
  return read ? differences(kept(read.body), kept(answer.body), true, "read back") : [];
}
