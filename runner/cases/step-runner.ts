// Where the steps of a case are sent, and their answers held against what the case promises. Knows the form of cases and the
// client, and no contract in particular.
import { BrokenPromise } from "../check.js";
import type { Step, Together } from "./case.js";
import { UnreadableAnswer, type Answer, type Called, type Client, type Pair } from "../client/client.js";
import type { Plain } from "../client/encoding.js";
import type { Manner } from "./codec-plan.js";
import { differences, show, valueAt } from "../match.js";
import { steady, type Heard } from "./trace.js";
import { Variables } from "./variables.js";

/** What a stage is set with. */
export interface Scenery {
  readonly client: Client;
  /** Fields whose values are new with every call. */
  readonly volatile: readonly string[];
  readonly variables: Variables;
  readonly manner: Manner;
  /** What a step calls that does not say. */
  readonly method: string;
}

/** A step that is ready to be sent. */
export interface Prepared {
  readonly method: string;
  readonly send: Plain;
  readonly token: string | undefined;
  readonly headers: Readonly<Record<string, string>> | undefined;
  readonly path: string | undefined;
  readonly query: string | undefined;
}

export class Stage {
  readonly heard: Heard[] = [];
  private readonly actors = new Map<string, Variables>();
  private calls = 0;
  private lastPair: Pair | undefined;

  constructor(private readonly scenery: Scenery) {}

  admit(name: string, actor: Variables): void {
    this.actors.set(name, actor);
    this.scenery.variables.set(name, actor.get("id"));
    for (const [key, value] of actor.own()) this.scenery.variables.set(`${name}.${key}`, value);
  }

  async play(step: Step | Together, place: string): Promise<void> {
    const steps = "together" in step ? step.together : [step];
    const rounds = await Promise.all(steps.map((one) => this.send(one, place)));
    for (const [at, answers] of rounds.entries()) this.hear(steps[at]!, answers, place);
    const good = rounds.flat().filter(({ status }) => status < 400);
    this.compareAll(step, good, place);
  }

  /** Sends a step, and takes whatever answer comes; captures when it is good. */
  async try(step: Step): Promise<Called> {
    const { variables } = this.scenery;
    const answer = await this.call(step, variables, "");
    if (answer.status < 400) this.check({ ...step, answers: answer.status }, answer, variables, "");
    return answer;
  }

  /** Sends a step as often as it says. */
  private async send(step: Step, place: string): Promise<Called[]> {
    const answers: Called[] = [];
    if (step.times !== undefined) {
      const turns = Array.from({ length: step.times }, (_, at) => at + 1);
      answers.push(...(await Promise.all(turns.map((turn) => this.once(step, place, turn)))));
    } else {
      for (let turn = 1; turn <= (step.turns ?? 1); turn++) answers.push(await this.once(step, place, turn));
    }
    if (typeof step.answers === "object") this.count(step, step.answers, answers, place);
    return answers;
  }

  /** Keeps what is to be compared with other plays; of a race, where the order is chance, how often each status came. */
  private hear(step: Step, answers: readonly Answer[], place: string): void {
    const [first] = answers;
    const method = this.nameOf(step);
    if (answers.length === 1) this.heard.push({ place, method, status: first!.status, body: first!.body });
    else this.heard.push({ place, method, status: 0, body: answers.map(({ status }) => status).sort() });
  }

  private async once(step: Step, place: string, turn: number): Promise<Called> {
    const variables = new Variables(this.scenery.variables);
    variables.set("turn", turn);
    const answer = await this.call(step, variables, place);
    this.check(step, answer, variables, place);
    if (step.again) {
      const second = await this.call(step, variables, place);
      const status =
        second.status === answer.status ? [] : [`status: expected ${answer.status} again, got ${second.status}`];
      const { volatile } = this.scenery;
      const differ = differences(steady(second.body, volatile), steady(answer.body, volatile), true);
      this.refuse([...status, ...differ], step, second, `${place} sent again`.trim());
    }
    return answer;
  }

  /** Fills in the variables of a step; `inner` are its own, beside those of the stage. */
  prepare(step: Step, inner: Variables = this.scenery.variables): Prepared {
    const { as, token } = step;
    const { headers, path, query } = inner.resolve({ headers: step.headers, path: step.path, query: step.query });
    const known = as === undefined ? undefined : this.actors.get(as);
    if (as !== undefined && !known) throw new Error(`The case file has no actor ${as}`);
    const bearer = token !== undefined ? inner.resolve(token) : known?.get("token");
    return {
      method: this.nameOf(step),
      send: inner.resolve({ ...step.send }),
      token: bearer === undefined ? undefined : String(bearer),
      headers,
      path,
      query,
    };
  }

