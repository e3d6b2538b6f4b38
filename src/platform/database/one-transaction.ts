// All that a piece of work asks of the database in one transaction, with something before its first change and after its last.
import type { Logger } from "pino";
import { isWorthRetrying, translated, unavailable } from "./database-errors.js";
import type { Database, Queries } from "./database.js";
import type { PoolCaller } from "./pool-queue.js";
import { statement, type Statement } from "./statement.js";

const savepoint = statement<never>("pool", "savepoint", "savepoint step");
const rollbackToSavepoint = statement<never>("pool", "rollback-to-savepoint", "rollback to savepoint step");
const attempts = 4;

export interface Frame<T> {
  /** Runs in the transaction before the first change. What it throws is what the change rejects with. */
  readonly begin: (queries: Queries) => Promise<void>;
  /** Runs in the transaction after the work, before the commit. */
  readonly end: (queries: Queries, result: T) => Promise<void>;
  /** Whether the changes that the work has made are kept although it fails with this error. */
  readonly isKept: (error: unknown) => boolean;
}

/**
 * Runs `work` with a database on which every change, and every read after the first, is part of one transaction. Reads before
 * are outside, so that work which takes long before its first change holds no connection. A change that fails undoes itself
 * alone, as it does on the usual database, and changes wait for each other: inside of `transaction` only its own queries may be
 * used. After a deadlock or a serialization failure `work` is run again, up to three times. Rejects as `work` does, or with
 * DATABASE_UNAVAILABLE when the transaction cannot be committed in time: then nothing has changed, unless the commit itself is lost.
 */
export async function inOneTransaction<T>(
  database: Database,
  work: (database: Database) => Promise<T>,
  frame: Frame<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    const joined = new JoinedDatabase(database, (queries) => frame.begin(queries));
    try {
      const result = await work(joined);
      await joined.step((queries) => frame.end(queries, result));
      await joined.commit();
      return result;
    } catch (error) {
      if (frame.isKept(error)) await joined.commit().catch(() => undefined);
      else await joined.rollback(error);
      if (attempt === attempts || !isWorthRetrying(error)) throw translated(error);
    }
  }
}

/** The end of a transaction without a commit. It has no SQLSTATE, so that nothing is tried again inside of the database. */
class Undone extends Error {}

class JoinedDatabase implements Database {
  #database: Database;
  #queries: Promise<Queries> | undefined;
  #over: Promise<void> = Promise.resolve();
  #last: Promise<unknown> = Promise.resolve();
  #end: (error?: Error) => void = () => undefined;
  readonly #afterCommit: (() => void)[] = [];

  constructor(
    database: Database,
    private readonly begin: (queries: Queries) => Promise<void>,
  ) {
    this.#database = database;
  }

  async one<Row>(query: Statement<Row>, values: readonly unknown[]): Promise<Row | undefined> {
    return (await this.many(query, values))[0];
  }

  async many<Row>(query: Statement<Row>, values: readonly unknown[]): Promise<Row[]> {
    if (query.group !== "read") return this.step((queries) => queries.many(query, values));
    return (this.#queries ? await this.#queries : this.#database).many(query, values);
  }

  transaction<U>(work: (queries: Queries) => Promise<U>): Promise<U> {
    return this.step(work);
  }

  afterCommit(work: () => void): void {
    this.#afterCommit.push(work);
  }

  with(log: Logger, caller?: PoolCaller): Database {
    this.#database = this.#database.with(log, caller);
    return this;
  }

  /** Runs `work` in the transaction, after what runs in it now. When it rejects, its changes alone are undone. */
  step<U>(work: (queries: Queries) => Promise<U>): Promise<U> {
    const running = this.#last.then(async () => {
      const queries = await (this.#queries ??= this.#open());
      await queries.one(savepoint, []);
      const undo = queries.last?.undoable();
      try {
        return await work(queries);
      } catch (error) {
        undo?.();
        // It fails where the connection is lost, and then there is nothing to undo.
        await queries.one(rollbackToSavepoint, []).catch(() => undefined);
        throw error;
      }
    });
    this.#last = running.catch(() => undefined);
    return running;
  }

  async commit(): Promise<void> {
    await this.#last;
    this.#end();
    await this.#over;
    for (const work of this.#afterCommit) work();
  }

  async rollback(cause: unknown): Promise<void> {
    await this.#last;
    this.#end(new Undone("Undone", { cause }));
    await this.#over.catch(() => undefined);
  }

  #open(): Promise<Queries> {
    const ended = new Promise<Error | undefined>((resolve) => (this.#end = resolve));
    let isBegun = false;
    return new Promise((resolve, reject) => {
      this.#over = this.#database.transaction(async (queries) => {
        // The database runs it again only when its commit has failed.
        if (isBegun) throw unavailable("The change could not be committed");
        isBegun = true;
        await this.begin(queries);
        resolve(queries);
        const error = await ended;
        if (error) throw error;
      });
      this.#over.catch(reject);
    });
  }
}
