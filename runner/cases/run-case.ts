// Plays one case, in one manner.
import { randomBytes } from "node:crypto";
import type { Case, CaseFile, Step, Together } from "./case.js";
import { actorsOf, type Cast } from "./actors.js";
import type { Manner } from "./codec-plan.js";
import { Stage } from "./step-runner.js";
import { comparable, type Noise } from "./trace.js";
import { Variables } from "./variables.js";

/** A stage on which all that comes before a case has been played, and how what is heard there is made comparable. */
export interface Opened {
  readonly stage: Stage;
  readonly noise: Noise;
  /** A text that no other play has. */
  readonly unique: string;
}

/** Admits the actors of a case, and plays what is given. Throws BrokenPromise when that fails. */
export async function openStage(
  cast: Cast,
  file: CaseFile,
  method: string,
  played: Case,
  manner: Manner,
): Promise<Opened> {
  const variables = new Variables();
  const unique = randomBytes(5).toString("hex");
  variables.set("run", cast.run);
  variables.set("case", unique);
  const { client, volatile } = cast;
  const stage = new Stage({ client, volatile, variables, manner, method });
  for (const name of actorsOf(file, played)) stage.admit(name, await cast.actor(name, manner));
  for (const [at, step] of [...(file.given ?? []), ...(played.given ?? [])].entries())
    await stage.play(step, `given, step ${at + 1}`);
  const texts = new Map([
    [cast.run, "<run>"],
    [unique, "<case>"],
  ]);
  return { stage, noise: { volatile, texts }, unique };
}

/** The steps of a case, in order. */
export function stepsOf(played: Case): readonly (Step | Together)[] {
  return "steps" in played ? played.steps : [played];
}

/**
 * Plays a case, and answers with what was heard, ready to be compared with another play. Throws BrokenPromise at the first
 * step that goes otherwise than the case says.
 */
export async function playCase(
  cast: Cast,
  file: CaseFile,
  method: string,
  played: Case,
  manner: Manner,
): Promise<unknown> {
  const { stage, noise } = await openStage(cast, file, method, played, manner);
  const steps = stepsOf(played);
  for (const [at, step] of steps.entries())
    await stage.play(step, steps.length > 1 ? `step ${at + 1} of ${steps.length}` : "");
  return comparable(stage.heard, noise);
}
