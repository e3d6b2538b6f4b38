// What checks are derived from, and how one that was derived speaks.
import { BrokenPromise, type Check } from "../check.js";
import type { Answer, Called } from "../client/client.js";
import type { Descriptors, Rpc } from "../client/descriptors.js";
import type { CodecName } from "../client/encoding.js";
import { makeReady, sayWhy, type Exemplar, type Ready } from "./example-request.js";
import type { Lane } from "../cases/worker.js";
import type { Suite } from "../suite.js";
import type { Found, Stock } from "./reusable-request.js";

export interface Derivation {
  readonly descriptors: Descriptors;
  readonly suite: Suite;
  readonly codecs: readonly CodecName[];
  readonly exemplars: ReadonlyMap<string, Exemplar>;
}

/** The checks that follow for a method from the contract. */
export type Derive = (derivation: Derivation, rpc: Rpc) => Check<Lane>[];

/** What a request must be answered with. */
export interface Expected {
  readonly status: number;
  readonly reason: string;
}

/** Gathers what is wrong, so that one check can say all of it. */
export class Findings {
  private readonly found: string[] = [];

  /** `what` was tried says the line before what is wrong. */
  add(what: string, faults: readonly string[], curl = ""): void {
    if (faults.length === 0) return;
    this.found.push([`${what}: ${faults.join("; ")}`, ...(curl ? [`  ${curl}`] : [])].join("\n  "));
  }

  /** Holds an answer against a refusal. */
  refused(what: string, { status, body, curl }: Answer, expected: Expected): void {
    const isAsExpected = status === expected.status && body["reason"] === expected.reason;
    const got = status < 400 ? String(status) : `${status} ${sayWhy(body)}`;
    this.add(what, isAsExpected ? [] : [`expected ${expected.status} ${expected.reason}, got ${got}`], curl);
  }

  /** Holds an answer against success. */
  succeeded(what: string, ready: Ready, answer: Called): void {
    this.add(what, ready.faultsOfSuccess(answer), answer.curl);
  }

  /** Plays a part on an exemplar of a stock. */
  async trying(what: string, stock: Stock, part: (ready: Ready) => Promise<Found>): Promise<void> {
    await this.during(what, async () => {
      const { faults, curl } = await stock.play(part);
      this.add(what, faults, curl);
    });
  }

  /** Plays a part; what it throws is something that was found. */
  async during(what: string, part: () => Promise<void>): Promise<void> {
    try {
      await part();
    } catch (error) {
      if (!(error instanceof Error) || error.name === "Skipped") throw error;
      const curl = "curl" in error ? String(error.curl) : "";
      this.add(what, [error.message], curl);
    }
  }

  /** Throws BrokenPromise when anything was found. */
  settle(): void {
    const { found } = this;
    const most = 10;
    const more = found.length > most ? [`and ${found.length - most} more of this kind`] : [];
    if (found.length > 0) throw new BrokenPromise([...found.slice(0, most), ...more].join("\n  "));
  }
}

/** A derived check. `play` gathers what it finds; it is given a way to get a fresh exemplar ready. */
export function derived(
  derivation: Derivation,
  rpc: Rpc,
  tag: string,
  sentence: string,
  codec: CodecName | "",
  play: (findings: Findings, fresh: (codec?: CodecName) => Promise<Ready>, lane: Lane) => Promise<void>,
): Check<Lane> {
  const exemplar = derivation.exemplars.get(rpc.name)!;
  return {
    path: ["every method", rpc.name, sentence],
    tags: ["derived", tag],
    codec,
    async run(lane) {
      const findings = new Findings();
      await play(findings, (other) => makeReady(lane, exemplar, other ?? (codec || derivation.codecs[0]!)), lane);
      findings.settle();
    },
  };
}

/** The refusal of what cannot be read. */
export const malformed: Expected = { status: 400, reason: "MALFORMED_REQUEST" };
/** The refusal of what is longer than is read. */
export const tooLarge: Expected = { status: 413, reason: "BODY_TOO_LARGE" };

/** The largest body in bytes that a method reads. */
export function limitOf({ suite }: Derivation, rpc: Rpc): number {
  return rpc.maxBody ?? suite.bodyLimit;
}
