// What the edges of a rule are made of, and the form in which they are proposed.
import type { Rules } from "../client/rules.js";
import type { Named } from "./forms.js";
import type { Slot } from "./field-type.js";

/** Values for one side of a rule. Of each group the first that fits is taken. */
export interface Groups {
  readonly inside: readonly Iterable<Named>[];
  readonly outside: readonly Iterable<Named>[];
}

/** What edges are made of. */
export interface Material {
  readonly slot: Slot;
  readonly rules: Rules;
  /** A valid value, which others may be made like. */
  readonly like: unknown;
  /** A valid value that stands in for what cannot be had just inside of a rule; where values are unique, one for each salt. */
  spare(salt: string): unknown;
  /** The rules that a value breaks where it is to stand. */
  broken(value: unknown): readonly string[];
  /** Woven into what looks unique. */
  readonly unique: string;
}
