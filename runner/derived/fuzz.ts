// Messages that are made up: valid ones, and ones that nearly are. Whatever is sent, the server does not fail, says the same
// in every serialization, and gives back what it stored.
import fc from "fast-check";
import { BrokenPromise, type Check } from "../check.js";
import type { Called } from "../client/client.js";
import type { Rpc } from "../client/descriptors.js";
import type { CodecName, Plain } from "../client/encoding.js";
import { makeReady, type Ready } from "./example-request.js";
import type { Lane } from "../cases/worker.js";
import { differences, show } from "../match.js";
import { isSendable } from "../client/query.js";
import { rulesOf } from "../client/rules.js";
import { changed, changes, type Change } from "../values/changes.js";
import type { Derivation } from "./derivation.js";

export interface FuzzOptions {
  /** How many messages, over all methods. */
  readonly runs: number;
  readonly seed: number;
}

/** One check for each method, with its share of the messages. */
export function fuzzChecks(derivation: Derivation, { runs, seed }: FuzzOptions): Check<Lane>[] {
  const methods = [...derivation.descriptors.rpcs.values()].filter(({ request }) => request.fields.length > 0);
  const share = Math.ceil(runs / methods.length);
  if (runs === 0) return [];
  return methods.map((rpc, at) => ({
    path: ["every method", rpc.name, `${share} made-up messages`],
    tags: ["fuzz"],
    codec: "",
    run: (lane: Lane) => fuzz(derivation, rpc, lane, { numRuns: share, seed: (seed + at * 7919) | 0 }),
  }));
}

async function fuzz(
  derivation: Derivation,
  rpc: Rpc,
  lane: Lane,
  parameters: fc.Parameters<[Change[]]>,
): Promise<void> {
  let told = 0;
  const property = fc.asyncProperty(changes(derivation.descriptors, rpc.request), async (made) => {
    await tryOut(derivation, rpc, lane, made);
    if (++told % 100 === 0) lane.site.progress?.(`${rpc.name}: ${told} of ${parameters.numRuns} made-up messages`);
  });
  const result = await fc.check(property, { ...parameters, interruptAfterTimeLimit: 30 * 60_000 });
  if (!result.failed) return;
  const [shrunk] = result.counterexample ?? [];
  const why = result.errorInstance instanceof Error ? result.errorInstance.message : String(result.errorInstance);
  throw new BrokenPromise(
    [
      why,
      `with these changes of a good request: ${show(shrunk)}`,
      `after ${result.numRuns} messages, shrunk ${result.numShrinks} times`,
    ].join("\n  "),
  );
}

async function tryOut(derivation: Derivation, rpc: Rpc, lane: Lane, made: readonly Change[]): Promise<void> {
  if (rpc.verb === "GET") return askAlike(derivation, rpc, lane, made);
  let first: { codec: CodecName; said: unknown } | undefined;
  for (const [at, codec] of derivation.codecs.entries()) {
    const ready = await makeReady(lane, derivation.exemplars.get(rpc.name)!, codec);
    const request = altered(derivation, ready, made);
    const answer = await ready.send({}, request);
    const said = ready.said(answer);
    if (first) refuse(`other answers in ${codec} than in ${first.codec}:`, differences(said, first.said, true), answer);
    first ??= { codec, said };
    if (answer.status >= 300) continue;
    refuse("what was sent is not what came back:", echoFaults(derivation, rpc, request, answer), answer);
    const next = derivation.codecs[(at + 1) % derivation.codecs.length]!;
    refuse(
      "what was stored is not what was answered:",
      await storedFaults(derivation, ready, request, answer, next),
      answer,
    );
  }
}

