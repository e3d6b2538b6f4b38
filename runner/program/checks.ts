// All checks of a contract: its cases, and what can be derived from the contract alone.
import { caseChecks } from "../cases/case-checks.js";
import { fileURLToPath } from "node:url";
import { BrokenPromise, type Check } from "../check.js";
import type { Descriptors } from "../client/descriptors.js";
import { accessChecks } from "../derived/access/access.js";
import { bodyChecks } from "../derived/bodies.js";
import { conditionChecks } from "../derived/conditions/condition-checks.js";
import { contentChecks } from "../derived/contents/contents.js";
import { formChecks } from "../derived/forms.js";
import { compressionChecks } from "../derived/compression.js";
import type { Derivation, Derive } from "../derived/derivation.js";
import { fuzzChecks } from "../derived/fuzz.js";
import { keyChecks } from "../derived/keys.js";
import { hiddenChecks } from "../derived/access/hidden.js";
import { scopeChecks } from "../derived/access/scopes.js";
import { limitChecks } from "../derived/limits.js";
import { listChecks } from "../derived/lists/list-checks.js";
import { negotiationChecks } from "../derived/negotiation.js";
import { absentBodyChecks } from "../derived/requests/absent-bodies.js";
import { expectationChecks } from "../derived/requests/expectations.js";
import { idempotencyChecks } from "../derived/requests/idempotency.js";
import { pathFieldChecks } from "../derived/requests/path-fields.js";
import { requestIdChecks } from "../derived/requests/request-ids.js";
import { textChecks } from "../derived/requests/texts.js";
import { preconditionChecks } from "../derived/preconditions.js";
import { ruleChecks } from "../derived/rules.js";
import { typeChecks } from "../derived/wrong-types.js";
import { verbChecks } from "../derived/verbs.js";
import { documentChecks } from "./documents.js";
import type { CodecName } from "../client/encoding.js";
import { hasFrames } from "../client/socket/socket-frames.js";
import { examplesOf } from "../derived/example-request.js";
import { checkGolden } from "../golden/check-golden.js";
import type { Pairs } from "../cases/codec-plan.js";
import type { Worker } from "../cases/worker.js";
import type { Suite } from "../suite.js";

export interface Choice {
  readonly codec: readonly CodecName[];
  /** Which pairs of serializations are tried. */
  readonly pairs: Pairs;
  /** The number of generated messages. */
  readonly runs: number;
  readonly seed: number;
  /** Whether cases are played over web sockets too. */
  readonly socket: boolean;
}

const derivations: readonly Derive[] = [
  accessChecks,
  scopeChecks,
  ruleChecks,
  keyChecks,
  typeChecks,
  verbChecks,
  negotiationChecks,
  bodyChecks,
  absentBodyChecks,
  limitChecks,
  preconditionChecks,
  idempotencyChecks,
  conditionChecks,
  compressionChecks,
  contentChecks,
  formChecks,
  expectationChecks,
  pathFieldChecks,
  textChecks,
  requestIdChecks,
  listChecks,
  hiddenChecks,
];

/** The checks of a suite, in the order in which they begin. No request is sent before a check runs. */
export function checksOf(suite: Suite, descriptors: Descriptors, choice: Choice): Check<Worker>[] {
  const { codec: codecs, pairs } = choice;
  const names = choice.socket ? suite.socket : undefined;
  const overSocket = names && hasFrames(descriptors, names) ? { descriptors, names } : undefined;
  const derivation: Derivation = { descriptors, suite, codecs, pairs, examples: examplesOf(descriptors, suite) };
  return [
    ...documentChecks(suite, descriptors),
    ...goldenChecks(suite, descriptors),
    ...caseChecks(suite.files, { codecs, pairs, overSocket }),
    ...[...descriptors.rpcs.values()].flatMap((rpc) => derivations.flatMap((derive) => derive(derivation, rpc))),
    ...fuzzChecks(derivation, choice),
  ];
}

/** The requests and responses of released clients are still read and written. */
function goldenChecks({ golden, clients }: Suite, descriptors: Descriptors): Check<Worker>[] {
  return [
    {
      path: ["the contract", "is compatible with released clients"],
      tags: ["golden"],
      codec: "",
      async run() {
        const found = checkGolden(descriptors, fileURLToPath(golden), clients);
        if (found.length > 0) throw new BrokenPromise(found.map(({ sentence }) => sentence).join("\n  "));
      },
    },
  ];
}
