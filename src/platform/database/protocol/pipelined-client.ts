// One connection to Postgres. pg connects, authenticates and encrypts; our own statements then go out pipelined, and
// their rows are read straight from the stream's bytes. It knows nothing of lanes, pools or retries.
import { EventEmitter } from "node:events";
import type { Duplex } from "node:stream";
import pg from "pg";
import { ConnectionLost, isStalePlan } from "../database-errors.js";
import { describedColumns, describedError, describedParameters, MessageStream } from "./message-stream.js";
import { MessageWriter, prepared, type Prepared } from "./message-writer.js";
import { rowReader, type Column, type RowReader } from "./row-reader.js";

/** What pg's types leave out. */
interface Inside {
  /** Its stream is another after encryption has begun. */
  readonly connection: { readonly stream: Duplex; attachListeners(stream: EventEmitter): void };
}

interface Startup {
  getStartupConf(this: pg.Client): Record<string, string>;
}

/** A statement that this connection has prepared. */
interface Ready extends Prepared {
  readonly read: RowReader;
}

/** What was sent and is not answered yet. Postgres answers in the order of the queries. */
class PendingQuery {
  rows: object[] = [];
  error: unknown = undefined;
  command = "";
  parameters: readonly number[] = [];
  columns: readonly Column[] = [];
  next: PendingQuery | undefined = undefined;

  constructor(
    readonly name: string,
    readonly read: RowReader | undefined,
    readonly deadline: number,
    readonly resolve: (query: PendingQuery) => void,
    readonly reject: (error: unknown) => void,
  ) {}
}

const DATA_ROW = 0x44;
const READY_FOR_QUERY = 0x5a;
const COMMAND_COMPLETE = 0x43;
const ERROR_RESPONSE = 0x45;
const ROW_DESCRIPTION = 0x54;
const PARAMETER_DESCRIPTION = 0x74;
/** NoticeResponse, ParameterStatus, NotificationResponse: sent at any moment, and pg's to read. */
const ASYNCHRONOUS: ReadonlySet<number> = new Set([0x4e, 0x53, 0x41]);

export class PipelinedClient extends pg.Client {
  readonly #pgsShare = new EventEmitter();
  readonly #writer = new MessageWriter();
  readonly #ready = new Map<string, Ready | Promise<Ready>>();
  #first: PendingQuery | undefined;
  #last: PendingQuery | undefined;
  #waiting = 0;
  #sending = false;
  #lost: ConnectionLost | undefined;
  #transaction = 0x49;

