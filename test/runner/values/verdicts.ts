// The violations that two other validators find: the server's, and protovalidate.
import { fromJson, type JsonValue } from "@bufbuild/protobuf";
import type { Path } from "@bufbuild/protobuf/reflect";
import { createValidator } from "@bufbuild/protovalidate";
import { expect } from "chai";
import type { Descriptors } from "../../../runner/client/descriptors.js";
import type { Plain } from "../../../runner/client/encoding.js";
import { trimmer } from "../../../src/contract/validation/trim.js";
import { validator } from "../../../src/contract/validation/validate.js";
import { ApiError } from "../../../src/errors.js";
import { runnerType, serverType } from "./values-contract.js";

const oracle = createValidator();

/** Lines of field and rule, sorted. */
export function linesOf(violations: readonly { readonly field: string; readonly rule: string }[]): string[] {
  return violations.map(({ field, rule }) => `${field} ${rule}`).sort();
}

/** The violations that the server finds in decoded requests of that type: lines of field and rule. */
export function serverVerdict(name: string): (request: Plain) => string[] {
  const validate = validator(serverType(name));
  return (request) => {
    try {
      validate(request);
      return [];
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      expect(error.reason, error.detail).to.equal("INVALID_FIELDS");
      return linesOf(error.more.violations ?? []);
    }
  };
}

/** The violations that protovalidate finds in a trimmed message: lines of field and rule, by its own names. */
export function otherVerdict(descriptors: Descriptors, name: string, value: Plain): string[] {
  const { registry } = descriptors;
  const trimmed = structuredClone(value);
  trimmer(serverType(name))?.(trimmed);
  const type = runnerType(descriptors, name);
  const { kind, error, violations } = oracle.validate(type, fromJson(type, trimmed as JsonValue, { registry }));
  if (kind === "error") throw error;
  return (violations ?? []).map((violation) => `${pathOf(violation.field)} ${violation.ruleId}`);
}

/** A path with keys as JSON has them: libraries differ in what they escape. */
function pathOf(path: Path): string {
  return path
    .map((step) => {
      if (step.kind === "list_sub") return `[${step.index}]`;
      if (step.kind === "map_sub") return `[${typeof step.key === "string" ? JSON.stringify(step.key) : step.key}]`;
      return step.kind === "field" ? `.${step.name}` : `.(${step.kind})`;
    })
    .join("")
    .slice(1);
}

/**
 * Violations by names that both share: protovalidate has one name for a range with two ends, and another one for an empty
 * address. Without no_nul and the rules of texts, which it does not have, without addresses beyond ASCII, and without closed enums of kinds.proto, which declares none.
 */
export function alike(name: string, verdict: readonly string[], value: unknown): string[] {
  const unknown = name.includes(".kinds.")
    ? / (string\.no_nul|enum\.defined_only|text\.\w+)$/
    : / (string\.no_nul|text\.\w+)$/;
  const isAscii = /^[\0-\x7f]*$/.test(JSON.stringify(value));
  return verdict
    .filter((line) => !unknown.test(line) && (isAscii || !/ string\.email(_empty)?$/.test(line)))
    .map((line) => line.replace(/(int\d+|duration)\.(gte?|lte?)(_lte?)?$/, "$1.range").replace(/_empty$/, ""))
    .sort();
}
