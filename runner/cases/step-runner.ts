// Sends the steps of a case, and compares the answers with the expected ones. Knows the form of cases and the client, and
// no particular contract.
import { randomUUID } from "node:crypto";
import { Blocked, BrokenPromise, Skipped } from "../check.js";
import type { Given, MailStep, Step, Together } from "./case.js";
import { UnreadableAnswer, type Answer, type Called, type Client, type Pair } from "../client/client.js";
import type { Plain } from "../client/encoding.js";
import { NoSockets } from "../client/socket/openings.js";
import type { SocketClient } from "../client/socket/socket-client.js";
import type { SocketNames } from "../client/socket/socket-names.js";
import type { CodecPlan } from "./codec-plan.js";
import { Authenticator } from "./computed/authenticator.js";
import { captured } from "./computed/captured.js";
import type { Mailbox } from "./mailbox.js";
import { differences, show, valueAt } from "../match.js";
import { fieldsOfHeaders, isForSocket, namesOf } from "./socket-steps.js";
import { steady, type TraceEntry } from "./trace.js";
import { Variables } from "./variables.js";

/** What a step runner works with. */
export interface StepContext {
  readonly client: Pick<Client, "call" | "descriptors">;
  /** Fields whose values are new in every answer. */
  readonly volatile: readonly string[];
  readonly variables: Variables;
  readonly codecPlan: CodecPlan;
  /** The method of a step that names none. */
  readonly method: string;
  readonly mailbox?: Mailbox | undefined;
  /** Calls over web sockets, and which steps are not for them; undefined where there are none. */
  readonly socket?:
    | { readonly client: SocketClient; readonly names: SocketNames; isForHttp(step: Step): boolean }
    | undefined;
}

/** A step with its variables filled in. */
export interface PreparedStep {
  readonly method: string;
  readonly send: Plain;
  readonly token: string | undefined;
  readonly headers: Readonly<Record<string, string>> | undefined;
  readonly path: string | undefined;
  readonly query: string | undefined;
}

export class StepRunner {
  readonly trace: TraceEntry[] = [];
  /** How many calls went over a socket. */
  socketCalls = 0;
  private readonly actors = new Map<string, Variables>();
  private readonly authenticator = new Authenticator();
  private calls = 0;
  private lastPair: Pair | undefined;
  private readonly mailRead = new Set<string>();

  constructor(private readonly context: StepContext) {}

  addActor(name: string, actor: Variables): void {
    this.actors.set(name, actor);
    this.context.variables.set(name, actor.get("id"));
    for (const [key, value] of actor.own()) this.context.variables.set(`${name}.${key}`, value);
  }

  async run(step: Given | Together, place: string): Promise<void> {
    if ("mailTo" in step) return this.read(step, place);
    const steps = "together" in step ? step.together : [step];
    const rounds = await Promise.all(steps.map((one) => this.send(one, place)));
    for (const [at, answers] of rounds.entries()) this.record(steps[at]!, answers, place);
    const good = rounds.flat().filter(({ status }) => status < 400);
    this.compareAll(step, good, place);
  }

  /** Waits for a mail, and makes variables of its parts. */
  private async read(step: MailStep, place: string): Promise<void> {
    const { mailbox, variables } = this.context;
    if (!mailbox) throw new Skipped("there is no mailbox here");
    const { mailTo, matching } = variables.resolve(step);
    const mail = await mailbox.find(mailTo, new RegExp(matching), this.mailRead);
    if (!mail)
      throw new BrokenPromise(`${place}: expected a mail to ${mailTo} that matches ${matching}, got none`.trim());
    this.mailRead.add(mail.file);
    for (const [name, value] of Object.entries(new RegExp(matching).exec(mail.text)?.groups ?? {}))
      variables.set(name, value);
  }

  /** Sends a step, and accepts any answer; captures variables when it is a success. */
  async try(step: Step): Promise<Called> {
    const { variables } = this.context;
    const answer = await this.call(step, variables, "");
    if (answer.status < 400) this.check({ ...step, answers: answer.status }, answer, variables, "");
    return answer;
  }

  /** Sends a step as often as its `times` or `turns` demand. */
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

  /** Adds a step to the trace; of a race, whose order is random, only the statuses, sorted. */
  private record(step: Step, answers: readonly Answer[], place: string): void {
    const [first] = answers;
    const method = this.nameOf(step);
    if (answers.length === 1) this.trace.push({ place, method, status: first!.status, body: first!.body });
    else this.trace.push({ place, method, status: 0, body: answers.map(({ status }) => status).sort() });
  }

  private async once(step: Step, place: string, turn: number): Promise<Called> {
    const variables = new Variables(this.context.variables);
    variables.set("turn", turn);
    const answer = await this.call(step, variables, place);
    this.check(step, answer, variables, place);
    if (step.again) {
      const second = await this.call(step, variables, place);
      const status =
        second.status === answer.status ? [] : [`status: expected ${answer.status} again, got ${second.status}`];
      const { volatile } = this.context;
      const differ = differences(steady(second.body, volatile), steady(answer.body, volatile), true);
      const replayed = this.isKept(step, answer)
        ? differences(second.headers["idempotency-replayed"], "true", true, "idempotency-replayed")
        : [];
      this.refuse([...status, ...differ, ...replayed], step, second, `${place} sent again`.trim());
    }
    return answer;
  }

