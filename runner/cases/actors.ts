// The actors of a case file on one server: enrolled once, when a case first names them.
import { randomBytes } from "node:crypto";
import type { Case, CaseFile } from "./case.js";
import type { Client } from "../client/client.js";
import type { Site } from "./worker.js";
import type { Manner } from "./codec-plan.js";
import { Removal } from "./cleanup.js";
import { Stage } from "./step-runner.js";
import { mentions, Variables } from "./variables.js";

export class Cast {
  /** Unique to this cast: names that must not be taken contain it. */
  readonly run = randomBytes(5).toString("hex");
  readonly client: Client;
  private readonly enrolled = new Map<string, Promise<Variables>>();
  private readonly removal: Removal;

  constructor(
    client: Client,
    private readonly site: Pick<Site, "enrolment" | "known" | "conceal" | "progress">,
  ) {
    this.removal = new Removal(site.enrolment);
    this.client = client.watchedBy(({ rpc, request, answer, token }) => this.removal.note(rpc, request, answer, token));
  }

  /** Takes away the actors and all that was made with them; a line for each thing that stays. */
  dismiss(): Promise<string[]> {
    this.enrolled.clear();
    return this.removal.removeAll(this.client, (left) => this.site.progress?.(`removing what was made: ${left} left`));
  }

  /** Whether a case can be played here: all whom it names can be enrolled. */
  canPlay(names: readonly string[]): boolean {
    return names.every((name) => !this.site.enrolment.appointed.includes(name) || name in this.site.known);
  }

  get volatile(): readonly string[] {
    return this.site.enrolment.volatile;
  }

  /** The variables of an actor, `id` and `token` among them. */
  actor(name: string, manner: Manner): Promise<Variables> {
    const found = this.enrolled.get(name) ?? this.enrol(name, manner);
    this.enrolled.set(name, found);
    return found;
  }

  /** The token of an actor. */
  async tokenOf(name: string, manner: Manner): Promise<string> {
    return String((await this.actor(name, manner)).get("token"));
  }

  private async enrol(name: string, manner: Manner): Promise<Variables> {
    const { enrolment, known, conceal } = this.site;
    const variables = new Variables();
    variables.set("run", this.run);
    variables.set("name", name);
    for (const [key, value] of Object.entries(known[name] ?? {})) variables.set(key, value);
    const { client, volatile } = this;
    const stage = new Stage({ client, volatile, variables, manner, method: "" });
    const steps = name in known ? enrolment.admit : enrolment.enrol;
    for (const [at, step] of steps.entries()) await stage.play(step, `enrolling ${name}, step ${at + 1}`);
    if (name in known) conceal?.(String(variables.get("token")));
    return variables;
  }
}

/** Who of a file's actors is named by a case, or by what comes before it. */
export function actorsOf(file: CaseFile, played: Case): string[] {
  return file.actors.filter((name) => mentions([file.given ?? [], played], name));
}
