// A database for tests that run statements: opened, with its log lines at hand, and statements of their own.
import { setTimeout as delay } from "node:timers/promises";
import { pino } from "pino";
import { type DatabaseServer, openDatabase } from "../../../src/platform/database/database.js";
import { type ConnectionGroup, type Statement, statement } from "../../../src/platform/database/statement.js";
import { testDatabase } from "../../support/database.js";

export const groups: readonly ConnectionGroup[] = ["read", "write", "pool"];

export interface OpenedDatabase {
  readonly url: string;
  readonly server: DatabaseServer;
  /** All lines of the log, from level debug. */
  readonly lines: Record<string, unknown>[];
  readonly log: pino.Logger;
  /** The names of the statements, as `observe` had them. */
  readonly observed: string[];
  close(): Promise<void>;
}

/** Opens a fresh database with a pool of three and a few tables. A statement is slow after `slowMs`; by default none is. */
export async function openedDatabase(slowMs = 60_000): Promise<OpenedDatabase> {
  const lines: Record<string, unknown>[] = [];
  const write = (line: string): void => void lines.push(JSON.parse(line) as Record<string, unknown>);
  const log = pino({ level: "debug" }, { write });
  const observed: string[] = [];
  const { url, drop } = await testDatabase();
  const server = await openDatabase({ url, pool: 3, log, slowMs, observe: (name) => observed.push(name) });
  await server.knex.raw(`
    create table owners (id bigint constraint owners_pkey primary key);
    create table things (
      id bigint constraint things_pkey primary key, name text constraint things_name unique, n bigint not null default 0,
      owner_id bigint constraint things_owner references owners
    )`);
  const close = async (): Promise<void> => {
    await server.close();
    await drop();
  };
  return { url, server, lines, log, observed, close };
}

let serial = 0;

/** A statement with a name that no other has. */
export function freshStatement<Row>(group: ConnectionGroup, text: string): Statement<Row> {
  return statement<Row>(group, `test-${(serial += 1)}`, text);
}

/** The error with which a promise rejects. Fails when it resolves. */
export async function failure(promise: Promise<unknown>): Promise<Error & { code?: string }> {
  return promise.then(
    () => {
      throw new Error("it succeeded");
    },
    (error: unknown) => error as Error,
  );
}

/** Waits until the condition holds. Fails after fifteen seconds. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 750; tries += 1) {
    if (await condition()) return;
    await delay(20);
  }
  throw new Error("the condition never held");
}
