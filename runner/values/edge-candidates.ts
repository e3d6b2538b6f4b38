// Candidates for the edges of a rule, and what they are made from.
import type { Rules } from "../client/rules.js";
import type { Named } from "./forms.js";
import type { FieldType } from "./field-type.js";

/** Candidates for both sides of a rule. Of each group the first suitable value is taken. */
export interface Candidates {
  readonly inside: readonly Iterable<Named>[];
  readonly outside: readonly Iterable<Named>[];
}

/** What candidates are made from. */
export interface EdgeContext {
  readonly fieldType: FieldType;
  readonly rules: Rules;
  /** A valid value; candidates can be made similar to it. */
  readonly like: unknown;
  /** A valid value to use when no candidate inside a rule is suitable; where values must be unique, one for each salt. */
  spare(salt: string): unknown;
  /** The rules that a value breaks in its place. */
  broken(value: unknown): readonly string[];
  /** A part of values that must be unique. */
  readonly unique: string;
}
