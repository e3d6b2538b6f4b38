// A named SQL statement: what a store hands to the database.

/**
 * Where a statement runs.
 * - `read`, `write`: single statements that take microseconds, prepared once for each connection and pipelined. Never
 *   inside a transaction. A deadlock or a serialization failure is tried again, since nothing of it has happened.
 * - `pool`: searches, statistics and whatever else may take long, so that nothing waits behind it.
 */
export type Lane = "read" | "write" | "pool";

/** A statement of one row type. `Row` has the fields of its message (one name per thing), SQL null read as undefined. */
export interface Statement<Row> {
  readonly lane: Lane;
  /** Unique in the system, at most 63 bytes: the name of the prepared statement, and what the log and the metrics say. */
  readonly name: string;
  /** SQL with $1, $2 ... */
  readonly text: string;
  /** Only for the compiler. */
  readonly row?: Row;
}

/** Declares a statement; do it once, at the top of a store, not for each call. */
export function statement<Row>(lane: Lane, name: string, text: string): Statement<Row> {
  return Object.freeze({ lane, name, text });
}
