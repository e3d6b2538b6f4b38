// Three servers on one Postgres, each behind a front whose connections fail. Of the signals between them some are lost all the time.
import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";
import { TcpProxy } from "../../platform/tcp-proxy.js";
import { ownServer, type OwnServer } from "../../support/database.js";
import { end, serve, type Server } from "../../support/program.js";
import type { Mutation } from "../site.js";
import { Front } from "./front.js";

/** How many of its signals each server loses: none, a half, all. */
const losses = [0, 0.5, 1] as const;

const tooManyConnections = "53300";

const lossOf = (share: number): Mutation => ({
  file: "platform/signals/signals",
  find: "waiting.push(part);",
  replace: `if (Math.random() >= ${share}) waiting.push(part);`,
});

export class RealtimeSite {
  /** Servers that have ended without being told to. */
  readonly crashed: string[] = [];
  readonly servers: Server[] = [];
  readonly fronts: Front[] = [];
  readonly #leaving = new Set<Server>();

  private constructor(
    readonly postgres: OwnServer,
    /** The network between the last server and Postgres. */
    readonly proxy: TcpProxy,
    private readonly mutations: readonly Mutation[],
    private readonly losses: readonly number[],
  ) {}

  /** Starts all. The servers have these faults, and lose these shares of their signals. */
  static async open(mutations: readonly Mutation[] = [], lost: readonly number[] = losses): Promise<RealtimeSite> {
    const postgres = await ownServer();
    const site = new RealtimeSite(postgres, await TcpProxy.before(postgres.url), mutations, lost);
    try {
      const servers = await Promise.all(losses.map((_, at) => site.#launch(at)));
      site.servers.push(...servers);
      for (const at of servers.keys()) site.fronts.push(await Front.before(() => site.servers[at]!.port));
      return site;
    } catch (error) {
      await site.close();
      throw error;
    }
  }

  /** Starts a server in the place of one that has ended. Resolves when it listens. */
  async restart(at: number): Promise<void> {
    this.servers[at] = await this.#launch(at);
  }

  /** Sends a signal after which the server ends, and waits for the end. */
  async endServer(at: number, signal: NodeJS.Signals): Promise<void> {
    const leaving = this.servers[at]!;
    this.#leaving.add(leaving);
    leaving.child.kill(signal);
    await leaving.ended;
  }

  /** Runs SQL on a connection of an operator, which waits for one that is free: those of a killed server last a while. */
  async query<Row extends object>(sql: string, values: readonly unknown[] = []): Promise<Row[]> {
    const client = await this.#connect();
    try {
      return (await client.query<Row>(sql, [...values])).rows;
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  async close(): Promise<void> {
    for (const front of this.fronts) await front.close();
    for (const server of this.servers) {
      this.#leaving.add(server);
      // What they hold is of no use any more.
      server.child.kill("SIGKILL");
    }
    await end(...this.servers);
    await this.proxy.close();
    await this.postgres.remove();
  }

  async #connect(): Promise<pg.Client> {
    for (let attempt = 0; ; attempt += 1) {
      const client = new pg.Client({ connectionString: this.postgres.url });
      client.on("error", () => undefined);
      try {
        await client.connect();
        return client;
      } catch (error) {
        if ((error as { code?: unknown }).code !== tooManyConnections || attempt === 100) throw error;
        await delay(100);
      }
    }
  }

  async #launch(at: number): Promise<Server> {
    const mutations = [...this.mutations, ...(this.losses[at] === 0 ? [] : [lossOf(this.losses[at]!)])];
    const env = {
      SECRET_KEY: "faults ".repeat(6),
      REGISTRATION: "open",
      ACCESS_TOKEN_MINUTES: "600",
      DATABASE_POOL: "5",
      // Postgres has sixty connections, and those of a killed server last a while.
      JOBS_CONCURRENCY: "1",
      LOG_LEVEL: "info",
      DATABASE_URL: at === losses.length - 1 ? this.proxy.url : this.postgres.url,
    };
    const preload = [new URL("../../runner/mutants/mutation.mjs", import.meta.url)];
    const server = await serve(
      mutations.length === 0 ? { env } : { env: { ...env, MUTATIONS: JSON.stringify(mutations) }, preload },
    );
    void this.#watch(server);
    return server;
  }
  /** Records the end of a server that was not told to end. */
  async #watch(server: Server): Promise<void> {
    const { code, signal, stderr } = await server.ended;
    if (!this.#leaving.has(server)) this.crashed.push(`a server ended with ${code ?? signal} ${stderr.slice(0, 400)}`);
  }
}
