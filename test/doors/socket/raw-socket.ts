// A connection by hand: sends any bytes, and reads the answers of HTTP and the frames of a web socket (RFC 6455, section 5.2).
import { randomBytes } from "node:crypto";
import { connect, type Socket } from "node:net";

const patienceMs = 15_000;

export interface RawFrame {
  /** 0 continuation, 1 text, 2 bytes, 8 close, 9 ping, 10 pong. */
  readonly opcode: number;
  readonly payload?: Buffer | string;
  readonly isFinal?: boolean;
  /** The reserved bits, 0 to 7. */
  readonly reserved?: number;
  readonly isMasked?: boolean;
  /** What the head says, where it is not the length of the payload. */
  readonly length?: number | bigint;
}

/** The bytes of a frame as a client sends it. */
export function frameBytes({
  opcode,
  payload = "",
  isFinal = true,
  reserved = 0,
  isMasked = true,
  length,
}: RawFrame): Buffer {
  const data = Buffer.from(payload as string);
  const said = length ?? data.length;
  const first = (isFinal ? 0x80 : 0) | (reserved << 4) | opcode;
  const bit = isMasked ? 0x80 : 0;
  let head: Buffer;
  if (said < 126) head = Buffer.from([first, bit | Number(said)]);
  else if (said < 65_536) {
    head = Buffer.from([first, bit | 126, 0, 0]);
    head.writeUInt16BE(Number(said), 2);
  } else {
    head = Buffer.from([first, bit | 127, 0, 0, 0, 0, 0, 0, 0, 0]);
    head.writeBigUInt64BE(BigInt(said), 2);
  }
  if (!isMasked) return Buffer.concat([head, data]);
  const mask = randomBytes(4);
  return Buffer.concat([head, mask, data.map((byte, at) => byte ^ mask[at & 3]!)]);
}

/** The payload of a close frame. */
export function closePayload(code: number, reason: Buffer | string = ""): Buffer {
  const text = Buffer.from(reason as string);
  return Buffer.concat([Buffer.from([code >> 8, code & 255]), text]);
}

export interface Received {
  readonly opcode: number;
  readonly isFinal: boolean;
  readonly reserved: number;
  readonly payload: Buffer;
}

export interface Answer {
  readonly status: number;
  /** By name in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export class RawSocket {
  /** What was read and not taken yet. */
  rest: Buffer = Buffer.alloc(0);
  isEnded = false;
  readonly #wake: (() => void)[] = [];

  private constructor(readonly socket: Socket) {
    socket.on("data", (part: Buffer) => {
      this.rest = Buffer.concat([this.rest, part]);
      this.#wakeAll();
    });
    socket.on("error", () => undefined);
    for (const event of ["end", "close"])
      socket.on(event, () => {
        this.isEnded = true;
        this.#wakeAll();
      });
  }

  static async connect(port: number): Promise<RawSocket> {
    const socket = connect(port, "127.0.0.1");
    await new Promise<void>((resolve, reject) => socket.once("connect", resolve).once("error", reject));
    socket.setNoDelay(true);
    return new RawSocket(socket);
  }

  /** Connects and opens a web socket; throws when the answer is another one. */
  static async open(port: number, token: string, protocol = "lyceum.v1.json"): Promise<RawSocket> {
    const socket = await RawSocket.connect(port);
    socket.write(opening({ Authorization: `Bearer ${token}`, "Sec-WebSocket-Protocol": protocol }));
    const { status, body } = await socket.answer();
    if (status !== 101) throw new Error(`${status} ${body}`);
    return socket;
  }

  write(bytes: Buffer | string): void {
    if (this.socket.writable) this.socket.write(bytes);
  }

  send(...frames: readonly RawFrame[]): void {
    this.write(Buffer.concat(frames.map(frameBytes)));
  }