  private async call(step: Step, variables: Variables, place: string): Promise<Called> {
    const { method, send, ...options } = this.prepare(step, variables);
    const pair = this.nextPair(options.headers);
    try {
      return await this.scenery.client.call(method, send, { pair, ...options });
    } catch (error) {
      const line = error instanceof UnreadableAnswer ? `\n  ${error.curl}` : "";
      throw new BrokenPromise(`${this.where(step, place, pair)}\n  ${(error as Error).message}${line}`, {
        cause: error,
      });
    }
  }

  /** An entity tag is known only in the serialization it was given in: who asks again with one asks the same way. */
  private nextPair(headers: Readonly<Record<string, string>> | undefined): Pair {
    const next = this.scenery.manner.pairOf(this.calls++);
    const pair = headers && "if-none-match" in headers && this.lastPair ? this.lastPair : next;
    this.lastPair = pair;
    return pair;
  }

  private check(step: Step, answer: Called, variables: Variables, place: string): void {
    const violations = step.violates && [step.violates].flat();
    const expected = step.answers ?? (violations ? 422 : 200);
    const found: string[] = [];
    if (typeof expected === "number" && answer.status !== expected)
      found.push(`status: expected ${expected}, got ${answer.status}`);
    if (expected === "*" && answer.status >= 500)
      found.push(`status: expected no fault of the server, got ${answer.status}`);
    if (typeof expected === "string" && expected !== "*")
      found.push(...differences(answer.body["reason"], expected, false, "reason"));
    if (answer.status >= 400)
      found.push(...differences(answer.body["status"], answer.status, false, "status in the body"));
    if (violations)
      found.push(...differences(named(answer.body["violations"]), named(violations), false, "violations"));
    const isMixed = typeof expected === "object" || expected === "*";
    if (found.length === 0 && !(isMixed && answer.status >= 400)) {
      for (const [name, path] of Object.entries(step.capture ?? {})) {
        const value = path.startsWith("@")
          ? answer.headers[path.slice(1)]
          : path
            ? valueAt(answer.body, path)
            : answer.body;
        if (value === undefined) found.push(`${path}: expected something to keep as $${name}, got nothing`);
        this.scenery.variables.set(name, value);
      }
      if (found.length === 0) {
        if (step.with) found.push(...differences(answer.body, variables.resolve(step.with)));
        if (step.exactly) found.push(...differences(answer.body, variables.resolve(step.exactly), true));
        if (step.answerHeaders)
          found.push(...differences(answer.headers, variables.resolve(step.answerHeaders), false, "headers"));
      }
    }
    this.refuse(found, step, answer, place);
  }

  private count(
    step: Step,
    expected: Readonly<Record<string, number>>,
    answers: readonly Called[],
    place: string,
  ): void {
    const counted: Record<string, number> = {};
    for (const { status, body } of answers) {
      const key = status >= 400 && typeof body["reason"] === "string" ? body["reason"] : String(status);
      counted[key] = (counted[key] ?? 0) + 1;
    }
    this.refuse(differences(counted, expected, true, "answers"), step, answers[0]!, place);
  }

  private compareAll(step: Pick<Together, "same" | "distinct">, answers: readonly Answer[], place: string): void {
    const values = (path: string): string[] => answers.map(({ body }) => show(valueAt(body, path)));
    const found = [
      ...(step.same ?? [])
        .filter((path) => new Set(values(path)).size > 1)
        .map((path) => `${path}: expected the same in all answers, got ${values(path).join(", ")}`),
      ...(step.distinct ?? [])
        .filter((path) => new Set(values(path)).size < answers.length)
        .map((path) => `${path}: expected no value twice, got ${values(path).join(", ")}`),
    ];
    if (found.length > 0) throw new BrokenPromise([place, ...found].join("\n  "));
  }

  private refuse(found: readonly string[], step: Step, answer: Called, place: string): void {
    if (found.length === 0) return;
    const detail = answer.status >= 400 ? [`the answer was ${answer.status}: ${show(answer.body)}`] : [];
    throw new BrokenPromise([this.where(step, place, answer.pair), ...found, ...detail, answer.curl].join("\n  "));
  }

  private nameOf(step: Step): string {
    return step.call ?? this.scenery.method;
  }

  private where(step: Step, place: string, pair: Pair): string {
    const who = step.as ?? (step.token ? "someone with a token" : "nobody");
    return `${place ? `${place}: ` : ""}${this.nameOf(step)} as ${who}, ${pair.request} to ${pair.response}`;
  }
}

function named(violations: unknown): string[] {
  const list = (violations ?? []) as { field: string; rule: string }[];
  return list.map(({ field, rule }) => `${field} ${rule}`).sort();
}
