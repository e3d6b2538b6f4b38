// Cases as checks: each in every manner, and what is heard in one is what is heard in the others.
import type { Case, CaseFile } from "./case.js";
import { actorsOf, type Cast } from "./actors.js";
import { BrokenPromise, Skipped, type Check } from "../check.js";
import type { CodecName } from "../client/encoding.js";
import type { Lane } from "./worker.js";
import { mannersOf, type Manner } from "./codec-plan.js";
import { differences } from "../match.js";
import { playCase } from "./run-case.js";

/** A check for each case and manner. */
export function caseChecks(files: readonly CaseFile[], codecs: readonly CodecName[]): Check<Lane>[] {
  const manners = mannersOf(codecs);
  return files.flatMap((file) =>
    Object.entries(file.cases).flatMap(([method, cases]) =>
      Object.entries(cases).flatMap(([sentence, played]) => {
        const parity = new Parity(file, method, played);
        return manners.map((manner) => ({
          path: [file.subject, method, sentence],
          tags: ["cases", ...(file.tags ?? [])],
          codec: manner.name,
          run: (lane: Lane) => parity.play(lane, manner),
        }));
      }),
    ),
  );
}

/** Throws Skipped when somebody cannot be enrolled here whom a case names. */
export function requireActors(cast: Cast, file: CaseFile, played: Case): void {
  const missing = actorsOf(file, played).filter((name) => !cast.canPlay([name]));
  if (missing.length > 0) throw new Skipped(`nobody is known here to play ${missing.join(" and ")}`);
}

/** The plays of one case: the first one says what must be heard in the others. */
class Parity {
  private first: { readonly heard: Promise<unknown>; readonly manner: Manner } | undefined;

  constructor(
    private readonly file: CaseFile,
    private readonly method: string,
    private readonly played: Case,
  ) {}

  async play(lane: Lane, manner: Manner): Promise<void> {
    const { file, method, played } = this;
    const cast = await lane.cast(file, played.server);
    requireActors(cast, file, played);
    const play = playCase(cast, file, method, played, manner);
    const first = (this.first ??= { heard: play, manner });
    const heard = await play;
    if (played.noisy) return;
    // A first play that fails has said so itself.
    const expected = await first.heard.catch(() => heard);
    const found = differences(heard, expected, true);
    if (found.length > 0)
      throw new BrokenPromise([`other answers in ${manner.name} than in ${first.manner.name}:`, ...found].join("\n  "));
  }
}
