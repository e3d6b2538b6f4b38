// What a socket has to send. While the network takes nothing, frames are held here, within bounds: a reader who is slower than what happens
// costs no more than that, and is told to come back.
import type { Socket } from "node:net";
import { WebSocket } from "ws";

/** The most that is held for one socket. */
const mostBytes = 1024 * 1024;
const mostFrames = 512;

interface Held {
  readonly data: Buffer;
  /** What it is about, so that it can be taken back. */
  readonly topic: string | undefined;
}

export class Outbox {
  #held: Held[] = [];
  #bytes = 0;
  #waiting: (() => void)[] = [];
  #isListening = false;
  #pong: Buffer | undefined;

  constructor(
    private readonly webSocket: WebSocket,
    private readonly socket: Socket,
    /** Called once, when more would be held than may be. */
    private readonly onOverflow: () => void,
  ) {}

  /** Whether the network takes nothing at the moment. */
  get isFull(): boolean {
    return this.#held.length > 0 || this.socket.writableNeedDrain;
  }

  /** Sends a whole frame, now or when there is room. */
  send(data: Buffer, topic?: string): void {
    if (!this.isFull) return this.#write(data);
    this.#held.push({ data, topic });
    this.#bytes += data.length;
    this.#listen();
    if (this.#held.length > mostFrames || this.#bytes + this.socket.writableLength > mostBytes) {
      this.clear();
      this.onOverflow();
    }
  }

  /** Answers a ping; of several that came while the network took nothing, the last one alone (RFC 6455, section 5.5.3). */
  pong(data: Buffer): void {
    if (!this.isFull) return this.webSocket.pong(data);
    this.#pong = data;
    this.#listen();
  }

  /** Takes back what is held about a topic: who may not see it any more is not sent it. */
  drop(topic: string): void {
    if (this.#held.length === 0) return;
    this.#held = this.#held.filter((held) => held.topic !== topic);
    this.#bytes = this.#held.reduce((sum, { data }) => sum + data.length, 0);
  }

  /** Takes back all that is held. */
  clear(): void {
    [this.#held, this.#bytes, this.#pong] = [[], 0, undefined];
    this.#wake();
  }

  /** Resolves when nothing is held. */
  async untilEmpty(): Promise<void> {
    if (this.isFull && !this.socket.destroyed) {
      this.#listen();
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  #listen(): void {
    if (this.#isListening) return;
    this.#isListening = true;
    this.socket.once("drain", this.#flush);
  }

  #write(data: Buffer): void {
    // ws writes frames in one go too, and none of its own after that of the close.
    if (this.webSocket.readyState === WebSocket.OPEN) this.socket.write(data);
  }

  readonly #flush = (): void => {
    this.#isListening = false;
    if (this.#pong) this.webSocket.pong(this.#pong);
    this.#pong = undefined;
    let sent = 0;
    while (sent < this.#held.length && !this.socket.writableNeedDrain) {
      const { data } = this.#held[sent++]!;
      this.#bytes -= data.length;
      this.#write(data);
    }
    this.#held.splice(0, sent);
    if (this.isFull) this.#listen();
    else this.#wake();
  };

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
