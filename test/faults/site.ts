// Two servers on one Postgres. The first reaches it directly, the second through a proxy whose network can fail.
import { readFile } from "node:fs/promises";
import pg from "pg";
import { TcpProxy } from "../platform/tcp-proxy.js";
import type { Mutant } from "../runner/mutants/mutant.js";
import { ownServer, type OwnServer } from "../support/database.js";
import { end, serve, type Server } from "../support/program.js";

/** One line of the servers' source that is wrong on purpose. */
export type Mutation = Pick<Mutant, "file" | "find" | "replace">;

export class Site {
  /** Servers that have ended without being told to. */
  readonly crashed: string[] = [];
  readonly #leaving = new Set<Server>();

  private constructor(
    readonly postgres: OwnServer,
    readonly proxy: TcpProxy,
    readonly servers: [Server, Server],
    private readonly env: Readonly<Record<string, string>>,
    private readonly mutation: Mutation | undefined,
  ) {
    for (const server of servers) void this.#watch(server);
  }

  /** Starts Postgres and both servers. With a mutation both servers have that fault. */
  static async open(mutation?: Mutation): Promise<Site> {
    const postgres = await ownServer();
    const proxy = await TcpProxy.before(postgres.url);
    const env = {
      SECRET_KEY: "faults ".repeat(6),
      REGISTRATION: "open",
      ACCESS_TOKEN_MINUTES: "600",
      // Dear enough that a flood of guesses fills the queue.
      PASSWORD_COST: "9",
      DATABASE_POOL: "6",
      // A client is known by the address that its proxy reports.
      TRUST_PROXY: "1",
      LOG_LEVEL: "info",
    };
    const urls = [postgres.url, proxy.url];
    const [first, second] = await Promise.all(urls.map((url) => launch({ ...env, DATABASE_URL: url }, mutation)));
    return new Site(postgres, proxy, [first!, second!], env, mutation);
  }

  url(server: number): string {
    return this.servers[server]!.url;
  }

  /** Starts a server in the place of one that has ended. Resolves when it listens. */
  async restart(server: number): Promise<void> {
    const DATABASE_URL = server === 0 ? this.postgres.url : this.proxy.url;
    this.servers[server] = await launch({ ...this.env, DATABASE_URL }, this.mutation);
    void this.#watch(this.servers[server]!);
  }

  /** Sends a signal after which the server ends, and waits for the end. */
  async endServer(server: number, signal: NodeJS.Signals): Promise<number | null> {
    const leaving = this.servers[server]!;
    this.#leaving.add(leaving);
    leaving.child.kill(signal);
    return (await leaving.ended).code;
  }

  /** The resident memory of a server, in bytes. */
  memoryOf(server: number): Promise<number> {
    return residentBytes(this.servers[server]!.pid);
  }

  /** A connection of an operator, past servers and proxy. The caller ends it. */
  async connect(): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: this.postgres.url });
    client.on("error", () => undefined);
    await client.connect();
    return client;
  }

  /** Runs SQL on a connection of an operator. */
  async query<Row extends object>(sql: string, values: readonly unknown[] = []): Promise<Row[]> {
    const client = await this.connect();
    try {
      return (await client.query<Row>(sql, [...values])).rows;
    } finally {
      await client.end();
    }
  }

  async close(): Promise<void> {
    for (const server of this.servers) {
      this.#leaving.add(server);
      server.child.kill("SIGCONT");
    }
    await end(...this.servers);
    await this.proxy.close();
    await this.postgres.remove();
  }

  /** Records the end of a server that was not told to end. */
  async #watch(server: Server): Promise<void> {
    const { code, signal, stderr } = await server.ended;
    if (!this.#leaving.has(server)) this.crashed.push(`a server ended with ${code ?? signal} ${stderr.slice(0, 400)}`);
  }
}

function launch(env: Readonly<Record<string, string>>, mutation: Mutation | undefined): Promise<Server> {
  if (!mutation) return serve({ env });
  const preload = [new URL("../runner/mutants/mutation.mjs", import.meta.url)];
  return serve({ env: { ...env, MUTATIONS: JSON.stringify([mutation]) }, preload });
}

/** What a process holds in memory, in bytes; NaN where the system does not show it. */
async function residentBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  return 1024 * Number(/^VmRSS:\s*(\d+) kB/m.exec(status)?.[1]);
}
