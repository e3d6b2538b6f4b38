// A good request of a method, taken from its cases: whom it is sent by, what must have happened before. Where there is no
// case yet, one is made from the rules of the contract alone.
import type { Case, CaseFile, Step } from "../cases/case.js";
import { requireActors } from "../cases/case-checks.js";
import { Skipped } from "../check.js";
import type { Called, CallOptions, Client } from "../client/client.js";
import type { Descriptors, Rpc } from "../client/descriptors.js";
import type { CodecName, Plain } from "../client/encoding.js";
import type { Lane } from "../cases/worker.js";
import { steadily } from "../cases/codec-plan.js";
import { openStage, stepsOf } from "../cases/run-case.js";
import type { Suite } from "../suite.js";
import { comparable, type Noise } from "../cases/trace.js";
import { validValue } from "../values/valid.js";

/** Where a good request stands. */
export interface Exemplar {
  readonly rpc: Rpc;
  readonly file: CaseFile;
  readonly method: string;
  readonly played: Case;
  /** Which step of the case it is. */
  readonly at: number;
  readonly step: Step;
  /** Whether a case says that it succeeds; else it is only known to keep the rules. */
  readonly isProven: boolean;
}

/** The exemplar of each method. */
export function exemplarsOf(descriptors: Descriptors, suite: Suite): ReadonlyMap<string, Exemplar> {
  const found = new Map<string, Exemplar>();
  for (const file of suite.files) {
    for (const [method, cases] of Object.entries(file.cases)) {
      for (const played of Object.values(cases)) {
        for (const [at, step] of stepsOf(played).entries()) {
          if ("together" in step || played.server !== undefined) continue;
          const rpc = descriptors.rpcs.get(step.call ?? method);
          if (!rpc || !isPlain(step, rpc)) continue;
          const one: Exemplar = { rpc, file, method, played, at, step, isProven: true };
          // A case of the method itself says it more plainly than one in which it is called in passing.
          const rank = (exemplar: Exemplar): number =>
            Number(suite.enrolment.appointed.includes(exemplar.step.as ?? "")) * 8 +
            Number(exemplar.method !== rpc.name) * 4 +
            Number(exemplar.played.noisy ?? false) * 2 +
            Number(exemplar.at > 0);
          const before = found.get(rpc.name);
          if (!before || rank(one) < rank(before)) found.set(rpc.name, one);
        }
      }
    }
  }
  for (const rpc of descriptors.rpcs.values())
    if (!found.has(rpc.name)) found.set(rpc.name, unproven(descriptors, suite, rpc));
  return found;
}

function isPlain(step: Step, rpc: Rpc): boolean {
  const { path, query, headers, times, turns, violates, answers } = step;
  const special = [path, query, headers, times, turns, violates].some((one) => one !== undefined);
  return !special && (answers ?? 200) === rpc.success;
}

function unproven(descriptors: Descriptors, suite: Suite, rpc: Rpc): Exemplar {
  const actor = suite.enrolment.ranks?.find(({ access }) => access === rpc.access)?.actor;
  const step: Step = {
    ...(actor !== undefined && !rpc.isPublic && { as: actor }),
    send: validValue(descriptors, rpc.request),
  };
  const file: CaseFile = { subject: rpc.name, actors: actor === undefined ? [] : [actor], cases: {} };
  // No case says that its answers are of its own things alone: others at work on the server may show in them.
  return { rpc, file, method: rpc.name, played: { ...step, noisy: true }, at: 0, step, isProven: false };
}

/** A request that is ready to be sent, and may be altered first. */
export class Ready {
  constructor(
    readonly exemplar: Exemplar,
    readonly client: Client,
    readonly codec: CodecName,
    readonly request: Plain,
    readonly token: string | undefined,
    /** A text that no other play has. */
    readonly unique: string,
    private readonly noise: Noise,
  ) {}

  get rpc(): Rpc {
    return this.exemplar.rpc;
  }

  /** Sends it; `request` stands in its place. */
  send(options: Partial<CallOptions> = {}, request = this.request): Promise<Called> {
    const pair = { request: this.codec, response: this.codec };
    return this.client.call(this.rpc.name, request, { pair, token: this.token, ...options });
  }

  /** What an answer says, in a form in which it can be compared with that of another play. */
  said({ status, body }: Called): unknown {
    const isNoisy = this.exemplar.played.noisy === true && status < 300;
    return comparable([{ place: "", method: this.rpc.name, status, body: isNoisy ? "<noisy>" : body }], this.noise);
  }

  /** What is wrong with an answer that is to be a success. */
  faultsOfSuccess({ status, body }: Called): string[] {
    const { isProven } = this.exemplar;
    const isGood = isProven ? status === this.rpc.success : ![400, 406, 415, 422].includes(status) && status < 500;
    return isGood ? [] : [`expected ${isProven ? this.rpc.success : "no refusal"}, got ${status} ${sayWhy(body)}`];
  }
}

/** Plays what must have happened before a method's exemplar. Rejects with Skipped when nobody here can play it. */
export async function makeReady(lane: Lane, exemplar: Exemplar, codec: CodecName): Promise<Ready> {
  const { rpc, file, method, played, at, step, isProven } = exemplar;
  // Made from the rules alone, it may name what is of others.
  if (!isProven && rpc.verb !== "GET" && !lane.site.isThrowaway)
    throw new Skipped("no case shows how it is called; --throwaway lets it be tried all the same");
  const cast = await lane.cast(file);
  requireActors(cast, file, played);
  const manner = steadily({ request: codec, response: codec });
  const { stage, noise, unique } = await openStage(cast, file, method, played, manner);
  for (const before of stepsOf(played).slice(0, at)) await stage.play(before, "before");
  const { send, token } = stage.prepare(step);
  return new Ready(exemplar, cast.client, codec, send, token, unique, noise);
}

/** What a Problem says, in a line. */
export function sayWhy(body: Plain): string {
  const violations = (body["violations"] ?? []) as { field: string; rule: string }[];
  const list = violations.map(({ field, rule }) => `${field} ${rule}`.trim()).join(", ");
  return [body["reason"], body["detail"], list && `(${list})`].filter(Boolean).join(" ");
}
