// The actors of a subject on one server: each is enrolled once, when a case first names it.
import { randomBytes } from "node:crypto";
import { Blocked, BrokenPromise } from "../check.js";
import type { Case, CaseFile } from "./case.js";
import { Cleanup } from "./cleanup.js";
import { fixedPair, type CodecPlan } from "./codec-plan.js";
import type { Mailbox } from "./mailbox.js";
import { StepRunner } from "./step-runner.js";
import type { Target } from "./target.js";
import { mentions, Variables } from "./variables.js";
import type { Client } from "../client/client.js";
import { Openings } from "../client/socket/openings.js";
import { SocketClient } from "../client/socket/socket-client.js";

const jsonAlone = fixedPair({ request: "json", response: "json" });

export class Actors {
  /** Unique to these actors: part of every name that must be free. */
  readonly run = randomBytes(5).toString("hex");
  readonly client: Client;
  /** Their web sockets; undefined where there are none. */
  readonly socket: SocketClient | undefined;
  private readonly enrolled = new Map<string, Promise<Variables>>();
  private readonly cleanup: Cleanup;

  constructor(
    client: Client,
    private readonly target: Pick<
      Target,
      "enrolment" | "accounts" | "addSecret" | "progress" | "mailbox" | "socket" | "openings" | "onSocketCall"
    >,
  ) {
    this.cleanup = new Cleanup(target.enrolment, () => this.remover());
    this.client = client.withSuccessHook(({ rpc, request, answer, token }) =>
      this.cleanup.record(rpc, request, answer, token),
    );
    const { socket, openings = new Openings() } = target;
    this.socket = socket && new SocketClient(this.client, socket, openings, () => target.onSocketCall?.());
  }

  /** Removes the actors and everything that they created; returns a line for each thing that could not be removed. */
  remove(): Promise<string[]> {
    this.enrolled.clear();
    this.socket?.close();
    return this.cleanup.removeAll(this.client, (left) =>
      this.target.progress?.(`removing what was created: ${left} left`),
    );
  }

  /** Whether all these actors can be enrolled here. */
  canEnrol(names: readonly string[]): boolean {
    const { enrolment, accounts } = this.target;
    return names.every((name) => !enrolment.appointed.includes(name) || name in accounts);
  }

  get mailbox(): Mailbox | undefined {
    return this.target.mailbox;
  }

  get volatile(): readonly string[] {
    return this.target.enrolment.volatile;
  }

  /** The variables of an actor, `id` and `token` among them. Rejects with Blocked. */
  actor(name: string, codecPlan: CodecPlan): Promise<Variables> {
    const found = this.enrolled.get(name) ?? this.enrol(name, codecPlan).catch(blocked(name));
    this.enrolled.set(name, found);
    return found;
  }

  /** The token of an actor. */
  async tokenOf(name: string, codecPlan: CodecPlan): Promise<string> {
    return String((await this.actor(name, codecPlan)).get("token"));
  }

  private async remover(): Promise<Variables | undefined> {
    const { remover } = this.target.enrolment;
    return remover && this.canEnrol([remover.actor]) ? this.actor(remover.actor, jsonAlone) : undefined;
  }

  private async enrol(name: string, codecPlan: CodecPlan): Promise<Variables> {
    const { enrolment, accounts, addSecret } = this.target;
    const variables = new Variables();
    variables.set("run", this.run);
    variables.set("name", name);
    for (const [key, value] of Object.entries(accounts[name] ?? {})) variables.set(key, value);
    const { client, volatile } = this;
    const stepRunner = new StepRunner({ client, volatile, variables, codecPlan, method: "" });
    const steps = name in accounts ? enrolment.logIn : enrolment.enrol;
    for (const [at, step] of steps.entries()) await stepRunner.run(step, `enrolling ${name}, step ${at + 1}`);
    if (name in accounts) addSecret?.(String(variables.get("token")));
    return variables;
  }
}

/** Passes a broken promise on as what blocks every check that needs the actor. */
function blocked(name: string): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof BrokenPromise)) throw error;
    throw new Blocked(`${name} could not be enrolled\n${error.message}`, { cause: error });
  };
}

/** The actors of a file that a case names, or the steps before it. */
export function actorsOf(file: CaseFile, tested: Case): string[] {
  return file.actors.filter((name) => mentions([file.given ?? [], tested], name));
}
