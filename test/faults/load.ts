// Writers and readers at both servers. A writer repeats each request at the other server until it is acknowledged, with the
// same client_message_id, so that no retry makes a second message.
import { setTimeout as delay } from "node:timers/promises";
import { newPerson, call, type Json, type Person, type Reply } from "../resilience/person.js";
import type { Ledger } from "./ledger.js";
import type { Site } from "./site.js";

/** How many writers share a chat. */
const inOneChat = 8;
/** How long the writers may take to be acknowledged at the end of a fault, in milliseconds. */
const patienceMs = 30_000;

/** A person who writes into one chat. */
export interface Writer extends Person {
  readonly chatId: number;
  /** Acknowledged messages of this writer that are not deleted. */
  readonly ids: number[];
  turn: number;
}

export class Load {
  #isOpen = false;
  #clients: Promise<unknown>[] = [];

  private constructor(
    private readonly site: Site,
    private readonly ledger: Ledger,
    readonly writers: readonly Writer[],
    private readonly random: (bound: number) => number,
  ) {}

  /** Registers so many writers, and makes a chat for each eight of them. */
  static async make(site: Site, ledger: Ledger, count: number, random: (bound: number) => number): Promise<Load> {
    const people: Person[] = [];
    while (people.length < count) {
      const some = Array.from({ length: Math.min(4, count - people.length) }, (_, at) =>
        newPerson(() => site.url(at % 2)),
      );
      people.push(...(await Promise.all(some)));
    }
    const writers: Writer[] = [];
    for (let at = 0; at < count; at += inOneChat) {
      const group = people.slice(at, at + inOneChat);
      const member_ids = group.slice(1).map(({ id }) => id);
      const { body } = await group[0]!.call("POST", "/v1/chats", { title: `Chat ${at / inOneChat}`, member_ids });
      const chatId = body["id"] as number;
      for (const person of group) writers.push(Object.assign(person, { chatId, ids: [], turn: 0 }));
    }
    return new Load(site, ledger, writers, random);
  }

  /** The ids of the chats that are written into. */
  get chatIds(): number[] {
    return [...new Set(this.writers.map(({ chatId }) => chatId))];
  }

  /** Lets all clients send without a pause, until `pause`. */
  resume(): void {
    this.#isOpen = true;
    const readers = this.writers.filter((_, at) => at % 4 === 0);
    this.#clients = [
      ...this.writers.map((writer) => this.#repeat(() => this.#write(writer))),
      ...readers.map((reader) => this.#repeat(() => this.#look(reader))),
    ];
  }

  /** Waits until each writer has been acknowledged. Rejects after half a minute, and when a server has ended by itself. */
  async pause(): Promise<void> {
    this.#isOpen = false;
    let isDone = false;
    const done = Promise.all(this.#clients).then(() => (isDone = true));
    for (const end = performance.now() + patienceMs; !isDone; await Promise.race([done, delay(50)])) {
      if (this.site.crashed.length > 0) throw new Error("the writers have lost a server");
      if (performance.now() > end) throw new Error(`the writers were not acknowledged within ${patienceMs / 1000} s`);
    }
  }

  /**
   * The milliseconds from `since` to the first success of a request that began after it, at the slower of the two servers. Infinity
   * when there is none within half a minute.
   */
  async firstSuccess(since: number): Promise<number> {
    for (; performance.now() - since < patienceMs && this.site.crashed.length === 0; await delay(20)) {
      const first = [0, 1].map((server) =>
        this.ledger.attempts.find((each) => each.server === server && each.isGood && each.begunAt >= since),
      );
      if (first.every((each) => each !== undefined))
        return Math.max(...first.map((each) => each!.begunAt + each!.ms)) - since;
    }
    return Infinity;
  }

  async #repeat(work: () => Promise<void>): Promise<void> {
    while (this.#isOpen) {
      await delay(this.random(10));
      await work();
    }
  }

  /** One request at one server, recorded; `mayBeGone` where 404 is the effect of an earlier try. Undefined without an answer. */
  async #ask(
    server: number,
    { token }: Person,
    verb: string,
    path: string,
    body?: Json,
    mayBeGone = false,
  ): Promise<Reply | undefined> {
    const begunAt = performance.now();
    try {
      const reply = await call(this.site.url(server), verb, path, body, token);
      const isGood = reply.status < 300 || (mayBeGone && reply.status === 404);
      this.ledger.attempts.push({ server, begunAt, ms: reply.ms, status: reply.status, isGood });
      return reply;
    } catch (error) {
      const status = (error as NodeJS.ErrnoException).code === "ECONNREFUSED" ? "unreachable" : "cut";
      this.ledger.attempts.push({ server, begunAt, ms: performance.now() - begunAt, status, isGood: false });
      return undefined;
    }
  }

