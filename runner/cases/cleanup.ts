// Removes from a server what a run created: in reverse order, and in rounds, since one thing may depend on another.
import type { Enrolment, UndoStep } from "./case.js";
import { fixedPair } from "./codec-plan.js";
import { StepRunner } from "./step-runner.js";
import { Variables } from "./variables.js";
import { UnreadableAnswer, type Answer, type Client } from "../client/client.js";
import type { Rpc } from "../client/descriptors.js";
import type { Plain } from "../client/encoding.js";

const codecPlan = fixedPair({ request: "json", response: "json" });

/** Something that was created, with a name for people. */
interface Created {
  readonly name: string;
  readonly rpc: Rpc;
  readonly variables: Variables;
}

export class Cleanup {
  private created: Created[] = [];

  /** `remover` enrols the remover; it resolves with undefined where there is none. */
  constructor(
    private readonly enrolment: Enrolment,
    private readonly remover: () => Promise<Variables | undefined> = async () => undefined,
  ) {}

  /** Records a call that succeeded, when the enrolment has steps that undo it. */
  record(rpc: Rpc, request: Plain, answer: Answer, token: string | undefined): void {
    if (!this.enrolment.undo?.[rpc.name]) return;
    const variables = new Variables();
    for (const [key, value] of Object.entries({ ...request, ...answer.body, token })) variables.set(key, value);
    this.created.push({ name: `${rpc.name} ${String(answer.body["id"] ?? "")}`.trim(), rpc, variables });
  }

  /**
   * Removes everything that was recorded, the newest first; returns a line for each thing that remains, with the reason.
   * `progress` receives the number of things that are left.
   */
  async removeAll(client: Client, progress: (left: number) => void = () => undefined): Promise<string[]> {
    let left = this.created.splice(0).toReversed();
    const remover = left.length > 0 ? await this.remover().catch(() => undefined) : undefined;
    for (;;) {
      const why = new Map<Created, string>();
      for (const [at, one] of left.entries()) {
        if (at % 50 === 0) progress(left.length - at);
        const obstacle = await this.remove(client, one, remover);
        if (obstacle !== undefined) why.set(one, obstacle);
      }
      if (why.size === 0) return [];
      if (why.size === left.length) return left.map((one) => `not removed: the result of ${one.name}: ${why.get(one)}`);
      left = [...why.keys()];
    }
  }

  /** The reason why it could not be removed; undefined when it is gone. */
  private async remove(client: Client, one: Created, remover: Variables | undefined): Promise<string | undefined> {
    const { undo, remover: more } = this.enrolment;
    const steps = more?.undo[one.rpc.name];
    if (remover && steps && (await this.take(client, one, steps, remover)) === undefined) return undefined;
    return this.take(client, one, undo![one.rpc.name]!);
  }

  /** Takes the steps that remove something. */
  private async take(
    client: Client,
    { rpc, variables }: Created,
    steps: readonly UndoStep[],
    remover?: Variables,
  ): Promise<string | undefined> {
    const stepRunner = new StepRunner({ client, volatile: [], variables, codecPlan, method: rpc.name });
    if (remover) stepRunner.addActor(this.enrolment.remover!.actor, remover);
    try {
      for (const { where, ...step } of steps) {
        if (where !== undefined && !variables.has(where)) continue;
        const { status, body } = await stepRunner.try(step);
        // It was removed together with its creator, whose token is of no use then.
        if (status === 401 && !remover) return undefined;
        // It no longer exists.
        if (status === 404) continue;
        if (status >= 400) return `${status} ${String(body["reason"])}`;
      }
      return undefined;
    } catch (error) {
      // It is gone, whatever else is wrong with the answer, such as a Content-Length that a proxy added to 204.
      if (error instanceof Error && error.cause instanceof UnreadableAnswer && error.cause.status === 204)
        return undefined;
      return (error as Error).message;
    }
  }
}
