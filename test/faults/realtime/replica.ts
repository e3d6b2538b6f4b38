// What a client knows: of each topic its pts, and of each chat its messages, from updates alone. It takes each update once and in order, or
// says what is wrong with what the server has sent.
import type { Message } from "../../../src/gen/lyceum/v1/message.js";
import type { Update } from "../../../src/gen/lyceum/v1/realtime.js";

/** What a message is compared by. */
export const faceOf = ({ seq, text, deleted_at }: { seq: number; text: string | null; deleted_at?: unknown }): string =>
  `${seq} ${deleted_at ? "deleted" : text}`;

interface Followed {
  pts: number;
  /** Those of a chat, by their ids. */
  messages: Map<number, string>;
  /** Updates that wait while the chat is read over HTTP; undefined when it is known. */
  waiting: Update[] | undefined;
}

/** An update as it came. */
export interface Reception {
  readonly topic: string;
  readonly pts: number;
  readonly at: number;
}

export interface ReplicaOptions {
  readonly userId: number;
  /** Reads all messages of a chat over HTTP; undefined when the chat is not there for them. */
  readonly readChat: (chatId: number) => Promise<readonly Message[] | undefined>;
  /** Called when a topic is to be followed of which nothing is known. */
  readonly onWanted: (topic: string) => void;
}

export class Replica {
  readonly topics = new Map<string, Followed>();
  /** Topics that are to be followed from now on. */
  readonly wanted = new Set<string>();
  /** A sentence for each update too many, too few, or at the wrong place. */
  readonly doubled: string[] = [];
  readonly missed: string[] = [];
  readonly receptions: Reception[] = [];
  /** How often a topic was read anew, since too much of it was missed. */
  tooLong = 0;
  resumes = 0;

  constructor(private readonly options: ReplicaOptions) {
    this.wanted.add(`user:${options.userId}`);
  }

  /** Where it is in each topic. */
  positions(): { topic: string; pts: number | undefined }[] {
    return [
      ...Array.from(this.topics, ([topic, { pts }]) => ({ topic, pts })),
      ...Array.from(this.wanted, (topic) => ({ topic, pts: undefined })),
    ];
  }

  /** A topic begins. */
  start({ topic, pts, is_too_long }: { topic: string; pts: number; is_too_long: boolean }): void {
    const known = this.topics.get(topic);
    this.wanted.delete(topic);
    if (known && !is_too_long) {
      this.resumes += 1;
      if (pts < known.pts) this.doubled.push(`${this.#whose(topic)} begins again at ${pts}, known up to ${known.pts}`);
      if (pts > known.pts) this.missed.push(`${this.#whose(topic)} goes on at ${pts}, known up to ${known.pts}`);
      return;
    }
    if (known) this.tooLong += 1;
    const followed: Followed = { pts, messages: new Map(), waiting: undefined };
    this.topics.set(topic, followed);
    if (chatOf(topic) !== undefined) void this.#readAnew(topic, followed);
  }

  take(update: Update): void {
    const { topic, pts } = update;
    const followed = this.topics.get(topic);
    this.receptions.push({ topic, pts, at: performance.now() });
    if (!followed) return void this.missed.push(`${this.#whose(topic)} was not begun, and has ${pts}`);
    if (pts <= followed.pts) return void this.doubled.push(`${this.#whose(topic)} has ${pts} after ${followed.pts}`);
    if (pts > followed.pts + 1) this.missed.push(`${this.#whose(topic)} has ${pts} after ${followed.pts}`);
    followed.pts = pts;
    if (followed.waiting) followed.waiting.push(update);
    else this.#apply(followed, update);
  }

  /** The topic may not be followed any more. */
  end(topic: string): void {
    this.topics.delete(topic);
    this.wanted.delete(topic);
  }

  /** What is different from the messages of the chats that the person may see. */
  differences(chats: ReadonlyMap<number, ReadonlyMap<number, string>>): string[] {
    const found: string[] = [];
    for (const [topic, { waiting }] of this.topics) {
      const chatId = chatOf(topic);
      if (chatId !== undefined && !chats.has(chatId)) found.push(`${this.#whose(topic)} is still followed`);
      if (waiting) found.push(`${this.#whose(topic)} is still read`);
    }
    for (const [chatId, messages] of chats) {
      const known = this.topics.get(`chat:${chatId}`)?.messages;
      if (!known) {
        found.push(`${this.#whose(`chat:${chatId}`)} is not followed`);
        continue;
      }
      for (const [id, face] of messages)
        if (known.get(id) !== face)
          found.push(`${this.#whose(`chat:${chatId}`)} has message ${id} as ${known.get(id)} instead of ${face}`);
      for (const id of known.keys())
        if (!messages.has(id)) found.push(`${this.#whose(`chat:${chatId}`)} has message ${id}, which is not there`);
    }
    return found;
  }

  #apply(followed: Followed, { kind, subject_id, message, topic }: Update): void {
    if (message && chatOf(topic) === message.chat_id) followed.messages.set(message.id, faceOf(message as never));
    if (kind !== "chat.added") return;
    const added = `chat:${subject_id}`;
    if (this.topics.has(added)) return;
    this.wanted.add(added);
    this.options.onWanted(added);
  }

  async #readAnew(topic: string, followed: Followed): Promise<void> {
    followed.waiting = [];
    const messages = await this.options.readChat(chatOf(topic)!);
    if (this.topics.get(topic) !== followed || messages === undefined) return;
    for (const message of messages) followed.messages.set(message.id, faceOf(message as never));
    for (const update of followed.waiting) this.#apply(followed, update);
    followed.waiting = undefined;
  }

  #whose(topic: string): string {
    return `${topic} of person ${this.options.userId}`;
  }
}

function chatOf(topic: string): number | undefined {
  return topic.startsWith("chat:") ? Number(topic.slice("chat:".length)) : undefined;
}
