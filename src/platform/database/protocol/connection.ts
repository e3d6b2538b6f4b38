// One connection to Postgres as the rest of the database sees it. A newer pg, or a replacement for it, has to keep these
// promises, which the tests in test/platform/protocol/ check: stock pg keeps them too, at two to four times the CPU time for
// rows (bench/rows.ts). It knows no lane, no pool and no retry.

export interface ConnectionSettings {
  /** `postgres://user:password@host:5432/database`; the parameters of the query string are those that pg reads. */
  readonly url: string;
  /** The name of the session in pg_stat_activity. */
  readonly applicationName: string;
  /** How long TCP, TLS and authentication may take together, in milliseconds. */
  readonly connectTimeoutMs: number;
  /** Postgres's statement_timeout, in milliseconds; without it the server's own. */
  readonly statementTimeoutMs?: number;
  /** Postgres's lock_timeout, in milliseconds; without it the server's own. */
  readonly lockTimeoutMs?: number;
  /** Postgres's idle_in_transaction_session_timeout, in milliseconds; without it the server's own. */
  readonly idleInTransactionTimeoutMs?: number;
}

/** Where a URL leads. `host` is a folder, and begins with a slash, for a Unix socket. */
export interface Address {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
}

/**
 * Statements and commands are pipelined: each is sent without waiting for the responses to earlier ones, and Postgres
 * executes them in the order of the calls. The order holds for statements that are prepared already; a first run waits
 * for its preparation.
 *
 * A `deadline` is a time of performance.now(). It is recorded, for isOverdue; the connection itself enforces none.
 *
 * Errors of Postgres have its SQLSTATE as `code`, and `constraint` where one was violated. An error that ends the session
 * rejects with ConnectionLost, whose cause it is.
 */
export interface Connection {
  /** How many statements and commands have no response yet. */
  readonly pending: number;
  /** Why the connection can no longer be used; undefined while it can. */
  readonly lost: ConnectionLost | undefined;
  /** Whether nothing is pending and no transaction is open. */
  readonly isIdle: boolean;
  /** Whether the open transaction has failed, so that Postgres accepts nothing but its end. */
  readonly isTransactionFailed: boolean;
  /** Whether a pending statement or command has passed its deadline at the time `now`. */
  isOverdue(now: number): boolean;

  /**
   * Executes a statement and resolves with its rows. The first run under a name, of at most 63 bytes, prepares it.
   *
   * A row has one property for each column; of two columns with one name it has the last. Null is undefined. bool, int2,
   * int4, int8, float4, float8, bytea (a Buffer), json, jsonb, timestamptz (RFC 3339, UTC, cut to milliseconds) and arrays of
   * bool, int2, int4, int8, float8, text, varchar and timestamptz are read as values of JavaScript; every other type as
   * Postgres's text. Null within an array stays null.
   *
   * A value is null or undefined, a string, number, bigint, boolean, Date or Buffer, an array of these, or an object, which
   * is written as JSON. For a json parameter a string is JSON already, and anything else is written as JSON.
   *
   * Rejects with a RangeError when a value of the result has no exact form (a bigint beyond 2^53 - 1, a timestamp outside
   * the years 1 to 9999). Rejects, and sends nothing, when the name has another text or is too long, when the number of
   * values is wrong, or when a value cannot be written. After a stale plan (isStalePlan) the next run prepares again.
   */
  run(name: string, text: string, values: readonly unknown[], deadline: number): Promise<object[]>;

  /**
   * Executes SQL without parameters, or several commands with semicolons between them, and ignores their rows. Resolves
   * with the first word of the last command tag: COMMIT, ROLLBACK, INSERT.
   */
  command(sql: string, deadline: number): Promise<string>;

  /** Calls `listener` for each NOTIFY on a channel to which LISTEN has been sent. */
  onNotification(listener: (channel: string, payload: string) => void): void;

  /** Calls `listener` once when the connection is lost or destroyed; in the next microtask when it already is. */
  onLost(listener: (lost: ConnectionLost) => void): void;

  /** Ends the connection at once. Everything pending rejects with ConnectionLost, whose cause is `reason`. */
  destroy(reason: unknown): void;

  /** Ends the session in order, when nothing is pending; destroys the connection when that takes longer than `timeoutMs`. */
  close(timeoutMs: number): Promise<void>;
}

/** A connection that was lost or destroyed, or could not be made. What was pending on it may or may not have happened. */
export class ConnectionLost extends Error {
  override readonly name = "ConnectionLost";
}

/** The peer sent bytes that no Postgres sends. */
export class NotPostgres extends Error {
  override readonly name = "NotPostgres";
}

/** The SQLSTATE of an error of Postgres; "" for any other error. */
export function sqlState(error: unknown): string {
  const code = typeof error === "object" && error !== null ? (error as { code?: unknown }).code : undefined;
  return typeof code === "string" && /^([0-9][0-9A-Z]|F0|HV|P0|XX)[0-9A-Z]{3}$/.test(code) ? code : "";
}

/** Whether a prepared statement no longer fits its table, or no longer exists in its session. */
export function isStalePlan(error: unknown): boolean {
  const state = sqlState(error);
  return (
    state === "26000" || (state === "0A000" && (error as { routine?: unknown }).routine === "RevalidateCachedQuery")
  );
}
