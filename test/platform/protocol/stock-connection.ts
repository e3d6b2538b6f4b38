// A second implementation of Connection, of stock pg and of what pg documents: it keeps every promise, at a cost. Rows are read
// by parsers of text; the types of parameters are found with PREPARE, in a round trip of its own before the first run; after a
// stale plan pg prepares the statement under another name, because it forgets none; and an error takes a second round trip.
import { Socket } from "node:net";
import pg from "pg";
import { clientConfig, connectCause } from "../../../src/platform/database/protocol/client-config.js";
import {
  type Connection,
  ConnectionLost,
  type ConnectionSettings,
  isStalePlan,
  NotPostgres,
} from "../../../src/platform/database/protocol/connection.js";
import { parameterText } from "../../../src/platform/database/protocol/parameter-text.js";
import { stockTypes } from "./stock-types.js";

/** A statement in this session: the name under which pg knows it, and the types of its parameters. */
interface Prepared {
  readonly text: string;
  readonly name: string;
  /** Undefined for a statement that PREPARE does not take; such a one has no parameters. */
  readonly parameters: readonly number[] | undefined;
}

/** What PREPARE takes (PostgreSQL documentation, PREPARE). */
const PREPARABLE = /^\s*(select|insert|update|delete|merge|values|with)\b/i;

/** The first byte from Postgres: R, E or v; S or N when encryption was requested. */
const FIRST_BYTES: ReadonlySet<number> = new Set([0x52, 0x45, 0x76, 0x53, 0x4e]);

/** Opens a connection with the promises of openConnection. */
export async function openStockConnection(settings: ConnectionSettings): Promise<Connection> {
  const socket = new Socket();
  const config = { ...clientConfig(settings), pipeline: true, types: stockTypes, stream: () => socket };
  const client = new pg.Client(config);
  const connection = new StockConnection(client, socket);
  try {
    await client.connect();
    await connection.command("set timezone = 'UTC'; set datestyle = 'ISO'", Infinity);
    return connection;
  } catch (error) {
    const cause = connectCause(connection.lost?.cause ?? error);
    connection.destroy(error);
    throw new ConnectionLost("no connection to Postgres could be made", { cause });
  }
}

class StockConnection implements Connection {
  readonly #client: pg.Client;
  readonly #socket: Socket;
  readonly #statements = new Map<string, Prepared | Promise<Prepared>>();
  readonly #pending = new Set<{ readonly deadline: number; readonly reject: (error: unknown) => void }>();
  readonly #lostListeners: ((lost: ConnectionLost) => void)[] = [];
  #lost: ConnectionLost | undefined;
  /** The error with which Postgres announced the end of the session. */
  #fatal: unknown;
  #names = 0;

