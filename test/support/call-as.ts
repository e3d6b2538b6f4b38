// A database with people in it, and handlers that are called as any of them.
import { pino } from "pino";
import type { Call } from "../../src/call.js";
import { chatHandlers } from "../../src/chats/handlers.js";
import type { Role } from "../../src/gen/lyceum/v1/user.js";
import { messageHandlers } from "../../src/chats/messages/handlers.js";
import { type Database, openDatabase } from "../../src/platform/database/database.js";
import { statement } from "../../src/platform/database/statement.js";
import { enrolUser } from "../../src/users/people.js";
import { refusal } from "../accounts/refusal.js";
import { testDatabase } from "../support/database.js";

const log = pino({ level: "silent" });
const limits = { defaultLimit: 20, maxLimit: 100 };

export interface Classroom {
  readonly chats: ReturnType<typeof chatHandlers>;
  readonly messages: ReturnType<typeof messageHandlers>;
  readonly database: Database;
  /** A call by a user, with what If-Match names. */
  as(userId: number, options?: { role?: Role; ifMatch?: readonly number[] }): Call;
  /** A new person; answers the id. */
  person(firstName?: string, lastName?: string): Promise<number>;
  /** A new group chat; the first owns it. */
  chat(owner: number, ...members: number[]): Promise<number>;
  /** Any SQL, for what no handler shows. */
  sql<Row>(text: string, values?: readonly unknown[]): Promise<Row[]>;
  close(): Promise<void>;
}

export async function openClassroom(): Promise<Classroom> {
  const cloned = await testDatabase();
  const server = await openDatabase({ url: cloned.url, pool: 10, log });
  const { database } = server;
  const chats = chatHandlers(limits);
  const as: Classroom["as"] = (id, { role = "ROLE_STUDENT", ifMatch } = {}) => ({
    user: { id, role, sessionId: "" },
    database,
    log,
    now: new Date(),
    ifMatch,
  });
  let people = 0;
  let asked = 0;
  return {
    chats,
    messages: messageHandlers(limits),
    database,
    as,
    async person(first_name = "Anna", last_name = "Smith") {
      const email = `person${++people}@example.org`;
      return (await enrolUser(database, { email, first_name, last_name, role: "ROLE_STUDENT" })).id;
    },
    async chat(owner, ...member_ids) {
      return (await chats.createChat({ title: "Tea", member_ids }, as(owner))).id;
    },
    sql: <Row>(text: string, values: readonly unknown[] = []) =>
      database.transaction((queries) => queries.many(statement<Row>("pool", `test-${++asked}`, text), values), {
        timeoutMs: 30_000,
      }),
    async close() {
      await server.close();
      await cloned.drop();
    },
  };
}

/** The answers, and the reasons of the refusals, of promises that run side by side. Whatever else fails is thrown on. */
export async function outcomes<T>(promises: readonly Promise<T>[]): Promise<{ answers: T[]; reasons: string[] }> {
  const answers: T[] = [];
  const reasons: string[] = [];
  for (const settled of await Promise.allSettled(promises)) {
    if (settled.status === "fulfilled") answers.push(settled.value);
    else if (settled.reason instanceof Error && "reason" in settled.reason) reasons.push(String(settled.reason.reason));
    else throw settled.reason;
  }
  return { answers, reasons };
}

/** The reason for which a promise is refused. Throws when it is not. */
export async function reasonOf(promise: Promise<unknown>): Promise<string> {
  return (await refusal(promise)).reason;
}

/** 1, 2, 3 ... up to `last`. */
export function upTo(last: number): number[] {
  return Array.from({ length: last }, (_, index) => index + 1);
}

/** Numbers from 0 to below `bound`, the same ones for the same seed (mulberry32). */
export function seeded(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % bound;
  };
}
