// An example request of a method that succeeds, with its actor and the steps before it, taken from the cases. For a
// method without a case, one is made from the rules of the contract.
import { stepsOf, type Case, type CaseFile, type Step } from "../cases/case.js";
import { requireActors } from "../cases/case-checks.js";
import { Skipped } from "../check.js";
import { withoutPath, type Called, type CallOptions, type Client } from "../client/client.js";
import type { Descriptors, Rpc } from "../client/descriptors.js";
import { contentOf } from "../client/http-body.js";
import type { CodecName, Plain } from "../client/encoding.js";
import type { Worker } from "../cases/worker.js";
import { fixedPair } from "../cases/codec-plan.js";
import { prepareCase } from "../cases/run-case.js";
import type { Suite } from "../suite.js";
import { comparable, type Noise } from "../cases/trace.js";
import { validValue } from "../values/valid.js";

/** The place of an example request in the cases. */
export interface ExampleRequest {
  readonly rpc: Rpc;
  readonly file: CaseFile;
  readonly method: string;
  readonly tested: Case;
  /** The number of the step in the case. */
  readonly at: number;
  readonly step: Step;
  /** Whether a case promises success; a request that is made from the rules is only known to be valid. */
  readonly isFromCase: boolean;
}

/** The example request of each method. */
export function examplesOf(descriptors: Descriptors, suite: Suite): ReadonlyMap<string, ExampleRequest> {
  const found = new Map<string, ExampleRequest>();
  for (const file of suite.files) {
    for (const [method, cases] of Object.entries(file.cases)) {
      for (const tested of Object.values(cases)) {
        for (const [at, step] of stepsOf(tested).entries()) {
          if ("together" in step || "mailTo" in step || tested.server !== undefined) continue;
          const rpc = descriptors.rpcs.get(step.call ?? method);
          if (!rpc || !isPlain(step, rpc)) continue;
          const one: ExampleRequest = { rpc, file, method, tested, at, step, isFromCase: true };
          // A case of the method itself is simpler than a case that calls the method on the way.
          const rank = (example: ExampleRequest): number =>
            Number(suite.enrolment.appointed.includes(example.step.as ?? "")) * 8 +
            Number(example.method !== rpc.name) * 4 +
            Number(example.tested.noisy ?? false) * 2 +
            Number(example.at > 0);
          const before = found.get(rpc.name);
          if (!before || rank(one) < rank(before)) found.set(rpc.name, one);
        }
      }
    }
  }
  for (const rpc of descriptors.rpcs.values())
    if (!found.has(rpc.name)) found.set(rpc.name, fromRules(descriptors, suite, rpc));
  return found;
}

function isPlain(step: Step, rpc: Rpc): boolean {
  const { path, query, headers, times, turns, violates, answers } = step;
  const special = [path, query, headers, times, turns, violates].some((one) => one !== undefined);
  return !special && (answers ?? 200) === rpc.success;
}

function fromRules(descriptors: Descriptors, suite: Suite, rpc: Rpc): ExampleRequest {
  const actor = suite.enrolment.ranks?.find(({ access }) => access === rpc.access)?.actor;
  const step: Step = {
    ...(actor !== undefined && !rpc.isPublic && { as: actor }),
    send: validValue(descriptors, rpc.request),
  };
  const file: CaseFile = { subject: rpc.name, actors: actor === undefined ? [] : [actor], cases: {} };
  // Noisy: no case promises that the answer is independent of others on the server.
  return { rpc, file, method: rpc.name, tested: { ...step, noisy: true }, at: 0, step, isFromCase: false };
}

/** A request that is ready to be sent, with or without changes. */
export class PreparedRequest {
  constructor(
    readonly example: ExampleRequest,
    readonly client: Client,
    readonly codec: CodecName,
    readonly request: Plain,
    readonly token: string | undefined,
    /** A text that is unique to this request. */
    readonly unique: string,
    private readonly noise: Noise,
  ) {}

  get rpc(): Rpc {
    return this.example.rpc;
  }

  /** The message of its body. */
  get body(): Plain {
    return withoutPath(this.rpc, this.request);
  }

  /** Whether its body has no bytes, so that there is nothing to wait for. */
  get isBodyEmpty(): boolean {
    const upload = contentOf(this.rpc, this.request);
    if (upload) return upload.data.length === 0;
    return this.rpc.hasBody && this.client.body(this.rpc, this.request, this.codec).length === 0;
  }

  /** Sends it, or `request` instead. */
  send(options: Partial<CallOptions> = {}, request = this.request): Promise<Called> {
    const pair = { request: this.codec, response: this.codec };
    return this.client.call(this.rpc.name, request, { pair, token: this.token, ...options });
  }

  /** An answer in a form that can be compared with the answer to another request of this example. */
  comparable({ status, body }: Called): unknown {
    const isNoisy = this.example.tested.noisy === true && status < 300;
    return comparable([{ place: "", method: this.rpc.name, status, body: isNoisy ? "<noisy>" : body }], this.noise);
  }

  /** The faults of an answer that must be a success. */
  faultsOfSuccess({ status, body }: Called): string[] {
    const { isFromCase } = this.example;
    const isGood = isFromCase ? status === this.rpc.success : ![400, 406, 415, 422].includes(status) && status < 500;
    return isGood
      ? []
      : [`expected ${isFromCase ? this.rpc.success : "no refusal"}, got ${status} ${problemLine(body)}`];
  }
}

/** Runs the steps before an example request. Rejects with Skipped when its actors cannot be enrolled here. */
export async function prepareRequest(
  worker: Worker,
  example: ExampleRequest,
  codec: CodecName,
): Promise<PreparedRequest> {
  const { rpc, file, method, tested, at, step, isFromCase } = example;
  // A request that is made from the rules may name things of others.
  if (!isFromCase && rpc.verb !== "GET" && !worker.target.isThrowaway)
    throw new Skipped("it has no case; with --throwaway a request is made from the rules");
  const actors = await worker.actors(file);
  requireActors(actors, file, tested);
  const codecPlan = fixedPair({ request: codec, response: codec });
  const { stepRunner, noise, unique } = await prepareCase(actors, file, method, tested, codecPlan);
  for (const before of stepsOf(tested).slice(0, at)) await stepRunner.run(before, "before");
  const { send, token } = stepRunner.prepare(step);
  return new PreparedRequest(example, actors.client, codec, send, token, unique, noise);
}

/** The reason, the detail and the violations of a Problem in one line. */
export function problemLine(body: Plain): string {
  const violations = (body["violations"] ?? []) as { field: string; rule: string }[];
  const list = violations.map(({ field, rule }) => `${field} ${rule}`.trim()).join(", ");
  return [body["reason"], body["detail"], list && `(${list})`].filter(Boolean).join(" ");
}
