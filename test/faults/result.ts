// The result of one fault: what was counted, and which promises were broken.
import type { Audit } from "./audit.js";
import type { Fault, Measures } from "./kinds/fault.js";
import type { Attempt } from "./ledger.js";

/** How long a refusal may take, in milliseconds. */
const refusedWithinMs = 3_000;
/** How soon after a fault a request succeeds at each server, in milliseconds. */
const servedWithinMs = 3_000;
/** The most resident memory of a server whose clients read nothing, relative to before. */
const mostMemory = 3;
/** A database or a server that cannot answer for now; a disk that is full; too many tries. */
const refusals: ReadonlySet<number> = new Set([503, 507, 429]);

export interface Result {
  readonly kind: string;
  readonly acknowledged: number;
  readonly lost: number;
  readonly doubled: number;
  readonly wrong: number;
  readonly refused: number;
  /** In milliseconds; 0 without a refusal. */
  readonly slowestMs: number;
  /** Answers of another status than those of refusals, by status. */
  readonly others: ReadonlyMap<number, number>;
  readonly cut: number;
  readonly firstSuccessMs: number;
  readonly measures: Measures;
  /** A sentence for each promise that was broken. */
  readonly broken: readonly string[];
  readonly skipped?: string;
}

export interface Seen {
  readonly acknowledged: number;
  readonly attempts: readonly Attempt[];
  readonly audit: Audit;
  readonly firstSuccessMs: number;
  readonly measures: Measures;
  /** Servers that have ended by themselves, and whatever else went wrong. */
  readonly trouble: readonly string[];
}

/** Judges what was seen during a fault. */
export function judge(fault: Fault, seen: Seen): Result {
  const { attempts, audit, firstSuccessMs, measures } = seen;
  const refused = attempts.filter(({ status }) => refusals.has(Number(status)));
  const slowestMs = Math.max(0, ...refused.map(({ ms }) => ms));
  const others = new Map<number, number>();
  for (const { status, isGood } of attempts)
    if (typeof status === "number" && !isGood && !refusals.has(status))
      others.set(status, (others.get(status) ?? 0) + 1);
  const cut = attempts.filter(({ status }) => status === "cut").length;
  const result = {
    kind: fault.kind,
    acknowledged: seen.acknowledged,
    lost: audit.lost.length,
    doubled: audit.doubled.length,
    wrong: audit.wrong.length,
    refused: refused.length,
    slowestMs,
    others,
    cut,
    firstSuccessMs,
    measures,
  };
  return {
    ...result,
    broken: [...brokenPromises(fault, seen.audit, result), ...brokenMeasures(measures), ...seen.trouble],
  };
}

function brokenPromises(
  { stallMs = 0, isCutting = false, isFelt = false, isHarmless = false }: Fault,
  { lost, doubled, wrong }: Audit,
  { refused, slowestMs, others, cut, firstSuccessMs }: Omit<Result, "broken">,
): string[] {
  const promises: readonly (readonly [isKept: boolean, broken: string])[] = [
    [lost.length === 0, `lost: ${some(lost)}`],
    [doubled.length === 0, `doubled: ${some(doubled)}`],
    [wrong.length === 0, `wrong: ${some(wrong)}`],
    [
      others.size === 0,
      `other statuses: ${[...others].map(([status, count]) => `${status} (${count} times)`).join(", ")}`,
    ],
    [slowestMs <= refusedWithinMs + stallMs, `late refusal: after ${Math.round(slowestMs)} ms`],
    [isCutting || cut === 0, `no answer: ${cut} requests lost their connection`],
    [!isFelt || refused > 0, "no fault: nothing was refused"],
    [!isHarmless || refused === 0, `harm: ${refused} requests of others were refused`],
    [firstSuccessMs <= servedWithinMs, `late success: ${Math.round(firstSuccessMs)} ms after the fault`],
  ];
  return promises.filter(([isKept]) => !isKept).map(([, broken]) => broken);
}

function brokenMeasures(measures: Measures): string[] {
  const { loginsTried = 0, loginsThrough = 0, endedServed = 0, stopsFailed = 0, othersRefused = 0 } = measures;
  const { memoryRatio = 0, endedAsked } = measures;
  const promises: readonly (readonly [isKept: boolean, broken: string])[] = [
    [loginsThrough === loginsTried, `logins: ${loginsThrough} of ${loginsTried} honest ones came through`],
    [endedServed === 0, `ended session: ${endedServed} requests were served`],
    [endedAsked !== 0, "ended session: the server was not asked"],
    [stopsFailed === 0, `stop: ${stopsFailed} requests had no answer or a refusal`],
    [othersRefused === 0, `others: ${othersRefused} of their requests were refused`],
    [memoryRatio <= mostMemory, `memory: ${memoryRatio.toFixed(1)} times that of before`],
  ];
  return promises.filter(([isKept]) => !isKept).map(([, broken]) => broken);
}

function some(sentences: readonly string[]): string {
  const more = sentences.length > 3 ? `, and ${sentences.length - 3} more` : "";
  return sentences.slice(0, 3).join("; ") + more;
}
