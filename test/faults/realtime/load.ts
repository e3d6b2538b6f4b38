// What happens in the chats meanwhile: clients send, change and delete messages, and a steward removes members and adds them again.
import { setTimeout as delay } from "node:timers/promises";
import { newPerson, type Json } from "../../resilience/person.js";
import { Client, reasonOf, type Connect, type Reply } from "./client.js";
import { eventStream, longPoll, socketIn } from "./connections.js";
import { frames } from "./frames.js";
import type { RealtimeSite } from "./site.js";

/** How many chats each client is in. */
const chatsOfOne = 3;
/** How long the senders may take to be acknowledged, in milliseconds. */
const patienceMs = 30_000;

/** A time in which somebody was no member. */
export interface Removal {
  readonly chatId: number;
  readonly userId: number;
  /** The pts of the removal. */
  readonly pts: number;
  /** When they were asked to be added again, by performance.now(). */
  endedAt: number;
}

export class Load {
  /** The ids of acknowledged messages by their texts, and all texts that were ever sent. */
  readonly sent = new Map<string, number>();
  readonly tried = new Set<string>();
  readonly removals: Removal[] = [];
  /** Answers that no request of the load should get. */
  readonly strange: string[] = [];
  callsLost = 0;
  callsAnswered = 0;
  #isOpen = false;
  #working: Promise<unknown>[] = [];
  #turn = 0;

  private constructor(
    private readonly site: RealtimeSite,
    readonly clients: readonly Client[],
    private readonly steward: Client,
    readonly chats: readonly number[],
    private readonly random: (bound: number) => number,
    /** The time between two messages of a client, at most, in milliseconds. */
    private readonly restMs: number,
  ) {}

  /** Registers the people, makes the chats, and opens the connections. */
  static async make(
    site: RealtimeSite,
    { people, chats, restMs }: { people: number; chats: number; restMs: number },
    random: (bound: number) => number,
  ): Promise<Load> {
    const connects: [string, Connect][] = [
      ...frames.map((each): [string, Connect] => [each.protocol, socketIn(each)]),
      ["long poll", longPoll],
      ["stream", eventStream],
    ];
    const person = (at: number) => newPerson(() => site.servers[at % 3]!.url);
    const [first, ...others] = await Promise.all(Array.from({ length: people + 1 }, (_, at) => person(at)));
    const steward = new Client("steward", first!, site, longPoll, random);
    const clients = others.map((each, at) => {
      const [name, connect] = connects[at % connects.length]!;
      return new Client(name, each, site, connect, random);
    });
    const ids: number[] = [];
    for (let at = 0; at < chats; at += 1) {
      const member_ids = clients.filter((_, place) => isIn(place, at, chats)).map((client) => client.person.id);
      const { body } = await steward.insist("POST", "/v1/chats", { title: `Chat ${at}`, member_ids });
      ids.push(body["id"] as number);
    }
    for (const [place, client] of clients.entries()) {
      for (const [at, id] of ids.entries()) if (isIn(place, at, chats)) client.replica.wanted.add(`chat:${id}`);
      client.start();
    }
    return new Load(site, clients, steward, ids, random, restMs);
  }

  /** Resolves when every client follows its chats. */
  async followed(): Promise<void> {
    const isReady = ({ replica }: Client): boolean => replica.wanted.size === 0 && replica.topics.size > 1;
    for (const end = performance.now() + patienceMs; !this.clients.every(isReady); await delay(20))
      if (performance.now() > end)
        throw new Error(
          `clients do not follow their topics: ${JSON.stringify(this.clients.map((each) => [each.name, each.replica.positions(), [...each.closes]]))}`,
        );
  }

  resume(): void {
    this.#isOpen = true;
    this.#working = [
      ...this.clients.map((client) => this.#repeat(() => this.#say(client), this.restMs)),
      this.#repeat(() => this.#move(), 4 * this.restMs),
    ];
  }