  /** The next answer of HTTP. */
  async answer(): Promise<Answer> {
    const head = await this.#until("an answer", () => {
      const end = this.rest.indexOf("\r\n\r\n");
      return end < 0 ? undefined : this.#take(end + 4).toString("latin1");
    });
    const [first = "", ...lines] = head.trim().split("\r\n");
    const headers = Object.fromEntries(
      lines.map((line) => [line.slice(0, line.indexOf(":")).toLowerCase(), line.slice(line.indexOf(":") + 1).trim()]),
    );
    const status = Number(first.split(" ")[1]);
    const length = Number(headers["content-length"] ?? 0);
    const body = await this.#until("a body", () => (this.rest.length < length ? undefined : this.#take(length)));
    return { status, headers, body: body.toString() };
  }

  /** The next frame; undefined when the connection has ended. */
  async frame(): Promise<Received | undefined> {
    return this.#until("a frame", () => this.#frameRead() ?? undefined, true);
  }

  /** All frames up to that which closes, or to the end of the connection. */
  async untilClosed(): Promise<{ readonly frames: readonly Received[]; readonly code: number | undefined }> {
    const frames: Received[] = [];
    for (;;) {
      const frame = await this.frame();
      if (!frame) return { frames, code: undefined };
      if (frame.opcode === 8) return { frames, code: frame.payload.length >= 2 ? frame.payload.readUInt16BE(0) : 1005 };
      frames.push(frame);
    }
  }

  /** Resolves when the other side has ended the connection. */
  async untilEnded(): Promise<void> {
    await this.#until("the end", () => (this.isEnded ? true : undefined));
  }

  destroy(): void {
    this.socket.destroy();
  }

  #frameRead(): Received | undefined {
    const { rest } = this;
    if (rest.length < 2) return undefined;
    let [at, length] = [2, rest[1]! & 127];
    if (length === 126) {
      if (rest.length < 4) return undefined;
      [at, length] = [4, rest.readUInt16BE(2)];
    } else if (length === 127) {
      if (rest.length < 10) return undefined;
      [at, length] = [10, Number(rest.readBigUInt64BE(2))];
    }
    if (rest.length < at + length) return undefined;
    const bytes = this.#take(at + length);
    const first = bytes[0]!;
    return {
      opcode: first & 15,
      isFinal: (first & 128) !== 0,
      reserved: (first >> 4) & 7,
      payload: bytes.subarray(at),
    };
  }

  #take(length: number): Buffer {
    const taken = this.rest.subarray(0, length);
    this.rest = this.rest.subarray(length);
    return taken;
  }

  async #until<T>(what: string, find: () => T | undefined): Promise<T>;
  async #until<T>(what: string, find: () => T | undefined, mayEnd: true): Promise<T | undefined>;
  async #until<T>(what: string, find: () => T | undefined, mayEnd = false): Promise<T | undefined> {
    const late = Date.now() + patienceMs;
    for (;;) {
      const found = find();
      if (found !== undefined) return found;
      if (this.isEnded && mayEnd) return undefined;
      if (this.isEnded) throw new Error(`The connection has ended, and ${what} has not come: ${this.rest}`);
      if (Date.now() > late)
        throw new Error(`Has not come: ${what}, but ${this.rest.toString("latin1").slice(0, 500)}`);
      await new Promise<void>((resolve) => {
        this.#wake.push(resolve);
        setTimeout(resolve, 250);
      });
    }
  }

  #wakeAll(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }
}

/** The head of a request that opens a web socket; headers that are undefined are left out. */
export function opening(
  headers: Readonly<Record<string, string | undefined>> = {},
  { verb = "GET", target = "/v1/realtime", version = "1.1" } = {},
): string {
  const all = {
    Host: "localhost",
    Connection: "Upgrade",
    Upgrade: "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": randomBytes(16).toString("base64"),
    "Sec-WebSocket-Protocol": "lyceum.v1.json",
    ...headers,
  };
  const lines = Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}`]));
  return `${verb} ${target} HTTP/${version}\r\n${lines.join("\r\n")}\r\n\r\n`;
}
