// The real server for tests: on a free port of this machine, with a database of its own.
import { randomBytes } from "node:crypto";
import { createConnection, createServer, type Socket } from "node:net";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { pino } from "pino";
import { createAccount } from "../../src/accounts/create-account.js";
import { createPasswords, type Passwords } from "../../src/accounts/passwords/passwords.js";
import { readConfig } from "../../src/config.js";
import type { Role } from "../../src/gen/lyceum/v1/user.js";
import { openDatabase } from "../../src/platform/database/database.js";
import { startServer } from "../../src/server.js";
import { beforeStop, temporaryFolder, testDatabase } from "./database.js";

export interface TestServer {
  /** `http://127.0.0.1:41234`. */
  readonly url: string;
  readonly port: number;
  readonly databaseUrl: string;
  /** Where its mail is written. */
  readonly mailFolder: string;
  /** Stops the server and drops its database. */
  close(): Promise<void>;
}

/** A server that the tests of a process share. They use data of their own, and change nothing that others see. */
export type SharedServer = Omit<TestServer, "close">;

let shared: Promise<TestServer> | undefined;

/** The usual server of this process: started when it is first needed, and closed at the end of the process. */
export function sharedServer(): Promise<SharedServer> {
  shared ??= testServer().then((server) => {
    beforeStop(() => server.close());
    return server;
  });
  return shared;
}

/** Starts a server with the configuration of tests; `overrides` are further variables of its environment. */
export async function testServer(overrides: Readonly<Record<string, string>> = {}): Promise<TestServer> {
  const database = await testDatabase();
  const dataDir = await temporaryFolder();
  try {
    const server = await startServer(
      readConfig({
        NODE_ENV: "test",
        HOST: "127.0.0.1",
        PORT: "0",
        DATABASE_URL: database.url,
        SECRET_KEY: randomBytes(32).toString("hex"),
        REGISTRATION: "open",
        LOG_LEVEL: "silent",
        PASSWORD_COST: "4",
        // Tests send more than anybody may.
        RATE_FACTOR: "100000",
        DATA_DIR: dataDir,
        ...overrides,
      }),
    );
    return {
      url: `http://127.0.0.1:${server.port}`,
      port: server.port,
      databaseUrl: database.url,
      mailFolder: join(dataDir, "mail"),
      close: async () => {
        await server.close();
        await database.drop();
      },
    };
  } catch (error) {
    await database.drop();
    throw error;
  }
}

let sharedPasswords: Passwords | undefined;

/** Of the accounts that tests make: a thread of a process, which would take longer to start than a hash does. */
function passwordsOfTests(): Passwords {
  if (sharedPasswords) return sharedPasswords;
  const made = createPasswords({ cost: 4, threads: 1 });
  beforeStop(() => made.close());
  return (sharedPasswords = made);
}

/** Creates an account with a role, as the operator does on the command line. */
export async function appoint(
  databaseUrl: string,
  role: Role,
  password = "appointed by the operator",
): Promise<{ email: string; password: string }> {
  const server = await openDatabase({ url: databaseUrl, pool: 1, log: pino({ level: "silent" }) });
  const account = {
    email: `${role.toLowerCase()}.${randomBytes(5).toString("hex")}@example.org`,
    password,
  };
  try {
    await createAccount(server.database, passwordsOfTests(), {
      ...account,
      first_name: "Appointed",
      last_name: role,
      role,
    });
    return account;
  } finally {
    await server.close();
  }
}

/** A proxy to a database that can be shut: for a server behind it the database is then unavailable. */
export interface Gate {
  /** The URL of the database through the proxy. */
  readonly url: string;
  /** Closes all connections, and refuses new ones until `open`. */
  shut(): void;
  open(): void;
  close(): Promise<void>;
}

/** Opens a proxy to a database, whether its URL names a host or a Unix socket. */
export async function databaseGate(databaseUrl: string): Promise<Gate> {
  const target = new URL(databaseUrl);
  const host = target.searchParams.get("host") ?? decodeURIComponent(target.hostname);
  const port = target.searchParams.get("port") ?? (target.port || "5432");
  const open = new Set<Socket>();
  let isShut = false;
  const server = createServer((inner) => {
    if (isShut) return inner.destroy();
    const outer = host.startsWith("/")
      ? createConnection(`${host}/.s.PGSQL.${port}`)
      : createConnection(Number(port), host);
    for (const [from, to] of [
      [inner, outer],
      [outer, inner],
    ] as const) {
      open.add(from);
      from.pipe(to);
      from.on("error", () => to.destroy()).on("close", () => open.delete(from) && to.destroy());
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const own = server.address() as AddressInfo;
  const url = new URL(`postgres://${own.address}:${own.port}${target.pathname}`);
  url.username = target.username || target.searchParams.get("user") || "postgres";
  url.password = target.password;
  const cut = (): void => open.forEach((socket) => socket.destroy());
  return {
    url: url.href,
    shut: () => {
      isShut = true;
      cut();
    },
    open: () => void (isShut = false),
    close: () => {
      cut();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
