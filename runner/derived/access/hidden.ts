// What somebody may not see does not exist for them: every method answers as for an id that nothing has.
import { requireActors } from "../../cases/case-checks.js";
import type { CaseFile, Step } from "../../cases/case.js";
import { fixedPair } from "../../cases/codec-plan.js";
import { prepareCase } from "../../cases/run-case.js";
import type { Worker } from "../../cases/worker.js";
import type { Check } from "../../check.js";
import type { Rpc } from "../../client/descriptors.js";
import type { CodecName, Plain } from "../../client/encoding.js";
import { differences } from "../../match.js";
import type { HiddenThings } from "../../suite.js";
import { validValue } from "../../values/valid.js";
import { derived, rotatedCodec, type Derivation, type Derive } from "../derivation.js";
import { problemLine } from "../example-request.js";

export const hiddenChecks: Derive = (derivation, rpc) =>
  (derivation.suite.hidden ?? [])
    .filter(({ things, missing }) => isOf(rpc, things) && missing[rpc.pathFields[0]!] !== undefined)
    .filter(({ access }) => access === undefined || access === rpc.access)
    .map((scene, at) => hiddenCheck(derivation, rpc, scene, rotatedCodec(derivation, rpc, at)));

function hiddenCheck(derivation: Derivation, rpc: Rpc, scene: HiddenThings, codec: CodecName): Check<Worker> {
  const { name, actors: names, given, from, things, missing, requests = {} } = scene;
  const sentence = `is hidden from ${name}`;
  return derived(derivation, rpc, "hidden", sentence, codec, async (findings, _, worker) => {
    const file: CaseFile = { subject: "hidden", actors: names, cases: {} };
    const actors = await worker.actors(file);
    const usual = requests[rpc.name] ?? validValue(derivation.descriptors, rpc.request);
    const path = Object.fromEntries(rpc.pathFields.map((field) => [field, things[field]]));
    const steps = from.flatMap((as): Step[] => [
      { as, send: { ...usual, ...path } },
      { as, send: { ...usual, ...path, ...pick(missing, rpc.pathFields) } },
    ]);
    requireActors(actors, file, { given, steps });
    const plan = fixedPair({ request: codec, response: codec });
    const { stepRunner } = await prepareCase(actors, file, rpc.name, { given, steps }, plan);
    // All refusals are the same, save for the id.
    let first: unknown;
    for (const step of steps) {
      const { send, token } = stepRunner.prepare(step);
      const answer = await actors.client.call(rpc.name, send, { pair: { request: codec, response: codec }, token });
      const { status, body, curl } = answer;
      const what = `${step.as} at ${actors.client.path(rpc, send)}`;
      if (status !== 404) {
        findings.add(what, [`expected 404, got ${status < 400 ? status : `${status} ${problemLine(body)}`}`], curl);
        continue;
      }
      const id = String(send[rpc.pathFields[0]!]);
      findings.add(what, differences(withoutId(body, id), (first ??= withoutId(body, id)), true), curl);
    }
  });
}

function isOf({ pathFields }: Rpc, things: Plain): boolean {
  return pathFields.length > 0 && pathFields.every((name) => name in things);
}

function pick(fields: Plain, names: readonly string[]): Plain {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => names.includes(name)));
}

/** A Problem without the id of the thing and of the request. */
function withoutId(problem: Plain, id: string): unknown {
  return JSON.parse(JSON.stringify({ ...problem, request_id: "" }).replaceAll(new RegExp(`\\b${id}\\b`, "g"), "#"));
}