/** What changes nothing can be asked again: the same question, in each serialization, to the same things. */
async function askAlike(derivation: Derivation, rpc: Rpc, lane: Lane, made: readonly Change[]): Promise<void> {
  const [usual, ...others] = derivation.codecs;
  const ready = await makeReady(lane, derivation.exemplars.get(rpc.name)!, usual!);
  const request = altered(derivation, ready, made);
  if (!isSendable(rpc, request)) return;
  const ask = (codec: CodecName): Promise<Called> => ready.send({ pair: { request: codec, response: codec } }, request);
  for (const codec of others) {
    for (let tries = 0; tries < 5; tries++) {
      const [before, answer, after] = [await ask(usual!), await ask(codec), await ask(usual!)];
      // Others are at work on the same server: what is told of them may change while it is asked for.
      if (differences(ready.said(after), ready.said(before), true).length > 0) continue;
      const faults = differences(ready.said(answer), ready.said(before), true);
      refuse(`other answers in ${codec} than in ${usual}:`, faults, answer);
      break;
    }
  }
}

function refuse(what: string, faults: readonly string[], { curl }: Called): void {
  if (faults.length > 0) throw new BrokenPromise([what, ...faults, curl].join("\n  "));
}

/**
 * A good request with changes, such that what came before does not show in the answer. Ids that were made up are moved to
 * where nothing is; an address, or what tries are counted on, is that of this play alone.
 */
function altered({ descriptors }: Derivation, { rpc, request: base, unique }: Ready, made: readonly Change[]): Plain {
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
    // Only in front of what an address may begin with: what is none stays none.
    else if (rulesOf(descriptors, field).of["email"] === true)
      request[name] = value.replace(/(?<=^\s*)(?=[a-z0-9])/i, `${unique}.`);
  }
  return request;
}

function far(value: unknown): unknown {
  return typeof value === "number" && value > 0 && value < 2 ** 40 ? value + 2 ** 52 : value;
}

/** A field that request and answer share says in the answer what it said in the request. */
function echoFaults({ descriptors }: Derivation, rpc: Rpc, request: Plain, answer: Called): string[] {
  return rpc.request.fields.flatMap((field) => {
    const twin = rpc.response.fields.find(({ name }) => name === field.name);
    const sent = request[field.name];
    if (!twin || twin.fieldKind !== "scalar" || field.fieldKind !== "scalar" || sent === undefined) return [];
    const rules = rulesOf(descriptors, field);
    const plain = typeof sent === "string" && rules.isTrimmed ? sent.trim() : sent;
    const fold = (value: unknown): unknown =>
      typeof value === "string" && rules.of["email"] === true ? value.toLowerCase() : value;
    return differences(fold(answer.body[field.name]), fold(plain), true, `${field.name} in the answer`);
  });
}

/** What was answered is what is read back, in another serialization. */
async function storedFaults(
  derivation: Derivation,
  ready: Ready,
  request: Plain,
  answer: Called,
  codec: CodecName,
): Promise<string[]> {
  const { rpc, client, token } = ready;
  if (!rpc.hasBody) return [];
  const path = answer.headers["location"] ?? client.path(rpc, request);
  for (const reader of derivation.descriptors.rpcs.values()) {
    const values = reader.verb === "GET" ? valuesOf(reader, path) : undefined;
    const holder = reader.response.fields.find(
      (field) => field.fieldKind === "message" && field.message === rpc.response,
    );
    if (token === undefined && !reader.isPublic) continue;
    if (!values || (reader.response !== rpc.response && !holder)) continue;
    const read = await client.call(reader.name, values, { pair: { request: codec, response: codec }, token });
    if (read.status !== 200) return [`${path} answers ${read.status} to whom has just made it`];
    const stored = reader.response === rpc.response ? read.body : read.body[holder!.name];
    return differences(stored, answer.body, true, "read back");
  }
  return [];
}

/** The fields that a path gives a method; undefined when it is not of its form. */
function valuesOf({ path: template, pathFields }: Rpc, path: string): Plain | undefined {
  const pattern = new RegExp(`^${template.replace(/\{\w+\}/g, "(\\d+)")}$`);
  const match = pattern.exec(path);
  return match ? Object.fromEntries(pathFields.map((name, at) => [name, Number(match[at + 1])])) : undefined;
}
