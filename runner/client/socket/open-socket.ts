// One web socket: it sends calls, and finds the result of each by its id.
import { WebSocket } from "ws";
import type { Plain } from "../encoding.js";
import { headOf, type RawAnswer } from "../exchange.js";
import type { SocketFrames } from "./socket-frames.js";

const timeoutMs = 30_000;

/** The server refused to open the socket, and answered over HTTP. */
export class OpeningRefused extends Error {
  constructor(readonly answer: RawAnswer) {
    super(`The socket was refused with ${answer.status}`);
  }
}

/** The socket was closed before the result of a call came. */
export class SocketClosed extends Error {}

interface Waiting {
  readonly resolve: (result: Plain) => void;
  readonly reject: (error: Error) => void;
}

export class OpenSocket {
  private readonly waiting = new Map<string, Waiting>();
  private calls = 0;
  /** What was wrong with a frame while no call was waiting. */
  private fault: Error | undefined;

  private constructor(
    private readonly socket: WebSocket,
    private readonly frames: SocketFrames,
  ) {
    socket.on("message", (data: Buffer, isBinary) => this.receive(data, isBinary));
    socket.on("error", (error) => this.fail(error));
    socket.on("close", (code, reason) =>
      this.fail(new SocketClosed(`The socket was closed with ${code} ${String(reason)} before the result came`)),
    );
  }

  /** Opens a socket. Rejects with OpeningRefused when the server answers otherwise, and when it is not open after `limitMs`. */
  static open(url: string, token: string | undefined, frames: SocketFrames, limitMs: number): Promise<OpenSocket> {
    const { path, subprotocols } = frames.names;
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const options = { headers, perMessageDeflate: false };
    const socket = new WebSocket(url.replace(/^http/, "ws") + path, [subprotocols[frames.codec]], options);
    const opened = new OpenSocket(socket, frames);
    let timer: NodeJS.Timeout | undefined;
    const opening = new Promise<OpenSocket>((resolve, reject) => {
      // It bounds the answer too: ws would wait for an answer that does not end.
      timer = setTimeout(() => {
        reject(new Error(`the opening was not answered in ${limitMs / 1000} s`));
        socket.terminate();
      }, limitMs);
      // A call that waits keeps the process alive, a socket alone does not.
      socket.on("upgrade", ({ socket: connection }) => void connection.unref());
      socket.on("open", () => resolve(opened));
      socket.on("error", reject);
      socket.on("unexpected-response", (_request, incoming) => {
        const refuse = (chunks: Buffer[]): void =>
          reject(new OpeningRefused({ ...headOf(incoming), body: Buffer.concat(chunks) }));
        incoming.toArray().then(refuse, reject);
      });
    });
    return opening.finally(() => clearTimeout(timer));
  }

  get isOpen(): boolean {
    return this.socket.readyState === WebSocket.OPEN;
  }

  /** Sends a call, with an id of its own. Rejects with SocketClosed, and when no result comes, or a frame that cannot be read. */
  async call(fields: Plain): Promise<Plain> {
    const { sent, call } = this.frames.names;
    if (this.fault) throw this.fault;
    const id = String((this.calls += 1));
    const frame = this.frames.write({ [sent.call]: { [call.id]: id, ...fields } });
    return new Promise((resolve, reject) => {
      const silence = new Error(`No result of ${String(fields[call.method])} over the socket in ${timeoutMs / 1000} s`);
      const timer = setTimeout(() => this.settle(id)?.reject(silence), timeoutMs);
      const settled =
        <Value>(settle: (value: Value) => void) =>
        (value: Value): void => {
          clearTimeout(timer);
          settle(value);
        };
      this.waiting.set(id, { resolve: settled(resolve), reject: settled(reject) });
      if (!this.isOpen) return this.fail(new SocketClosed("The socket is closed"));
      this.socket.send(frame, { binary: this.frames.isBinary });
    });
  }

  close(): void {
    this.socket.close(1000);
    setTimeout(() => this.socket.terminate(), 1_000).unref();
  }

  private receive(data: Buffer, isBinary: boolean): void {
    const { received, result: fields } = this.frames.names;
    try {
      if (isBinary !== this.frames.isBinary) throw new Error(`a frame is ${isBinary ? "bytes" : "text"}`);
      const frame = this.frames.read(data);
      if (received.refused in frame)
        throw new Error(`the server could not take a frame: ${JSON.stringify(frame[received.refused])}`);
      const result = frame[received.result] as Plain | undefined;
      if (!result) return;
      const waiting = this.settle(String(result[fields.id]));
      if (waiting) waiting.resolve(result);
      else throw new Error(`a result has an id that no call has: ${String(result[fields.id])}`);
    } catch (error) {
      this.fault = new Error(`Over the socket: ${(error as Error).message}`);
      this.fail(this.fault);
    }
  }

  private settle(id: string): Waiting | undefined {
    const waiting = this.waiting.get(id);
    this.waiting.delete(id);
    return waiting;
  }

  private fail(error: Error): void {
    for (const id of this.waiting.keys()) this.settle(id)?.reject(error);
  }
}
