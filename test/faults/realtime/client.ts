// A person with one connection for updates, which is opened again at any server whenever it breaks.
import { setTimeout as delay } from "node:timers/promises";
import type { Message } from "../../../src/gen/lyceum/v1/message.js";
import { exchange } from "../../../runner/client/exchange.js";
import type { Json, Person } from "../../resilience/person.js";
import { Replica } from "./replica.js";
import type { RealtimeSite } from "./site.js";

/** A request that may be lost is given up so many times at most before the run fails. */
const mostTries = 400;

export interface Reply {
  readonly status: number;
  readonly body: Json;
}

/** How the updates come. */
export interface Connection {
  /** Ends when it is broken or closed. Never rejects. */
  readonly ended: Promise<void>;
  /** The topics that are wanted have changed. */
  want(): void;
  close(): void;
  /** Reads nothing from now on, or goes on. */
  pause(isPaused: boolean): void;
  /** Sends a message by a call over the connection. Rejects when the answer is lost; undefined where there are no calls. */
  send?: (chatId: number, text: string, key: string) => Promise<Reply>;
}

/** Opens a connection at a server. Rejects when it cannot be opened. */
export type Connect = (client: Client, url: string) => Promise<Connection>;

export class Client {
  readonly replica: Replica;
  connection: Connection | undefined;
  /** The cursor of the last answer, where there are answers. */
  cursor = "";
  /** How often a connection was closed, by its code or its cause. */
  readonly closes = new Map<string, number>();
  connects = 0;
  #isStopped = false;
  #isAbsent = false;
  #running: Promise<void> | undefined;

  constructor(
    readonly name: string,
    readonly person: Person,
    private readonly site: RealtimeSite,
    private readonly connect: Connect,
    private readonly random: (bound: number) => number,
  ) {
    this.replica = new Replica({
      userId: person.id,
      readChat: (chatId) => this.#readChat(chatId),
      onWanted: () => this.connection?.want(),
    });
  }

  start(): void {
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.connection?.close();
    await this.#running;
  }

  /** Stays away, or comes back. */
  setAbsent(isAbsent: boolean): void {
    this.#isAbsent = isAbsent;
    if (isAbsent) this.connection?.close();
  }

  closed(cause: string): void {
    this.closes.set(cause, (this.closes.get(cause) ?? 0) + 1);
  }

  /** Repeats a request at any server until its answer does not ask for that. */
  async insist(verb: string, path: string, body?: Json, key?: string): Promise<Reply> {
    for (let tries = 0; tries < mostTries && !this.#isStopped; tries += 1) {
      const reply = await this.#ask(verb, path, body, key).catch(() => undefined);
      const mustRepeat =
        !reply || reply.status >= 500 || reply.status === 429 || reasonOf(reply) === "IDEMPOTENCY_IN_PROGRESS";
      if (reply && !mustRepeat) return reply;
      await delay(20 + this.random(60));
    }
    throw new Error(`${verb} ${path} was not answered`);
  }

  async #ask(verb: string, path: string, body: Json | undefined, key: string | undefined): Promise<Reply> {
    const answer = await exchange(this.anyUrl(), {
      verb,
      path,
      headers: [
        ["Authorization", `Bearer ${this.person.token}`],
        ["Content-Type", "application/json"],
        ...(key === undefined ? [] : ([["Idempotency-Key", key]] as const)),
      ],
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = answer.body.toString("utf8");
    return { status: answer.status, body: text === "" ? {} : (JSON.parse(text) as Json) };
  }

  anyUrl(): string {
    return this.site.fronts[this.random(this.site.fronts.length)]!.url;
  }

  async #run(): Promise<void> {
    while (!this.#isStopped) {
      if (!this.#isAbsent) {
        try {
          this.connection = await this.connect(this, this.anyUrl());
          this.connects += 1;
          if (this.#isAbsent || this.#isStopped) this.connection.close();
          await this.connection.ended;
        } catch (error) {
          this.closed(error instanceof Error ? error.message.slice(0, 60) : "?");
        }
        this.connection = undefined;
      }
      await delay(10 + this.random(90));
    }
  }

  async #readChat(chatId: number): Promise<readonly Message[] | undefined> {
    const messages: Message[] = [];
    for (let token = ""; ;) {
      const page = `limit=100&sort=created_at${token && `&page_token=${encodeURIComponent(token)}`}`;
      const reply = await this.insist("GET", `/v1/chats/${chatId}/messages?${page}`).catch(() => undefined);
      if (reply?.status !== 200) return undefined;
      messages.push(...(reply.body["messages"] as Message[]));
      token = (reply.body["next_page_token"] as string | undefined) ?? "";
      if (token === "") return messages;
    }
  }
}

export const reasonOf = ({ body }: Reply): unknown => body["reason"];
