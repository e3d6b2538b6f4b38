// A named SQL statement, as a store declares it for the database.

/**
 * The connections on which a statement runs.
 * - `read`, `write`: the lane of that name, for single statements that take microseconds, prepared once on each connection and
 *   pipelined. Never part of a transaction. Retried after a deadlock or a serialization failure, which leave no effect.
 * - `pool`: a connection of the pool, for searches, statistics and other long statements, so that none waits behind them.
 */
export type ConnectionGroup = "read" | "write" | "pool";

/** A statement with rows of one type. `Row` has the fields of its message; SQL null is undefined. */
export interface Statement<Row> {
  readonly group: ConnectionGroup;
  /** Unique in the system, at most 63 bytes: the name of the prepared statement, of its log lines and of its metrics. */
  readonly name: string;
  /** SQL with $1, $2 ... */
  readonly text: string;
  /** Whether its cost depends on what the caller looks for: one that takes too long is refused with SEARCH_TOO_BROAD. */
  readonly isSearch: boolean;
  /** The tables into which it inserts. */
  readonly inserts: readonly string[];
  /** Only for the compiler. */
  readonly row?: Row;
}

/** Declares a statement, once, at the top of a store; not for each call. Throws an Error when another one has the name. */
export function statement<Row>(group: ConnectionGroup, name: string, text: string): Statement<Row> {
  return declared({ group, name, text, isSearch: false, inserts: insertsOf(text) });
}

/** The same for a search, which runs on the pool. Its rpc declares SEARCH_TOO_BROAD. */
export function searchStatement<Row>(name: string, text: string): Statement<Row> {
  return declared({ group: "pool", name, text, isSearch: true, inserts: insertsOf(text) });
}

const texts = new Map<string, string>();

/** A connection knows a statement by its name alone, so the second of two would fail where the first has run. */
function declared<Row>(made: Statement<Row>): Statement<Row> {
  const { name, text } = made;
  if ((texts.get(name) ?? text) !== text) throw new Error(`Two statements are named ${name}`);
  texts.set(name, text);
  return Object.freeze(made);
}

const none: readonly string[] = Object.freeze([]);

function insertsOf(text: string): readonly string[] {
  const tables = [...text.matchAll(/\binsert\s+into\s+(\w+)/gi)].map(([, table]) => table!.toLowerCase());
  return tables.length === 0 ? none : Object.freeze([...new Set(tables)]);
}
