// Plays one case: sends its steps, holds the answers against what the case promises. Knows the form of cases and the
// client, and no contract in particular.
import { randomBytes } from "node:crypto";
import { BrokenPromise } from "./check.js";
import type { Case, CaseFile, Enrolment, Step, Together } from "./case.js";
import type { Answer, Client, Pair } from "./client.js";
import { UnreadableAnswer } from "./client.js";
import type { Plain } from "./encoding.js";
import { differences, show, valueAt } from "./match.js";
import { comparable, steady, type Heard } from "./trace.js";
import { mentions, Variables } from "./variables.js";

/** The actors of a case file on one server: enrolled once, when a case first names them. */
export class Cast {
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
  actor(name: string, pair: Pair): Promise<Variables> {
    const found = this.enrolled.get(name) ?? this.enrol(name, pair);
    this.enrolled.set(name, found);
    return found;
  }

  private async enrol(name: string, pair: Pair): Promise<Variables> {
    const variables = new Variables();
    variables.set("run", this.run);
    variables.set("name", name);
    for (const [key, value] of Object.entries(this.known[name] ?? {})) variables.set(key, value);
    const stage = new Stage(this, variables, pair, "");
    const steps = name in this.known ? this.enrolment.admit : this.enrolment.enrol;
    for (const [at, step] of steps.entries()) await stage.play(step, `enrolling ${name}, step ${at + 1}`);
    return variables;
  }
}

/** Who of a file's actors is named by a case, or by what comes before it. */
export function actorsOf(file: CaseFile, played: Case): string[] {
  return file.actors.filter((name) => mentions([file.given ?? [], played], name));
}

/**
 * Plays a case in one pair of serializations, and answers with what was heard, ready to be compared with another play.
 * Throws BrokenPromise at the first step that goes otherwise than the case says.
 */
export async function playCase(cast: Cast, file: CaseFile, method: string, played: Case, pair: Pair): Promise<unknown> {
  const variables = new Variables();
  const unique = randomBytes(5).toString("hex");
  variables.set("run", cast.run);
  variables.set("case", unique);
  const stage = new Stage(cast, variables, pair, method);
  for (const name of actorsOf(file, played)) stage.admit(name, await cast.actor(name, pair));
  for (const [at, step] of [...(file.given ?? []), ...(played.given ?? [])].entries())
    await stage.play(step, `given, step ${at + 1}`);
  const steps = "steps" in played ? played.steps : [played];
  for (const [at, step] of steps.entries())
    await stage.play(step, steps.length > 1 ? `step ${at + 1} of ${steps.length}` : "");
  const texts = new Map([
    [cast.run, "<run>"],
    [unique, "<case>"],
  ]);
  return comparable(stage.heard, { volatile: cast.volatile, texts });
}

class Stage {
  readonly heard: Heard[] = [];
  private readonly actors = new Map<string, Variables>();

  constructor(
    private readonly cast: Cast,
    private readonly variables: Variables,
    private readonly pair: Pair,
    private readonly method: string,
  ) {}

  admit(name: string, actor: Variables): void {
    this.actors.set(name, actor);
    this.variables.set(name, actor.get("id"));
    for (const [key, value] of actor.own()) this.variables.set(`${name}.${key}`, value);
  }

  async play(step: Step | Together, place: string): Promise<void> {
    const steps = "together" in step ? step.together : [step];
    const rounds = await Promise.all(steps.map((one) => this.send(one, place)));
    for (const [at, answers] of rounds.entries()) this.hear(steps[at]!, answers, place);
    const good = rounds.flat().filter(({ status }) => status < 400);
    this.compareAll(step, good, place);
  }

  /** Sends a step as often as it says. */
  private async send(step: Step, place: string): Promise<Answer[]> {
    const answers: Answer[] = [];
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

  private async once(step: Step, place: string, turn: number): Promise<Answer> {
    const variables = new Variables(this.variables);
    variables.set("turn", turn);
    const answer = await this.call(step, variables, place);
    this.check(step, answer, variables, place);
    if (step.again) {
      const second = await this.call(step, variables, place);
      const status =
        second.status === answer.status ? [] : [`status: expected ${answer.status} again, got ${second.status}`];
      const { volatile } = this.cast;
      const differ = differences(steady(second.body, volatile), steady(answer.body, volatile), true);
      this.refuse([...status, ...differ], step, second, `${place} sent again`.trim());
    }
    return answer;
  }

  private async call(step: Step, variables: Variables, place: string): Promise<Answer> {
    const { as, token } = step;
    const { headers, path, query } = variables.resolve({ headers: step.headers, path: step.path, query: step.query });
    try {
      return await this.cast.client.call(this.nameOf(step), variables.resolve({ ...step.send }), {
        pair: this.pair,
        token:
          token !== undefined
            ? String(variables.resolve(token))
            : as !== undefined
              ? String(this.actors.get(as)!.get("token"))
              : undefined,
        headers,
        path,
        query,
      });
    } catch (error) {
      const line = error instanceof UnreadableAnswer ? `\n  ${error.curl}` : "";
      throw new BrokenPromise(`${this.where(step, place)}\n  ${(error as Error).message}${line}`, { cause: error });
    }
  }

  private check(step: Step, answer: Answer, variables: Variables, place: string): void {
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
        this.variables.set(name, value);
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
    answers: readonly Answer[],
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

  private refuse(found: readonly string[], step: Step, answer: Answer, place: string): void {
    if (found.length === 0) return;
    const detail = answer.status >= 400 ? [`the answer was ${answer.status}: ${show(answer.body)}`] : [];
    throw new BrokenPromise([this.where(step, place), ...found, ...detail, answer.curl].join("\n  "));
  }

  private nameOf(step: Step): string {
    return step.call ?? this.method;
  }

  private where(step: Step, place: string): string {
    const who = step.as ?? (step.token ? "someone with a token" : "nobody");
    return `${place ? `${place}: ` : ""}${this.nameOf(step)} as ${who}, ${this.pair.request} to ${this.pair.response}`;
  }
}

function named(violations: unknown): string[] {
  const list = (violations ?? []) as { field: string; rule: string }[];
  return list.map(({ field, rule }) => `${field} ${rule}`).sort();
}
