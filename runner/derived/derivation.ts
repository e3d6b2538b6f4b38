// What checks are derived from, and how a derived check collects its faults.
import { Blocked, BrokenPromise, type Check, Skipped } from "../check.js";
import { pairsOfRow, type Pairs } from "../cases/codec-plan.js";
import type { Worker } from "../cases/worker.js";
import type { Answer, Called } from "../client/client.js";
import type { Descriptors, Rpc } from "../client/descriptors.js";
import type { CodecName } from "../client/encoding.js";
import { prepareRequest, problemLine, type ExampleRequest, type PreparedRequest } from "./example-request.js";
import type { Suite } from "../suite.js";
import type { Found, ReusableRequest } from "./reusable-request.js";

export interface Derivation {
  readonly descriptors: Descriptors;
  readonly suite: Suite;
  readonly codecs: readonly CodecName[];
  readonly pairs: Pairs;
  readonly examples: ReadonlyMap<string, ExampleRequest>;
}

/** The checks that can be derived for a method. */
export type Derive = (derivation: Derivation, rpc: Rpc) => Check<Worker>[];

/**
 * The serializations for a check whose subject is the same in all of them, such as credentials or verbs, or that takes long, such as every encoding of a body: all, or with
 * `--pairs three` one, rotated over the methods, so that over the methods each serialization occurs.
 */
export function rotatedCodecs({ codecs, pairs, descriptors }: Derivation, rpc: Rpc): readonly CodecName[] {
  if (pairs === "all") return codecs;
  const number = [...descriptors.rpcs.keys()].indexOf(rpc.name);
  return [codecs[number % codecs.length]!];
}

/** One serialization for a check that takes long, and whose subject is the same in all: rotated over methods, and over `turn`. */
export function rotatedCodec({ codecs, descriptors }: Derivation, rpc: Rpc, turn = 0): CodecName {
  return codecs[([...descriptors.rpcs.keys()].indexOf(rpc.name) + turn) % codecs.length]!;
}

/** Pairs of serializations for a check of two requests: all, or with `--pairs three` a row of a Latin square. */
export function rotatedPairs(derivation: Derivation, rpc: Rpc): readonly (readonly [CodecName, CodecName])[] {
  const { codecs, pairs, descriptors } = derivation;
  if (pairs === "all") return codecs.flatMap((codec) => codecs.map((other) => [codec, other] as const));
  const number = [...descriptors.rpcs.keys()].indexOf(rpc.name);
  return pairsOfRow(codecs, number).map(({ request, response }) => [request, response] as const);
}

/** The expected refusal of a request. */
export interface Expected {
  readonly status: number;
  readonly reason: string;
}

/** Collects faults, so that one check can report all of them. */
export class Findings {
  private readonly found: string[] = [];

  /** Adds faults; `what` describes the request. */
  add(what: string, faults: readonly string[], curl = ""): void {
    if (faults.length === 0) return;
    this.found.push([`${what}: ${faults.join("; ")}`, ...(curl ? [`  ${curl}`] : [])].join("\n  "));
  }

  /** Adds a fault unless the answer is the expected refusal. */
  refused(what: string, { status, body, curl }: Answer, expected: Expected): void {
    const isAsExpected = status === expected.status && body["reason"] === expected.reason;
    const got = status < 400 ? String(status) : `${status} ${problemLine(body)}`;
    this.add(what, isAsExpected ? [] : [`expected ${expected.status} ${expected.reason}, got ${got}`], curl);
  }

  /** Adds a fault unless the answer is a success. */
  succeeded(what: string, prepared: PreparedRequest, answer: Called): void {
    this.add(what, prepared.faultsOfSuccess(answer), answer.curl);
  }

  /** Runs a part of a check on a reusable request. */
  async using(
    what: string,
    reusable: ReusableRequest,
    part: (prepared: PreparedRequest) => Promise<Found>,
  ): Promise<void> {
    await this.during(what, async () => {
      const { faults, curl } = await reusable.use(part);
      this.add(what, faults, curl);
    });
  }

  /** Runs a part of a check; an error that it throws is a fault. */
  async during(what: string, part: () => Promise<void>): Promise<void> {
    try {
      await part();
    } catch (error) {
      if (!(error instanceof Error) || error instanceof Skipped || error instanceof Blocked) throw error;
      const curl = "curl" in error ? String(error.curl) : "";
      this.add(what, [error.message], curl);
    }
  }

  /** Throws BrokenPromise when there is any fault. */
  settle(): void {
    const { found } = this;
    const most = 10;
    const more = found.length > most ? [`and ${found.length - most} more of this kind`] : [];
    if (found.length > 0) throw new BrokenPromise([...found.slice(0, most), ...more].join("\n  "));
  }
}

/** A derived check. `run` collects faults; `fresh` prepares a new example request. */
export function derived(
  derivation: Derivation,
  rpc: Rpc,
  tag: string,
  sentence: string,
  codec: CodecName | "",
  run: (findings: Findings, fresh: (codec?: CodecName) => Promise<PreparedRequest>, worker: Worker) => Promise<void>,
): Check<Worker> {
  const example = derivation.examples.get(rpc.name)!;
  return {
    path: ["every method", rpc.name, sentence],
    tags: ["derived", tag],
    codec,
    async run(worker) {
      const findings = new Findings();
      const fresh = (other?: CodecName): Promise<PreparedRequest> =>
        prepareRequest(worker, example, other ?? (codec || derivation.codecs[0]!));
      await run(findings, fresh, worker);
      findings.settle();
    },
  };
}

/** The refusal of a request that cannot be decoded. */
export const malformed: Expected = { status: 400, reason: "MALFORMED_REQUEST" };
/** The refusal of a body that exceeds the limit. */
export const tooLarge: Expected = { status: 413, reason: "BODY_TOO_LARGE" };

/** The largest body of a method, in bytes. */
export function limitOf({ suite }: Derivation, rpc: Rpc): number {
  return rpc.maxBody ?? (rpc.isStreamedUpload ? suite.uploadLimit : undefined) ?? suite.bodyLimit;
}