  /**
   * Repeats a request, at one server and the other in turn, until it succeeds. Undefined when it was answered with a status that no
   * repetition changes, which is recorded.
   */
  async #insist(writer: Writer, verb: string, path: string, body?: Json): Promise<Reply | undefined> {
    for (let server = this.random(2), tries = 1; ; server = 1 - server, tries++) {
      const mayBeGone = verb === "DELETE" && tries > 1;
      const reply = await this.#ask(server, writer, verb, path, body, mayBeGone);
      if (reply && (reply.status < 300 || (mayBeGone && reply.status === 404))) return reply;
      if (reply && reply.status < 500 && reply.status !== 429) return undefined;
      await delay(20);
    }
  }

  async #write(writer: Writer): Promise<void> {
    const { chatId, id: senderId, ids } = writer;
    const turn = ++writer.turn;
    const path = `/v1/chats/${chatId}/messages`;
    const draft = (line: string): Json => {
      const text = `${senderId}.${turn}${line}`;
      this.ledger.tried.add(text);
      return { text, client_message_id: text };
    };
    const acknowledge = (message: Json): void => {
      const [id, seq] = [message["id"] as number, message["seq"] as number];
      const text = message["text"] as string;
      if (!this.ledger.sent.has(text)) ids.push(id);
      this.ledger.acknowledge(text, { chatId, senderId, id, seq });
    };

    if (turn % 10 === 0) {
      const messages = ["a", "b", "c"].map(draft);
      const reply = await this.#insist(writer, "POST", `${path}/batch`, { messages });
      (reply?.body["messages"] as Json[] | undefined)?.forEach(acknowledge);
    } else {
      const body = draft("");
      if (turn % 4 === 1) {
        const file = await this.#insist(writer, "POST", "/v1/files", { content: turn });
        if (file) this.ledger.files.set(body["text"] as string, file.body["id"] as number);
        if (file) body["file_ids"] = [file.body["id"]];
      }
      // Some twice, as a client does whose answer was lost.
      for (let time = 0; time < (turn % 8 === 2 ? 2 : 1); time++) {
        const reply = await this.#insist(writer, "POST", path, body);
        if (reply) acknowledge(reply.body);
      }
    }
    if (turn % 7 === 0 && ids.length > 0) {
      const [id] = ids.splice(this.random(ids.length), 1);
      if (await this.#insist(writer, "DELETE", `/v1/messages/${id}`)) this.ledger.deleted.add(id!);
    }
    if (turn % 9 === 0) {
      const reply = await this.#insist(writer, "POST", `/v1/chats/${chatId}/read`, { seq: 5 * turn });
      if (reply) this.ledger.read.set(`${chatId} ${senderId}`, reply.body["last_read_seq"] as number);
    }
  }

  async #look(reader: Writer): Promise<void> {
    const paths = [`/v1/chats/${reader.chatId}/messages`, "/v1/chats", `/v1/chats/${reader.chatId}`, "/v1/auth/me"];
    await this.#ask(this.random(2), reader, "GET", paths[this.random(paths.length)]!);
    await delay(10);
  }
}