  /** Waits until all that was begun is acknowledged. */
  async pause(): Promise<void> {
    this.#isOpen = false;
    let isDone = false;
    const done = Promise.all(this.#working).then(() => (isDone = true));
    for (const end = performance.now() + patienceMs; !isDone; await Promise.race([done, delay(50)])) {
      if (this.site.crashed.length > 0) throw new Error("a server has ended");
      if (performance.now() > end) throw new Error(`the senders were not acknowledged within ${patienceMs / 1000} s`);
    }
  }

  /** Sends so many messages into a chat, fast. */
  async flood(chatId: number, count: number, length: number): Promise<void> {
    for (let left = count; left > 0; left -= 100) {
      const messages = Array.from({ length: Math.min(100, left) }, () => ({ text: this.#text("flood", length) }));
      const key = keyOf(`flood ${this.#turn}`);
      const reply = await this.steward.insist("POST", `/v1/chats/${chatId}/messages/batch`, { messages }, key);
      if (this.#isStrange(reply, 201)) continue;
      for (const { id, text } of reply.body["messages"] as { id: number; text: string }[]) this.sent.set(text, id);
    }
  }

  async close(): Promise<void> {
    this.#isOpen = false;
    await Promise.all([...this.clients, this.steward].map((client) => client.stop()));
  }

  async #repeat(work: () => Promise<void>, restMs: number): Promise<void> {
    while (this.#isOpen) {
      await delay(this.random(restMs));
      if (this.#isOpen) await work();
    }
  }

  #text(who: string, length = 20): string {
    const text = `${who} ${(this.#turn += 1)}`.padEnd(length, ".");
    this.tried.add(text);
    return text;
  }

  /** One message, sometimes changed or deleted afterwards. */
  async #say(client: Client): Promise<void> {
    const chatIds = [...client.replica.topics.keys()].filter((topic) => topic.startsWith("chat:"));
    if (chatIds.length === 0) return;
    const chatId = Number(chatIds[this.random(chatIds.length)]!.slice("chat:".length));
    const text = this.#text(String(client.person.id));
    const reply = await this.#send(client, chatId, text);
    // The sender may have been removed meanwhile.
    if (reply.status === 404 || this.#isStrange(reply, 201)) return;
    const id = reply.body["id"] as number;
    this.sent.set(text, id);
    const path = `/v1/messages/${id}`;
    const choice = this.random(10);
    if (choice === 0) {
      const edited = await client.insist("PATCH", path, { text: `${text}e` });
      if (edited.status !== 404) this.#isStrange(edited, 200);
    } else if (choice === 1) await client.insist("DELETE", path);
  }

  /** Over the socket where there is one, and over HTTP with the same key when the answer is lost. */
  async #send(client: Client, chatId: number, text: string): Promise<Reply> {
    const { connection } = client;
    if (connection?.send) {
      try {
        const reply = await connection.send(chatId, text, keyOf(text));
        this.callsAnswered += 1;
        const mustRepeat = reply.status >= 500 || reply.status === 429 || reasonOf(reply) === "IDEMPOTENCY_IN_PROGRESS";
        if (!mustRepeat) return reply;
      } catch {
        this.callsLost += 1;
      }
    }
    return client.insist("POST", `/v1/chats/${chatId}/messages`, { text } satisfies Json, keyOf(text));
  }

  /** Removes a member of a chat, and adds one who was removed. */
  async #move(): Promise<void> {
    const open = this.removals.filter(({ endedAt }) => endedAt === Infinity);
    if (open.length > this.clients.length / 4) {
      const [removal] = open;
      const { chatId, userId } = removal!;
      removal!.endedAt = performance.now();
      const reply = await this.steward.insist("POST", `/v1/chats/${chatId}/members`, { user_id: userId });
      if (reasonOf(reply) !== "ALREADY_MEMBER") this.#isStrange(reply, 201);
      return;
    }
    const client = this.clients[this.random(this.clients.length)]!;
    const userId = client.person.id;
    const chatId = this.chats[this.random(this.chats.length)]!;
    const reply = await this.steward.insist("DELETE", `/v1/chats/${chatId}/members/${userId}`);
    if (reply.status !== 204 && reasonOf(reply) !== "MEMBER_NOT_FOUND") return void this.#isStrange(reply, 204);
    const pts = await this.#ptsOfRemoval(chatId, userId);
    const isKnown = open.some((each) => each.chatId === chatId && each.userId === userId);
    if (pts !== undefined && !isKnown) this.removals.push({ chatId, userId, pts, endedAt: Infinity });
  }

  async #ptsOfRemoval(chatId: number, userId: number): Promise<number | undefined> {
    for (;;) {
      try {
        const [row] = await this.site.query<{ pts: number }>(
          `select pts::float8 from updates where topic = $1 and kind = 'member.removed' and subject_id = $2 order by pts desc limit 1`,
          [`chat:${chatId}`, userId],
        );
        return row?.pts;
      } catch {
        await delay(100);
      }
    }
  }

  #isStrange({ status, body }: Reply, expected: number): boolean {
    if (status === expected) return false;
    this.strange.push(`${status} instead of ${expected}: ${JSON.stringify(body).slice(0, 200)}`);
    return true;
  }
}

/** The Idempotency-Key of what was sent with a text. */
const keyOf = (text: string): string => `"${text}"`;

function isIn(place: number, chat: number, chats: number): boolean {
  return (chat - place + 3 * chats * chatsOfOne) % chats < chatsOfOne;
}
