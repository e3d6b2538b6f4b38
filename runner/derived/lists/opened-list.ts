// A list of rows that the suite creates, ready to be read page by page.
import type { DescField, DescMessage } from "@bufbuild/protobuf";
import type { CaseFile, Step } from "../../cases/case.js";
import { requireActors } from "../../cases/case-checks.js";
import { fixedPair } from "../../cases/codec-plan.js";
import { prepareCase } from "../../cases/run-case.js";
import type { StepRunner } from "../../cases/step-runner.js";
import type { Worker } from "../../cases/worker.js";
import { BrokenPromise } from "../../check.js";
import type { Called, CallOptions, Client } from "../../client/client.js";
import type { Descriptors, Rpc } from "../../client/descriptors.js";
import type { CodecName, Plain } from "../../client/encoding.js";
import { rulesOf } from "../../client/rules.js";
import type { ListOfRows, Paging } from "../../suite.js";
import { problemLine } from "../example-request.js";

/** A page as it was read. */
export interface ReadPage {
  readonly rows: readonly Plain[];
  /** The token of the next page; empty when there is none. */
  readonly next: string;
  readonly curl: string;
}

/** Whether a method returns a list page by page. */
export function isPaged({ request, response }: Rpc, { token, next }: Paging): boolean {
  return fieldOf(request, token) !== undefined && fieldOf(response, next) !== undefined;
}

const fieldOf = ({ fields }: DescMessage, name: string): DescField | undefined =>
  fields.find((field) => field.name === name);

export class OpenedList {
  private constructor(
    readonly rpc: Rpc,
    readonly paging: Paging,
    readonly client: Client,
    /** The requests of the suite, without their variables. */
    readonly requests: readonly Plain[],
    /** The request that has rows of others too. */
    readonly shared: Plain | undefined,
    private readonly codec: CodecName,
    private readonly token: string | undefined,
    private readonly stepRunner: StepRunner,
    private readonly more: readonly Step[],
    private readonly moves: readonly Step[],
  ) {}

  /** Creates the rows. Throws BrokenPromise when the suite has none for the method. */
  static async open(worker: Worker, rpc: Rpc, paging: Paging, codec: CodecName): Promise<OpenedList> {
    const rows: ListOfRows | undefined = paging.lists[rpc.name];
    if (!rows) throw new BrokenPromise(`the suite has no list of rows for ${rpc.name}`);
    const { actors: names, given, as, token: own, requests, shared, more, moves = [] } = rows;
    const file: CaseFile = { subject: "lists", actors: names, cases: {} };
    const steps = requests.map((send): Step => (own === undefined ? { as, send } : { token: own, send }));
    const actors = await worker.actors(file);
    const tested = { given, steps: [...steps, ...more, ...moves] };
    requireActors(actors, file, tested);
    const plan = fixedPair({ request: codec, response: codec });
    const { stepRunner } = await prepareCase(actors, file, rpc.name, tested, plan);
    const prepared = steps.map((step) => stepRunner.prepare(step));
    const sends = prepared.map(({ send }) => send);
    const others = shared && stepRunner.prepare({ send: shared }).send;
    const { token } = prepared[0]!;
    return new OpenedList(rpc, paging, actors.client, sends, others, codec, token, stepRunner, more, moves);
  }

  /** How often the first list can grow. */
  get growths(): number {
    return this.more.length;
  }

  /** Whether the suite can change what the rows are ordered by. */
  get canMove(): boolean {
    return this.moves.length > 0;
  }

  /** Changes what rows of the first list are ordered by; each number is another change, until they begin anew. */
  async move(number: number): Promise<void> {
    await this.stepRunner.run(this.moves[number % this.moves.length]!, "a row that moves");
  }

  /** Adds a row to the first list, by the step of that number. */
  async grow(number: number): Promise<void> {
    await this.stepRunner.run(this.more[number]!, "another row");
  }

  send(request: Plain, options: Partial<CallOptions> = {}): Promise<Called> {
    const pair = { request: this.codec, response: this.codec };
    return this.client.call(this.rpc.name, request, { pair, token: this.token, ...options });
  }

  /** Reads a page. Rejects with an Error when it is refused. */
  async page(request: Plain, options: Partial<CallOptions> = {}): Promise<ReadPage> {
    const { status, body, curl } = await this.send(request, options);
    if (status !== this.rpc.success)
      throw Object.assign(new Error(`expected ${this.rpc.success}, got ${status} ${problemLine(body)}`), { curl });
    const field = this.rpc.response.fields.find(({ fieldKind }) => fieldKind === "list")!;
    return { rows: body[field.name] as Plain[], next: String(body[this.paging.next] ?? ""), curl };
  }

  /** The most rows that a page may have, by the rule of the contract. */
  most(descriptors: Descriptors): number {
    const { of } = rulesOf(descriptors, fieldOf(this.rpc.request, this.paging.limit)!);
    return Number(of["lte"]);
  }

  /**
   * All pages of a size, from the first to the last. `between` runs after each page, with the number of pages read. Rejects with an
   * Error when a page but the last is not full, the last is empty, or there is no end.
   */
  async walk(request: Plain, size: number, between?: (pages: number) => Promise<void>): Promise<Plain[]> {
    const { limit, token } = this.paging;
    const rows: Plain[] = [];
    for (let next = "", turn = 0; turn < 1000; turn++) {
      const page = await this.page({ ...request, [limit]: size, ...(next && { [token]: next }) });
      rows.push(...page.rows);
      const fault = (what: string): Error =>
        Object.assign(new Error(`page ${turn + 1} of ${size} rows ${what}`), { curl: page.curl });
      if (turn > 0 && page.rows.length === 0) throw fault("is empty");
      if (page.rows.length > size) throw fault(`has ${page.rows.length}`);
      if (!page.next) return rows;
      if (page.rows.length < size) throw fault(`has ${page.rows.length}, and a next page`);
      next = page.next;
      await between?.(turn + 1);
    }
    throw new Error(`pages of ${size} rows have no end`);
  }
}
