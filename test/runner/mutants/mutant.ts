// A mutant: one line of the server's source is replaced while it starts. The runner must find it, and report the fault.
import type { CodecName } from "../../../runner/client/encoding.js";

export interface Mutant {
  /** The fault, for people. */
  readonly name: string;
  /** The module below src/, without its extension. */
  readonly file: string;
  /** A text that occurs exactly once in the module, both in TypeScript and compiled. */
  readonly find: string;
  readonly replace: string;
  /** Limits the checks, by tag and by a part of their names, to save time; all of them when absent. */
  readonly tag?: string;
  readonly grep?: string;
  /** The one serialization that has the fault: checks that are played in one by turns are then played in this one. */
  readonly codec?: CodecName;
  /** The expected report of the runner. */
  readonly reports: RegExp;
}

/**
 * Mutants in one server, which starts once for all of them: each is found by checks of its own, which none of the others
 * affects.
 */
export interface MutantGroup {
  readonly name: string;
  readonly mutants: readonly (Mutant & { readonly grep: string })[];
}
