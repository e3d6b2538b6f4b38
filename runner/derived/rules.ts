// Every rule of every field, violated alone just outside its bound, and satisfied just inside.
import type { Called } from "../client/client.js";
import type { Rpc } from "../client/descriptors.js";
import type { Plain } from "../client/encoding.js";
import { differences } from "../match.js";
import { isSendable } from "../client/query.js";
import { probedFields, probes, type Probe } from "../values/probes.js";
import { derived, type Derive, type Findings } from "./derivation.js";

export const ruleChecks: Derive = (derivation, rpc) => {
  const { descriptors, codecs, pairs } = derivation;
  const fields = new Set(probedFields(descriptors, rpc.request));
  // A body that is no message is checked as such.
  if (rpc.bodyField !== undefined) fields.delete(rpc.bodyField);
  return [...fields].map((field) =>
    derived(derivation, rpc, "rules", `the rules of ${field}`, "", async (findings, fresh, worker) => {
      const problems = new Map<string, unknown>();
      for (const [turn, codec] of codecs.entries()) {
        let prepared = await fresh(codec);
        const of = (request: Plain): Probe[] =>
          probes(descriptors, rpc.request, request, { unique: unique(), only: field });
        for (const [at, probe] of of(prepared.request).entries()) {
          if (!isSendable(rpc, probe.value)) continue;
          // The smallest id belongs to somebody, on a server that does not exist for this run alone.
          if (!worker.target.isThrowaway && probe.side === "inside" && /_ids?(\[|$)/.test(probe.field)) continue;
          // With `--pairs three` each valid value is sent in one serialization, and the next value in the next one.
          if (probe.side === "inside" && pairs === "three" && at % codecs.length !== turn) continue;
          const what = `${probe.field} ${probe.name}, in ${codec}`;
          await findings.during(what, async () => {
            if (probe.side === "inside") {
              prepared = await fresh(codec);
              const answer = await prepared.send({}, of(prepared.request)[at]!.value);
              findings.add(what, faultsInside(rpc, probe, answer), answer.curl);
            } else {
              const answer = await prepared.send({}, probe.value);
              faultsOutside(findings, what, answer, probe, refusalOf(rpc));
              if (answer.status !== refusalOf(rpc)) return;
              // A Problem is the same in every serialization, save for the path that it repeats.
              const problem = prepared.comparable({ ...answer, body: { ...answer.body, instance: "" } });
              const key = `${at} ${probe.name}`;
              if (problems.has(key)) findings.add(what, differences(problem, problems.get(key), true), answer.curl);
              else problems.set(key, problem);
            }
          });
        }
      }
    }),
  );
};

/** The status of a request that breaks a rule: OAuth has 400 for all that is wrong with a form. */
const refusalOf = ({ isForm }: Rpc): number => (isForm ? 400 : 422);

const unique = (): string => Math.random().toString(36).slice(2, 10);

/** A valid request may be refused by the domain, but not because of a rule; a form also because a grant needs another parameter. */
function faultsInside({ isForm }: Rpc, probe: Probe, { status, body }: Called): string[] {
  const isUnread = status === 422 || body["reason"] === "MALFORMED_REQUEST";
  const broken = (body["violations"] ?? []) as { field: string }[];
  const isOfOthers = isForm && broken.length > 0 && broken.every(({ field }) => field !== probe.field);
  const isRefused = status >= 500 || (isUnread && !isOfOthers);
  return isRefused
    ? [`expected no refusal, got ${status} ${JSON.stringify(body["violations"] ?? body["detail"])}`]
    : [];
}

function faultsOutside(
  findings: Findings,
  what: string,
  { status, body, curl }: Called,
  probe: Probe,
  refusal: number,
): void {
  const line = ({ field, rule }: { field: string; rule: string }): string => `${field} ${rule}`;
  const found = ((body["violations"] ?? []) as { field: string; rule: string }[]).map(line).sort();
  const expected = probe.violations.map(line).sort();
  findings.add(
    what,
    status === refusal ? [] : [`expected ${refusal}, got ${status} ${String(body["reason"] ?? "")}`.trim()],
    curl,
  );
  if (status === refusal) findings.add(what, differences(found, expected, true, "violations"), curl);
}
