// Plays faults, one after the other: load, fault, first success, calm, audit.
import { setTimeout as delay } from "node:timers/promises";
import { seeded } from "../support/numbers.js";
import { audit, type Audit } from "./audit.js";
import { type Control, controls } from "./controls.js";
import { faults } from "./kinds/kinds.js";
import type { Fault, Outcome, Play } from "./kinds/fault.js";
import { Ledger } from "./ledger.js";
import { Load } from "./load.js";
import type { Options } from "./options.js";
import { judge, type Result } from "./result.js";
import { Site } from "./site.js";

const nothingAudited: Audit = { lost: [], doubled: [], wrong: [] };

/** Plays what the options name; `tell` is called with each result. Closes all that it opens. */
export async function playFaults(
  options: Options,
  tell: (result: Result) => void = () => undefined,
): Promise<Result[]> {
  const control = controls.find(({ name }) => name === options.control);
  const random = seeded(options.seed);
  const ledger = new Ledger();
  const results: Result[] = [];
  const startedAt = performance.now();
  const site = await Site.open(control?.mutation);
  try {
    const load = await Load.make(site, ledger, options.writers, random);
    await control?.prepare?.(site);
    const hold = (ms: number, briefMs: number): Promise<void> => delay(options.isShort ? briefMs : ms);
    const play: Play = { site, load, random, hold };
    do {
      for (const fault of chosen(options, control)) {
        const result = await playFault(fault, play, ledger, control);
        results.push(result);
        tell(result);
        // What follows would be said of a server that is not there.
        if (site.crashed.length > 0) return results;
      }
    } while (performance.now() - startedAt < 1000 * options.seconds);
    return results;
  } finally {
    await site.close();
  }
}

function chosen({ kinds }: Options, control: Control | undefined): readonly Fault[] {
  const names = kinds.length > 0 ? kinds : control ? [control.kind] : faults.map(({ kind }) => kind);
  return faults.filter(({ kind }) => names.includes(kind));
}

async function playFault(fault: Fault, play: Play, ledger: Ledger, control: Control | undefined): Promise<Result> {
  const { site, load } = play;
  const before = ledger.sent.size;
  const trouble: string[] = [];
  let outcome: Outcome = { overAt: performance.now() };
  let audited = nothingAudited;
  let firstSuccessMs = Infinity;
  load.resume();
  try {
    await load.firstSuccess(performance.now());
    outcome = await fault.play(play);
    firstSuccessMs = await load.firstSuccess(outcome.overAt);
    await load.pause();
    control?.falsify?.(ledger);
    audited = await audit(site, load, ledger);
  } catch (error) {
    trouble.push(error instanceof Error ? error.message : String(error));
  }
  trouble.push(...site.crashed);
  const acknowledged = ledger.sent.size - before;
  const { measures = {}, skipped } = outcome;
  const seen = { acknowledged, attempts: ledger.takeAttempts(), audit: audited, firstSuccessMs, measures, trouble };
  return skipped === undefined ? judge(fault, seen) : { ...judge({ ...fault, isFelt: false }, seen), skipped };
}
