// Cases as checks: one for each codec plan. The answers must be the same in all of them.
import { actorsOf, type Actors } from "./actors.js";
import type { Case, CaseFile } from "./case.js";
import { codecPlansOf, codecPlansWithSocket, type CodecPlan, type Pairs } from "./codec-plan.js";
import { runCase } from "./run-case.js";
import { hasSocketSteps, type SocketContract } from "./socket-steps.js";
import type { Worker } from "./worker.js";
import { BrokenPromise, Skipped, type Check } from "../check.js";
import type { CodecName } from "../client/encoding.js";
import { differences } from "../match.js";

export interface CaseChoice {
  readonly codecs: readonly CodecName[];
  readonly pairs: Pairs;
  /** The contract, where cases are played over web sockets too: those with a call that can go over one. */
  readonly overSocket?: SocketContract | undefined;
}

/** A check for each case and each of its codec plans. */
export function caseChecks(files: readonly CaseFile[], { codecs, pairs, overSocket }: CaseChoice): Check<Worker>[] {
  const all = files.flatMap((file) =>
    Object.entries(file.cases).flatMap(([method, cases]) =>
      Object.entries(cases).map(([sentence, tested]) => ({ file, method, sentence, tested })),
    ),
  );
  return all.flatMap(({ file, method, sentence, tested }, number) => {
    const runs = new ComparedRuns(file, method, tested);
    const isOverSocket = overSocket !== undefined && hasSocketSteps(overSocket, file, method, tested);
    const plansOf = isOverSocket ? codecPlansWithSocket : codecPlansOf;
    return plansOf(codecs, pairs, number).map((codecPlan) => ({
      path: [file.subject, method, sentence],
      tags: ["cases", ...(file.tags ?? [])],
      codec: codecPlan.name,
      run: (worker: Worker) => runs.run(worker, codecPlan),
    }));
  });
}

/** Throws Skipped when the case names an actor who cannot be enrolled here. */
export function requireActors(actors: Actors, file: CaseFile, tested: Case): void {
  const missing = actorsOf(file, tested).filter((name) => !actors.canEnrol([name]));
  if (missing.length > 0) throw new Skipped(`there is no account here for ${missing.join(" and ")}`);
}

/** The runs of one case: the first one defines the answers of the others. */
class ComparedRuns {
  private first: { readonly trace: Promise<unknown>; readonly codecPlan: CodecPlan } | undefined;

  constructor(
    private readonly file: CaseFile,
    private readonly method: string,
    private readonly tested: Case,
  ) {}

  async run(worker: Worker, codecPlan: CodecPlan): Promise<void> {
    const { file, method, tested } = this;
    const actors = await worker.actors(file, tested.server);
    requireActors(actors, file, tested);
    const running = runCase(actors, file, method, tested, codecPlan);
    const first = (this.first ??= { trace: running, codecPlan });
    const trace = await running;
    if (tested.noisy) return;
    // A first run that failed is reported by its own check.
    const expected = await first.trace.catch(() => trace);
    const found = differences(trace, expected, true);
    if (found.length > 0)
      throw new BrokenPromise(
        [`the answers in ${codecPlan.name} differ from those in ${first.codecPlan.name}:`, ...found].join("\n  "),
      );
  }
}
