// Bytes on their way from a request into an outlet: counted, bounded, and no faster than the outlet takes them.
import { Writable } from "node:stream";
import type { IncomingMessage } from "node:http";
import { bodyTooLarge, Disconnected } from "../http/body.js";

/** Read ahead of the outlet, so that the source is not stopped after each chunk. */
const bufferedBytes = 256 * 1024;

/** Passes bytes on to an outlet, which it ends with itself. Fails with BODY_TOO_LARGE beyond `most` bytes, and with the outlet. */
export class Pour extends Writable {
  /** How many bytes have come so far. */
  size = 0;
  #fault: Error | undefined;

  constructor(
    private readonly outlet: Writable,
    private readonly most: number,
  ) {
    super({ highWaterMark: bufferedBytes });
    outlet.on("error", (error: Error) => {
      this.#fault ??= error;
      this.destroy(error);
    });
    // Whoever reads the request asks for `fault`.
    this.on("error", (error: Error) => (this.#fault ??= error));
  }

  /** What the outlet has failed with, or the refusal of what is too large. */
  get fault(): Error | undefined {
    return this.#fault;
  }

  override _write(chunk: Buffer, _encoding: string, callback: (error?: Error | null) => void): void {
    this.size += chunk.length;
    if (this.size > this.most) return callback(bodyTooLarge(this.most));
    const isTakingMore = this.outlet.write(chunk, (error) => error && this.destroy(error));
    // It does not wait for each chunk, so that the outlet can write many at once.
    if (isTakingMore) callback();
    else this.outlet.once("drain", callback);
  }

  override _final(callback: (error?: Error | null) => void): void {
    this.outlet.end(callback);
  }
}

/** Pours the rest of a body. Rejects with the fault of the pour, and with Disconnected when the body breaks off. */
export function pourBody(request: IncomingMessage, into: Pour): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (error?: Error): void => {
      request.off("close", breakOff);
      request.unpipe(into);
      into.off("error", settle).off("finish", settle);
      if (error) reject(error);
      else resolve();
    };
    const breakOff = (): void => {
      if (!request.readableEnded) settle(new Disconnected("The body broke off"));
    };
    into.on("error", settle).on("finish", settle);
    // An aborted request also emits "error", which says no more than "close".
    request.on("close", breakOff).on("error", () => {});
    if (request.destroyed) breakOff();
    else request.pipe(into);
  });
}
