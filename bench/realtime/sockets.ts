// Web sockets of many clients in a process of its own, with little overhead: raw connections, and frames that are looked at no further than
// is measured. The bench tells it what to do, and it answers when that is done.
import { connect, type Socket } from "node:net";

/** One socket that is to be opened. */
export interface Wanted {
  readonly token: string;
  /** What is sent first. */
  readonly first: string;
  /** The pts of the last update that is waited for, of this topic; where it is absent the first answer is enough. */
  readonly until?: { readonly topic: string; readonly pts: number };
}

export type Order =
  | { readonly do: "open"; readonly port: number; readonly sockets: readonly Wanted[]; readonly atOnce: number }
  | { readonly do: "count" }
  /** Nothing is read any more, and the server may close. */
  | { readonly do: "pause" }
  | { readonly do: "cut" };

export interface Counted {
  /** How many updates and bytes have come since the last time. */
  readonly updates: number;
  readonly bytes: number;
  /** From the sending to the frame, in milliseconds, of what was sent with its time. */
  readonly latencies: readonly number[];
}

/** For each socket the milliseconds from its first byte to the end of what was waited for, and how many updates it got. */
export interface Opened {
  readonly ms: readonly number[];
  readonly updates: readonly number[];
}

/** What a text begins with that tells when it was sent. */
export const stamp = (): string => `@${process.hrtime.bigint()}@`;

const upgrade = (token: string): string =>
  `GET /v1/realtime HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n` +
  `Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: lyceum.v1.json\r\nAuthorization: Bearer ${token}\r\n\r\n`;

const mark = Buffer.from('"text":"@');

class Client {
  readonly #socket: Socket;
  readonly #begunAt = performance.now();
  #held: Buffer = Buffer.alloc(0);
  #isOpen = false;
  #updates = 0;

  constructor(
    port: number,
    private readonly wanted: Wanted,
    private readonly done: (ms: number, updates: number) => void,
  ) {
    this.#socket = connect({ port, host: "127.0.0.1", noDelay: true });
    this.#socket.on("connect", () => this.#socket.write(upgrade(wanted.token)));
    this.#socket.on("error", (error) => fail(error));
    this.#socket.on("close", () => open.has(this) && fail(new Error("A socket was closed")));
    this.#socket.on("data", (bytes) => this.#take(bytes));
  }

  pause(): void {
    open.delete(this);
    paused.push(this);
    this.#socket.pause();
  }

  cut(): void {
    open.delete(this);
    this.#socket.resetAndDestroy();
  }

  #take(bytes: Buffer): void {
    counted.bytes += bytes.length;
    this.#held = this.#held.length === 0 ? bytes : Buffer.concat([this.#held, bytes]);
    if (!this.#isOpen) {
      const end = this.#held.indexOf("\r\n\r\n");
      if (end < 0) return;
      const head = this.#held.toString("latin1", 0, end);
      if (!head.startsWith("HTTP/1.1 101")) return fail(new Error(head + this.#held.toString("utf8", end)));
      this.#isOpen = true;
      this.#held = this.#held.subarray(end + 4);
      this.#socket.write(textFrame(this.wanted.first));
    }
    for (
      let size = sizeOf(this.#held);
      size !== undefined && size.end <= this.#held.length;
      size = sizeOf(this.#held)
    ) {
      this.#frame(this.#held[0]! & 15, this.#held.subarray(size.start, size.end));
      this.#held = this.#held.subarray(size.end);
    }
  }

  #frame(code: number, payload: Buffer): void {
    if (code === 9) return void this.#socket.write(Buffer.from([0x8a, 0x80, 0, 0, 0, 0]));
    if (code === 8)
      return fail(new Error(`A socket was closed with ${payload.readUInt16BE(0)} ${payload.toString("utf8", 2)}`));
    if (payload.includes('"refused"')) return fail(new Error(payload.toString()));
    if (payload.subarray(0, 11).toString("latin1") === '{"updates":') return this.#news(payload);
    if (!this.wanted.until && payload.includes('"subscribed"')) this.done(performance.now() - this.#begunAt, 0);
  }

  #news(payload: Buffer): void {
    const { until } = this.wanted;
    if (until) {
      const { updates } = (JSON.parse(payload.toString()) as { updates: { updates: { topic: string; pts: number }[] } })
        .updates;
      const own = updates.filter(({ topic }) => topic === until.topic);
      this.#updates += own.length;
      counted.updates += own.length;
      if (own.at(-1)?.pts === until.pts) this.done(performance.now() - this.#begunAt, this.#updates);
      return;
    }
    let found = 0;
    for (let at = payload.indexOf(mark); at >= 0; at = payload.indexOf(mark, at + 1)) {
      found += 1;
      const from = at + mark.length;
      const sent = payload.toString("latin1", from, payload.indexOf("@", from));
      counted.latencies.push(Number(process.hrtime.bigint() - BigInt(sent)) / 1e6);
    }
    // Updates of other things have no such text.
    counted.updates += found;
  }
}

const open = new Set<Client>();
const paused: Client[] = [];
let counted = { updates: 0, bytes: 0, latencies: [] as number[] };
let fail: (error: Error) => void = () => undefined;

/** A frame of text. Its mask is zero, so that the payload is sent as it is. */
function textFrame(text: string): Buffer {
  const payload = Buffer.from(text);
  const head =
    payload.length < 126
      ? Buffer.from([0x81, 0x80 | payload.length, 0, 0, 0, 0])
      : Buffer.from([0x81, 0x80 | 126, payload.length >> 8, payload.length & 255, 0, 0, 0, 0]);
  return Buffer.concat([head, payload]);
}

/** Where the payload of the first frame begins and ends; undefined while its head is not complete. */
function sizeOf(bytes: Buffer): { start: number; end: number } | undefined {
  if (bytes.length < 2) return undefined;
  const short = bytes[1]! & 127;
  if (short < 126) return { start: 2, end: 2 + short };
  if (short === 126) return bytes.length < 4 ? undefined : { start: 4, end: 4 + bytes.readUInt16BE(2) };
  return bytes.length < 10 ? undefined : { start: 10, end: 10 + Number(bytes.readBigUInt64BE(2)) };
}

function openAll({ port, sockets, atOnce }: Extract<Order, { do: "open" }>): Promise<Opened> {
  return new Promise((resolve, reject) => {
    const [ms, updates] = [Array<number>(sockets.length).fill(0), Array<number>(sockets.length).fill(0)];
    let [next, left] = [0, sockets.length];
    fail = reject;
    const begin = (): void => {
      const at = next++;
      if (at >= sockets.length) return;
      const client = new Client(port, sockets[at]!, (took, count) => {
        ms[at] = took;
        updates[at] = count;
        left -= 1;
        if (left === 0) resolve({ ms, updates });
        else begin();
      });
      open.add(client);
    };
    for (let place = 0; place < atOnce; place += 1) begin();
  });
}

process.on("message", (order: Order) => {
  if (order.do === "open") {
    openAll(order).then(
      (opened) => process.send!(opened),
      (error: Error) => process.send!({ error: error.message }),
    );
  } else if (order.do === "cut") {
    for (const client of [...open, ...paused.splice(0)]) client.cut();
    process.send!({});
  } else if (order.do === "pause") {
    for (const client of open) client.pause();
    process.send!({});
  } else {
    process.send!(counted);
    counted = { updates: 0, bytes: 0, latencies: [] };
  }
});
process.on("disconnect", () => process.exit());
