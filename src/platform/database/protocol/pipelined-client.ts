// The implementation of a Connection. pg connects, authenticates and encrypts; statements and commands then go out
// pipelined, and their rows are read straight from the stream's bytes. It depends on the inside of one exact version of pg.
import { EventEmitter } from "node:events";
import type { Duplex } from "node:stream";
import pg from "pg";
import { type Connection, ConnectionLost, isStalePlan } from "./connection.js";
import { describedColumns, describedError, describedParameters, MessageStream } from "./message-stream.js";
import { MessageWriter, prepared, type Prepared } from "./message-writer.js";
import { rowReader, type Column, type RowReader } from "./row-reader.js";

/** The members of pg.Client that its types leave out. */
interface Internals {
  /** Its stream is replaced when encryption begins. */
  readonly connection: { readonly stream: Duplex; attachListeners(stream: EventEmitter): void };
}

interface Startup {
  getStartupConf(this: pg.Client): Record<string, string>;
}

/** A statement that this connection has prepared. */
interface PreparedStatement extends Prepared {
  readonly read: RowReader;
}

/** A statement, a preparation or a command without its response. Postgres responds in the order of the requests. */
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
/** NoticeResponse, ParameterStatus, NotificationResponse: sent at any time, and read by pg. */
const ASYNCHRONOUS: ReadonlySet<number> = new Set([0x4e, 0x53, 0x41]);

/** The transaction statuses of ReadyForQuery. */
const IDLE = 0x49;
const FAILED = 0x45;

export class PipelinedClient extends pg.Client implements Connection {
  /** Stands in for the stream towards pg, and emits the messages that pg reads. */
  readonly #streamOfPg = new EventEmitter();
  readonly #writer = new MessageWriter();
  readonly #statements = new Map<string, PreparedStatement | Promise<PreparedStatement>>();
  #first: PendingQuery | undefined;
  #last: PendingQuery | undefined;
  #pending = 0;
  #isFlushScheduled = false;
  #lost: ConnectionLost | undefined;
  #transactionStatus = IDLE;

  constructor(config: pg.ClientConfig) {
    super(config);
    const { connection } = this.#internals;
    const messages = new MessageStream((type, bytes, at, end) => this.#receive(type, bytes, at, end));
    const attach = connection.attachListeners.bind(connection);
    connection.attachListeners = (stream) => {
      attach(this.#streamOfPg);
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

  /** The parameters of the startup message: times in UTC and in ISO format, whatever the settings of the server. */
  getStartupConf(): Record<string, string> {
    const ofPg = (pg.Client.prototype as unknown as Startup).getStartupConf.call(this);
    return { ...ofPg, TimeZone: "UTC", DateStyle: "ISO" };
  }

  get #internals(): Internals {
    return this as unknown as Internals;
  }

  get pending(): number {
    return this.#pending;
  }

  get lost(): ConnectionLost | undefined {
    return this.#lost;
  }

  get isIdle(): boolean {
    return this.#pending === 0 && this.#transactionStatus === IDLE;
  }

  get isTransactionFailed(): boolean {
    return this.#transactionStatus === FAILED;
  }

  isOverdue(now: number): boolean {
    for (let query = this.#first; query; query = query.next) if (query.deadline < now) return true;
    return false;
  }

  async run(name: string, text: string, values: readonly unknown[], deadline: number): Promise<object[]> {
    let statement = this.#statements.get(name) ?? this.#prepare(name, text, deadline);
    if (statement instanceof Promise) statement = await statement;
    if (statement.text !== text) throw new Error(`Two statements are named ${name}`);
    const write = (): void => this.#writer.execute(statement as PreparedStatement, values);
    return (await this.#enqueue(name, statement.read, deadline, write)).rows;
  }

  async command(sql: string, deadline: number): Promise<string> {
    return (await this.#enqueue("", undefined, deadline, () => this.#writer.query(sql))).command;
  }

  onNotification(listener: (channel: string, payload: string) => void): void {
    this.on("notification", ({ channel, payload = "" }) => listener(channel, payload));
  }

  onLost(listener: (lost: ConnectionLost) => void): void {
    if (this.#lost) queueMicrotask(() => listener(this.#lost!));
    else this.once("lost", listener);
  }

  destroy(reason: unknown): void {
    this.#lose(reason);
    this.#internals.connection.stream.destroy();
  }

  async close(timeoutMs: number): Promise<void> {
    const timer = setTimeout(() => this.destroy("it did not close in time"), timeoutMs);
    await this.end().catch(() => undefined);
    clearTimeout(timer);
  }

  #prepare(name: string, text: string, deadline: number): Promise<PreparedStatement> {
    if (Buffer.byteLength(name) > 63) throw new Error(`The name of a statement has at most 63 bytes: ${name}`);
    const preparing = this.#enqueue(name, undefined, deadline, () => this.#writer.prepare(name, text)).then(
      ({ parameters, columns }) => {
        const statement = { ...prepared(name, text, parameters, columns), read: rowReader(columns) };
        this.#statements.set(name, statement);
        return statement;
      },
      (error: unknown) => {
        this.#statements.delete(name);
        throw error;
      },
    );
    this.#statements.set(name, preparing);
    return preparing;
  }

  #enqueue(name: string, read: RowReader | undefined, deadline: number, write: () => void): Promise<PendingQuery> {
    return new Promise((resolve, reject) => {
      if (this.#lost) throw this.#lost;
      write();
      const query = new PendingQuery(name, read, deadline, resolve, reject);
      if (this.#last) this.#last.next = query;
      else this.#first = query;
      this.#last = query;
      this.#pending += 1;
      if (this.#isFlushScheduled) return;
      this.#isFlushScheduled = true;
      // The messages of all requests in one turn of the event loop go out in one write.
      setImmediate(() => this.#flush());
    });
  }

  #flush(): void {
    this.#isFlushScheduled = false;
    const bytes = this.#writer.take();
    if (!this.#lost) this.#internals.connection.stream.write(bytes);
  }

  #receive(type: number, bytes: Buffer, at: number, end: number): void {
    const query = this.#first;
    if (query === undefined || ASYNCHRONOUS.has(type)) {
      this.#streamOfPg.emit("data", bytes.subarray(at - 5, end));
      return;
    }
    switch (type) {
      case DATA_ROW:
        if (query.error === undefined) this.#readRow(query, bytes, at + 2);
        break;
      case COMMAND_COMPLETE:
        if (query.read === undefined) query.command = bytes.toString("latin1", at, end - 1).split(" ", 1)[0]!;
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
        this.#transactionStatus = bytes[at]!;
        this.#complete(query);
        break;
    }
  }

  #readRow(query: PendingQuery, bytes: Buffer, at: number): void {
    try {
      if (query.read) query.rows.push(query.read(bytes, at));
    } catch (error) {
      query.error = error;
    }
  }

  #complete(query: PendingQuery): void {
    this.#first = query.next;
    if (this.#first === undefined) this.#last = undefined;
    this.#pending -= 1;
    if (query.error === undefined) return query.resolve(query);
    if (isStalePlan(query.error)) this.#statements.delete(query.name);
    query.reject(query.error);
  }

  #lose(cause: unknown): void {
    if (this.#lost) return;
    // Postgres's last error (a shutdown, say) explains more than the end of the stream.
    const lost = new ConnectionLost("the connection to Postgres was lost", { cause: this.#first?.error ?? cause });
    this.#lost = lost;
    let query = this.#first;
    this.#first = this.#last = undefined;
    this.#pending = 0;
    for (; query; query = query.next) query.reject(lost);
    this.emit("lost", lost);
  }
}
