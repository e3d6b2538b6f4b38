// The actors of a case file on one server: enrolled once, when a case first names them.
import { randomBytes } from "node:crypto";
import type { Case, CaseFile, Enrolment } from "./case.js";
import type { Client } from "./client.js";
import type { Plain } from "./encoding.js";
import type { Manner } from "./manner.js";
import { Stage } from "./stage.js";
import { mentions, Variables } from "./variables.js";

export class Cast {
  /** Unique to this cast: names that must not be taken contain it. */
  readonly run = randomBytes(5).toString("hex");
  private readonly enrolled = new Map<string, Promise<Variables>>();

  constructor(
    readonly client: Client,
    private readonly enrolment: Enrolment,
    private readonly known: Readonly<Record<string, Plain>>,
  ) {}

  /** Whether a case can be played here: all whom it names can be enrolled. */
  canPlay(names: readonly string[]): boolean {
    return names.every((name) => !this.enrolment.appointed.includes(name) || name in this.known);
  }

  get volatile(): readonly string[] {
    return this.enrolment.volatile;
  }

  /** The variables of an actor, `id` and `token` among them. */
  actor(name: string, manner: Manner): Promise<Variables> {
    const found = this.enrolled.get(name) ?? this.enrol(name, manner);
    this.enrolled.set(name, found);
    return found;
  }

  private async enrol(name: string, manner: Manner): Promise<Variables> {
    const variables = new Variables();
    variables.set("run", this.run);
    variables.set("name", name);
    for (const [key, value] of Object.entries(this.known[name] ?? {})) variables.set(key, value);
    const { client, volatile } = this;
    const stage = new Stage({ client, volatile, variables, manner, method: "" });
    const steps = name in this.known ? this.enrolment.admit : this.enrolment.enrol;
    for (const [at, step] of steps.entries()) await stage.play(step, `enrolling ${name}, step ${at + 1}`);
    return variables;
  }
}

/** Who of a file's actors is named by a case, or by what comes before it. */
export function actorsOf(file: CaseFile, played: Case): string[] {
  return file.actors.filter((name) => mentions([file.given ?? [], played], name));
}
