// Runs one case with one codec plan.
import { randomBytes } from "node:crypto";
import { actorsOf, type Actors } from "./actors.js";
import { BrokenPromise } from "../check.js";
import { stepsOf, type Case, type CaseFile, type Step } from "./case.js";
import type { CodecPlan } from "./codec-plan.js";
import { hasTagOfHttp } from "./socket-steps.js";
import { StepRunner } from "./step-runner.js";
import { comparable, type Noise } from "./trace.js";
import { Variables } from "./variables.js";

/** A step runner after the `given` steps of a case, and what makes the answers of two runs comparable. */
export interface PreparedCase {
  readonly stepRunner: StepRunner;
  readonly noise: Noise;
  /** A text that is unique to this run of the case. */
  readonly unique: string;
}

/** Enrols the actors of a case, and runs its `given` steps. Throws BrokenPromise when one of them fails. */
export async function prepareCase(
  actors: Actors,
  file: CaseFile,
  method: string,
  tested: Case,
  codecPlan: CodecPlan,
): Promise<PreparedCase> {
  const variables = new Variables();
  const unique = randomBytes(5).toString("hex");
  variables.set("run", actors.run);
  variables.set("case", unique);
  const { client, volatile, mailbox } = actors;
  const socket = actors.socket && {
    client: actors.socket,
    names: actors.socket.names,
    isForHttp: (step: Step): boolean => hasTagOfHttp(step, file, tested),
  };
  const stepRunner = new StepRunner({ client, volatile, variables, codecPlan, method, mailbox, socket });
  for (const name of actorsOf(file, tested)) stepRunner.addActor(name, await actors.actor(name, codecPlan));
  for (const [at, step] of [...(file.given ?? []), ...(tested.given ?? [])].entries())
    await stepRunner.run(step, `given, step ${at + 1}`);
  const texts = new Map([
    [actors.run, "<run>"],
    [unique, "<case>"],
  ]);
  return { stepRunner, noise: { volatile, texts }, unique };
}

/**
 * Runs a case, and returns its trace in a form that can be compared with the trace of another run. Throws BrokenPromise
 * at the first step whose answer is not the expected one.
 */
export async function runCase(
  actors: Actors,
  file: CaseFile,
  method: string,
  tested: Case,
  codecPlan: CodecPlan,
): Promise<unknown> {
  const { stepRunner, noise } = await prepareCase(actors, file, method, tested, codecPlan);
  const steps = stepsOf(tested);
  for (const [at, step] of steps.entries())
    await stepRunner.run(step, steps.length > 1 ? `step ${at + 1} of ${steps.length}` : "");
  if (codecPlan.isOverSocket && stepRunner.socketCalls === 0)
    throw new BrokenPromise("No call of the case went over a socket");
  return comparable(stepRunner.trace, noise);
}