  constructor(client: pg.Client, socket: Socket) {
    this.#client = client;
    this.#socket = socket;
    socket.once("data", (bytes: Buffer) => {
      if (!FIRST_BYTES.has(bytes[0]!)) this.destroy(new NotPostgres("the first message is not one of Postgres"));
    });
    client.on("error", (error) => this.#lose(error));
    client.on("end", () => this.#lose(undefined));
  }

  get pending(): number {
    return this.#pending.size;
  }

  get lost(): ConnectionLost | undefined {
    return this.#lost;
  }

  get isIdle(): boolean {
    return this.#pending.size === 0 && this.#client.getTransactionStatus() === "I";
  }

  get isTransactionFailed(): boolean {
    return this.#client.getTransactionStatus() === "E";
  }

  isOverdue(now: number): boolean {
    return [...this.#pending].some(({ deadline }) => deadline < now);
  }

  async run(name: string, text: string, values: readonly unknown[], deadline: number): Promise<object[]> {
    let statement = this.#statements.get(name) ?? this.#prepare(name, text, deadline);
    // No turn is lost for a statement that is prepared: the order of the calls would be lost too.
    if (statement instanceof Promise) statement = await statement;
    if (statement.text !== text) throw new Error(`Two statements are named ${name}`);
    const query = { name: statement.name, text, values: written(statement, values), rowMode: "array" as const };
    try {
      const { fields, rows } = await this.#track(deadline, () => this.#client.query<unknown[]>(query));
      return rows.map((row) =>
        Object.fromEntries(row.map((value, index) => [fields[index]!.name, value ?? undefined])),
      );
    } catch (error) {
      if (isStalePlan(error)) this.#statements.delete(name);
      throw error;
    }
  }

  async command(sql: string, deadline: number): Promise<string> {
    const results: pg.QueryResult | pg.QueryResult[] = await this.#track(deadline, () => this.#client.query(sql));
    return (Array.isArray(results) ? (results as pg.QueryResult[]).at(-1)! : results).command;
  }

  onNotification(listener: (channel: string, payload: string) => void): void {
    this.#client.on("notification", ({ channel, payload = "" }) => listener(channel, payload));
  }

  onLost(listener: (lost: ConnectionLost) => void): void {
    if (this.#lost) queueMicrotask(() => listener(this.#lost!));
    else this.#lostListeners.push(listener);
  }

  destroy(reason: unknown): void {
    this.#lose(reason);
    this.#socket.destroy();
  }

  async close(timeoutMs: number): Promise<void> {
    const timer = setTimeout(() => this.destroy("it did not close in time"), timeoutMs);
    await this.#client.end().catch(() => undefined);
    clearTimeout(timer);
  }

  #prepare(name: string, text: string, deadline: number): Promise<Prepared> {
    const preparing = this.#describe(name, text, deadline).then(
      (statement) => {
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

  async #describe(name: string, text: string, deadline: number): Promise<Prepared> {
    if (Buffer.byteLength(name) > 63) throw new Error(`The name of a statement has at most 63 bytes: ${name}`);
    const own = `statement_${(this.#names += 1)}`;
    if (!PREPARABLE.test(text)) return { text, name: own, parameters: undefined };
    const sql = `prepare described as ${text}\n;
      select parameter_types::oid[]::int8[] as types from pg_prepared_statements where name = 'described';
      deallocate described`;
    const results = await this.#track(deadline, () => this.#client.query(sql));
    const [, { rows }] = results as unknown as [pg.QueryResult, pg.QueryResult<{ types: number[] }>];
    return { text, name: own, parameters: rows[0]!.types };
  }

  #track<T>(deadline: number, send: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.#lost) throw this.#lost;
      const entry = { deadline, reject };
      this.#pending.add(entry);
      const settle = (action: () => void): void => {
        this.#pending.delete(entry);
        action();
      };
      send().then(
        (result) => settle(() => resolve(result)),
        (error: unknown) => {
          // The session ends after such an error: #lose rejects this one and all that is pending.
          if (error instanceof pg.DatabaseError && /^(FATAL|PANIC)$/.test(error.severity ?? "")) this.#fatal ??= error;
          // pg rejects before it knows the transaction status after the error; it knows it after an empty query.
          else
            void this.#client
              .query("")
              .finally(() => settle(() => reject(error)))
              .catch(() => undefined);
        },
      );
    });
  }

  #lose(cause: unknown): void {
    if (this.#lost) return;
    const lost = new ConnectionLost("the connection to Postgres was lost", { cause: this.#fatal ?? cause });
    this.#lost = lost;
    for (const { reject } of this.#pending) reject(lost);
    this.#pending.clear();
    for (const listener of this.#lostListeners) listener(lost);
  }
}

/** The values as pg sends them without a conversion of its own. */
function written({ text, parameters }: Prepared, values: readonly unknown[]): (string | Buffer | null)[] {
  const types = parameters ?? [];
  if (values.length !== types.length) {
    throw new Error(`${types.length} values are required, ${values.length} were given: ${text}`);
  }
  return values.map((value, index) => {
    if (value === null || value === undefined) return null;
    return Buffer.isBuffer(value) ? value : parameterText(value, types[index]!);
  });
}