  /** Whether the answer is kept for the Idempotency-Key of a step, and comes again. */
  private isKept(step: Step, { status }: Answer): boolean {
    const rpc = this.context.client.descriptors.rpcs.get(this.nameOf(step));
    const hasKey = namesOf(step.headers).includes("idempotency-key");
    return hasKey && status < 300 && rpc?.created !== undefined && !rpc.isStreamedUpload;
  }

  /** Fills in the variables of a step; `inner` are those of one call. */
  prepare(step: Step, inner: Variables = this.context.variables): PreparedStep {
    const { as, token } = step;
    const { path, query } = inner.resolve({ path: step.path, query: step.query });
    const headers = inner.resolve(step.headers) as PreparedStep["headers"];
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
    const planned = this.nextPair(options.headers);
    const socket = this.socketOf(method, step, planned);
    const pair = socket ? planned : { request: planned.request, response: planned.response };
    const headers = this.withKey(method, pair, options.headers);
    try {
      if (!socket) return await this.context.client.call(method, send, { pair, ...options, headers });
      this.socketCalls += 1;
      const { token } = options;
      return await socket.call(method, send, { codec: pair.request, token, ...fieldsOfHeaders(headers) });
    } catch (error) {
      const unreadable = error instanceof UnreadableAnswer ? error : undefined;
      const found = unreadable ? this.statusFaults(step, unreadable.status) : [];
      const command = error instanceof Error && "curl" in error ? [String(error.curl)] : [];
      const lines = [this.where(step, place, pair), ...found, (error as Error).message, ...command];
      if (error instanceof NoSockets)
        throw new Blocked([error.message, lines[0], ...command].join("\n  "), { cause: error });
      throw new BrokenPromise(lines.join("\n  "), { cause: error });
    }
  }

  /** What the step is called over; undefined for HTTP. */
  private socketOf(method: string, step: Step, { isOverSocket }: Pair): SocketClient | undefined {
    const { client, socket } = this.context;
    const rpc = client.descriptors.rpcs.get(method);
    if (!isOverSocket || !socket || !rpc || !isForSocket(rpc, step, socket.names) || socket.isForHttp(step))
      return undefined;
    return socket.client;
  }

  /**
   * Requests in protobuf that create something have an Idempotency-Key of their own, with which a server may do its work in another
   * way: what comes of them is the same.
   */
  private withKey(method: string, { request }: Pair, headers: PreparedStep["headers"]): PreparedStep["headers"] {
    const { reasons, rpcs } = this.context.client.descriptors;
    const isKeyed = request === "protobuf" && reasons.has("IDEMPOTENCY_KEY_REUSED");
    if (!isKeyed || rpcs.get(method)?.created === undefined || rpcs.get(method)?.isStreamedUpload) return headers;
    return { "Idempotency-Key": randomUUID(), ...headers };
  }

  /** An entity tag belongs to one serialization: If-None-Match goes out in the same pair as the call before. */
  private nextPair(headers: Readonly<Record<string, string>> | undefined): Pair {
    const next = this.context.codecPlan.pairOf(this.calls++);
    const pair = headers && "if-none-match" in headers && this.lastPair ? this.lastPair : next;
    this.lastPair = pair;
    return pair;
  }

  private check(step: Step, answer: Called, variables: Variables, place: string): void {
    const violations = step.violates && [step.violates].flat();
    const expected = expectationOf(step);
    const found = this.statusFaults(step, answer.status);
    if (typeof expected === "string" && expected !== "*")
      found.push(...differences(answer.body["reason"], expected, false, "reason"));
    if (answer.status >= 400)
      found.push(...differences(answer.body["status"], answer.status, false, "status in the body"));
    if (violations)
      found.push(...differences(named(answer.body["violations"]), named(violations), false, "violations"));
    const isMixed = typeof expected === "object" || expected === "*";
    if (found.length === 0 && !(isMixed && answer.status >= 400)) {
      for (const [name, path] of Object.entries(step.capture ?? {})) {
        const value = captured(answer, path, this.authenticator);
        if (value === undefined) found.push(`${path}: expected a value for $${name}, got nothing`);
        this.context.variables.set(name, value);
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

  /** The fault of a status that is not the expected one: it is said before all that follows from it. */
  private statusFaults(step: Step, status: number): string[] {
    const expected = expectationOf(step);
    if (typeof expected === "object") return [];
    if (expected === "*") return status < 500 ? [] : [`status: expected a status below 500, got ${status}`];
    const due = typeof expected === "number" ? expected : this.context.client.descriptors.reasons.get(expected)?.status;
    return due === undefined || status === due ? [] : [`status: expected ${due}, got ${status}`];
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
    return step.call ?? this.context.method;
  }

  private where(step: Step, place: string, pair: Pair): string {
    const who = step.as ?? (step.token ? "a caller with a token" : "an anonymous caller");
    const way = pair.isOverSocket ? `${pair.request} over a socket` : `${pair.request} to ${pair.response}`;
    return `${place ? `${place}: ` : ""}${this.nameOf(step)} as ${who}, ${way}`;
  }
}

function expectationOf({ answers, violates }: Step): NonNullable<Step["answers"]> {
  return answers ?? (violates ? 422 : 200);
}

function named(violations: unknown): string[] {
  const list = (violations ?? []) as { field: string; rule: string }[];
  return list.map(({ field, rule }) => `${field} ${rule}`).sort();
}
