// Takes away what was made on a server: played backwards, in rounds, since one thing may hold another.
import type { Enrolment } from "./case.js";
import type { Answer, Client } from "../client/client.js";
import type { Rpc } from "../client/descriptors.js";
import type { Plain } from "../client/encoding.js";
import { steadily } from "./codec-plan.js";
import { Stage } from "./step-runner.js";
import { Variables } from "./variables.js";

const manner = steadily({ request: "json", response: "json" });

/** Something that was made, and how it is called for people. */
interface Made {
  readonly name: string;
  readonly rpc: Rpc;
  readonly variables: Variables;
}

export class Removal {
  private made: Made[] = [];

  constructor(private readonly enrolment: Enrolment) {}

  /** Remembers a call that succeeded, when something undoes it. */
  note(rpc: Rpc, request: Plain, answer: Answer, token: string | undefined): void {
    if (!this.enrolment.undo?.[rpc.name]) return;
    const variables = new Variables();
    for (const [key, value] of Object.entries({ ...request, ...answer.body, token })) variables.set(key, value);
    this.made.push({ name: `${rpc.name} ${String(answer.body["id"] ?? "")}`.trim(), rpc, variables });
  }

  /**
   * Removes all that was noted, the last first; answers with a line for each thing that stays, and why. `progress` is told
   * how many things are left.
   */
  async removeAll(client: Client, progress: (left: number) => void = () => undefined): Promise<string[]> {
    let left = this.made.splice(0).toReversed();
    for (;;) {
      const why = new Map<Made, string>();
      for (const [at, one] of left.entries()) {
        if (at % 50 === 0) progress(left.length - at);
        const obstacle = await this.remove(client, one);
        if (obstacle !== undefined) why.set(one, obstacle);
      }
      if (why.size === 0) return [];
      if (why.size === left.length) return left.map((one) => `not removed: what ${one.name} made: ${why.get(one)}`);
      left = [...why.keys()];
    }
  }

  /** What is in the way; undefined when it is gone. */
  private async remove(client: Client, { rpc, variables }: Made): Promise<string | undefined> {
    const stage = new Stage({ client, volatile: [], variables, manner, method: rpc.name });
    try {
      for (const step of this.enrolment.undo![rpc.name]!) {
        const { status, body } = await stage.try(step);
        // Not there any more, or it went with whoever made it.
        if (status === 404 || status === 401) return undefined;
        if (status >= 400) return `${status} ${String(body["reason"])}`;
      }
      return undefined;
    } catch (error) {
      return (error as Error).message;
    }
  }
}