  constructor(config: pg.ClientConfig) {
    super(config);
    const { connection } = this.#inside;
    const messages = new MessageStream((type, bytes, at, end) => this.#hear(type, bytes, at, end));
    const attach = connection.attachListeners.bind(connection);
    connection.attachListeners = (stream) => {
      attach(this.#pgsShare);
      stream.on("data", (chunk: Buffer) => {
        try {
          messages.push(chunk);
        } catch (error) {
          this.destroy(error);
        }
      });
    };
    this.on("error", (error) => this.#lose(error));
    this.on("end", () => this.#lose(undefined));
  }

  /** Times in UTC and in ISO form, whatever the server's own settings; pg sends what this answers when it connects. */
  getStartupConf(): Record<string, string> {
    const ours = (pg.Client.prototype as unknown as Startup).getStartupConf.call(this);
    return { ...ours, TimeZone: "UTC", DateStyle: "ISO" };
  }

  get #inside(): Inside {
    return this as unknown as Inside;
  }

  /** How many queries are waiting for their answer. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Why this connection is no longer one; undefined while it is. */
  get lost(): ConnectionLost | undefined {
    return this.#lost;
  }

  /** Whether the last answer left no transaction open. */
  get isIdle(): boolean {
    return this.#waiting === 0 && this.#transaction === 0x49;
  }

  /** Whether the transaction that is open has failed, so that nothing but its end is accepted. */
  get hasFailed(): boolean {
    return this.#transaction === 0x45;
  }

  /** Whether a query has waited beyond its deadline (of performance.now()). */
  isOverdue(now: number): boolean {
    for (let query = this.#first; query; query = query.next) if (query.deadline < now) return true;
    return false;
  }

  /**
   * Executes a statement, preparing it under its name when it is met for the first time, and answers with its rows.
   * Does not wait for what was asked before. Rejects with ConnectionLost, or with what Postgres says.
   */
  async run(name: string, text: string, values: readonly unknown[], deadline: number): Promise<object[]> {
    let ready = this.#ready.get(name) ?? this.#prepare(name, text, deadline);
    if (ready instanceof Promise) ready = await ready;
    if (ready.text !== text) throw new Error(`Two statements are named ${name}`);
    return (await this.#ask(name, ready.read, deadline, () => this.#writer.execute(ready as Ready, values))).rows;
  }

  /** Runs SQL without parameters that answers with no rows; answers with the last command's tag, such as COMMIT. */
  async command(sql: string, deadline: number): Promise<string> {
    return (await this.#ask("", undefined, deadline, () => this.#writer.query(sql))).command;
  }

  /** Calls back once when the connection is lost or given up; soon, when it is already. */
  onLost(callback: (lost: ConnectionLost) => void): void {
    if (this.#lost) queueMicrotask(() => callback(this.#lost!));
    else this.once("lost", callback);
  }

  /** Gives the connection up at once; whatever waits on it is rejected. */
  destroy(reason: unknown): void {
    this.#lose(reason);
    this.#inside.connection.stream.destroy();
  }

  /** Says goodbye and closes; by force when that takes longer than `ms`. */
  async finish(ms: number): Promise<void> {
    const timer = setTimeout(() => this.destroy("it did not close"), ms);
    await this.end().catch(() => undefined);
    clearTimeout(timer);
  }

  #prepare(name: string, text: string, deadline: number): Promise<Ready> {
    if (Buffer.byteLength(name) > 63) throw new Error(`A statement's name has at most 63 bytes: ${name}`);
    const preparing = this.#ask(name, undefined, deadline, () => this.#writer.prepare(name, text)).then(
      ({ parameters, columns }) => {
        const ready = { ...prepared(name, text, parameters, columns), read: rowReader(columns) };
        this.#ready.set(name, ready);
        return ready;
      },
      (error: unknown) => {
        this.#ready.delete(name);
        throw error;
      },
    );
    this.#ready.set(name, preparing);
    return preparing;
  }

  #ask(name: string, read: RowReader | undefined, deadline: number, write: () => void): Promise<PendingQuery> {
    return new Promise((resolve, reject) => {
      if (this.#lost) throw this.#lost;
      write();
      const query = new PendingQuery(name, read, deadline, resolve, reject);
      if (this.#last) this.#last.next = query;
      else this.#first = query;
      this.#last = query;
      this.#waiting += 1;
      if (this.#sending) return;
      this.#sending = true;
      // What the requests of one turn of the event loop ask goes out in one write.
      setImmediate(() => this.#send());
    });
  }

  #send(): void {
    this.#sending = false;
    const bytes = this.#writer.take();
    if (!this.#lost) this.#inside.connection.stream.write(bytes);
  }

  #hear(type: number, bytes: Buffer, at: number, end: number): void {
    const query = this.#first;
    if (query === undefined || ASYNCHRONOUS.has(type)) {
      this.#pgsShare.emit("data", bytes.subarray(at - 5, end));
      return;
    }
    switch (type) {
      case DATA_ROW:
        if (query.error === undefined) this.#row(query, bytes, at + 2);
        break;
      case COMMAND_COMPLETE:
        if (query.read === undefined) query.command = bytes.toString("latin1", at, end - 1);
        break;
      case ERROR_RESPONSE:
        query.error = describedError(bytes, at, end);
        break;
      case PARAMETER_DESCRIPTION:
        query.parameters = describedParameters(bytes, at);
        break;
      case ROW_DESCRIPTION:
        query.columns = describedColumns(bytes, at);
        break;
      case READY_FOR_QUERY:
        this.#transaction = bytes[at]!;
        this.#answer(query);
        break;
    }
  }

  #row(query: PendingQuery, bytes: Buffer, at: number): void {
    try {
      if (query.read) query.rows.push(query.read(bytes, at));
    } catch (error) {
      query.error = error;
    }
  }

  #answer(query: PendingQuery): void {
    this.#first = query.next;
    if (this.#first === undefined) this.#last = undefined;
    this.#waiting -= 1;
    if (query.error === undefined) return query.resolve(query);
    if (isStalePlan(query.error)) this.#ready.delete(query.name);
    query.reject(query.error);
  }

  #lose(cause: unknown): void {
    if (this.#lost) return;
    // What Postgres said last (that it shuts down, say) explains more than the end of the stream.
    const lost = new ConnectionLost("the connection to Postgres was lost", { cause: this.#first?.error ?? cause });
    this.#lost = lost;
    let query = this.#first;
    this.#first = this.#last = undefined;
    this.#waiting = 0;
    for (; query; query = query.next) query.reject(lost);
    this.emit("lost", lost);
  }
}
