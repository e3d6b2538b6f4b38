// Accounts on a database of their own, for tests: real in all but the cost of a password.
import { randomUUID } from "node:crypto";
import { pino } from "pino";
import { authHandlers } from "../../src/accounts/handlers.js";
import { type Accounts, type AccountSettings, openAccounts } from "../../src/accounts/open.js";
import { anonymous, type Call, type Caller, type Handlers } from "../../src/call.js";
import type { AuthService } from "../../src/gen/lyceum/v1/auth.js";
import { type DatabaseServer, openDatabase } from "../../src/platform/database/database.js";
import { statement } from "../../src/platform/database/statement.js";

export const log = pino({ level: "silent" });

/** One process's worth of accounts. */
export interface Opened {
  readonly server: DatabaseServer;
  readonly accounts: Accounts;
  readonly auth: Handlers<AuthService>;
  /** What a handler is given for this caller. */
  call(user?: Caller): Call;
  /** Whatever SQL a test needs to see or to move time. */
  sql<Row>(text: string, ...values: unknown[]): Promise<Row[]>;
  close(): Promise<void>;
}

export const settings: AccountSettings = {
  secretKey: "a secret key of forty bytes, for the tests",
  accessTokenMinutes: 10,
  refreshTokenDays: 30,
  registration: "open",
  passwordCost: 4,
};

/** Opens accounts on the database at `url`, as a process of its own would. */
export async function open(url: string, changed: Partial<AccountSettings> = {}): Promise<Opened> {
  const server = await openDatabase({ url, pool: 5, log });
  const accounts = await openAccounts(server, { ...settings, ...changed }, log);
  return {
    server,
    accounts,
    auth: authHandlers(accounts),
    call: (user = anonymous) => ({ user, database: server.database, log, now: new Date(), ifMatch: undefined }),
    sql: <Row>(text: string, ...values: unknown[]) =>
      server.database.many(statement<Row>("pool", `test-${randomUUID()}`, text), values),
    async close() {
      await accounts.close();
      await server.close();
    },
  };
}

/** A person to register, with an address that nobody else has. */
export function somebody(): { email: string; password: string; first_name: string; last_name: string } {
  return { email: `${randomUUID()}@example.org`, password: "correct horse", first_name: "Мария", last_name: "Иванова" };
}

/** The same twenty times at once. */
export function twentyTimes<T>(work: () => Promise<T>): Promise<PromiseSettledResult<T>[]> {
  return Promise.allSettled(Array.from({ length: 20 }, work));
}
