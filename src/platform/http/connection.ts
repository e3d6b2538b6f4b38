// One connection. Its requests are served one after another, so that what a client sends ahead holds no answers in memory; what
// cannot be parsed is refused after the answers to what came before it.
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { type ParserError, parserRefusal, unparsedTarget, type WriteRefusal } from "./parser-refusal.js";
import type { UnreadAnswers } from "./unread-answers.js";

/** A client that sends more requests than this without waiting for an answer is disconnected: each holds memory. */
const mostAhead = 128;
/** How long bytes are still read after the last answer, in milliseconds: closing with unread bytes would lose that answer. */
const lingerMs = 1_000;
/** How long the answers before a refusal may take, in milliseconds. */
const refuseWithinMs = 15_000;
/**
 * After this time a client that has closed its half, and waits for an answer, is asked whether it is still there, in milliseconds; then
 * after twice the time, and so on.
 */
const probeMs = 20;

/** What all connections of a server share. */
export interface ConnectionRules {
  readonly listener: RequestListener;
  readonly writeRefusal: WriteRefusal;
  readonly unread: UnreadAnswers;
  /** Whether the server stops, so that every answer closes its connection. */
  isClosing: boolean;
  /** Whether no request is begun for the moment. */
  isHeld: boolean;
}

export class Connection {
  private response: ServerResponse | undefined;
  /** The newest request: the one to which the bytes belong that the parser reads. */
  private newest: IncomingMessage | undefined;
  private readonly ahead: (readonly [IncomingMessage, ServerResponse])[] = [];
  private bytesAtRest = 0;
  private isReleased = false;
  private afterAnswers: (() => void) | undefined;
  /** What is sent after the last answer; empty to send nothing more. */
  private last: string | undefined;

  constructor(
    readonly socket: Socket,
    private readonly rules: ConnectionRules,
  ) {
    // Node calls it after an answer that closes the connection.
    socket.destroySoon = () => this.end();
    socket.once("end", () => this.probe(probeMs));
  }

  /** Whether no request is under way, in whole or in part. */
  get isResting(): boolean {
    return !this.response && this.ahead.length === 0 && this.socket.bytesRead === this.bytesAtRest;
  }

  /** Calls `then` when all requests are answered, save the one that the parser has read last and for which this is asked. */
  whenFree(then: () => void): void {
    const { socket } = this;
    const drain = (): void => void this.response?.emit("drain");
    // Node has taken its own listener away with the parser.
    socket.on("drain", drain);
    this.afterAnswers = () => {
      socket.off("drain", drain);
      if (!socket.writable) return;
      // Node's parser stopped the reading of bytes behind the back of the stream, which then takes itself to be reading.
      socket.push("");
      then();
    };
    this.next();
  }

  /** Takes no further part in what happens on the socket. */
  release(): void {
    this.isReleased = true;
    Reflect.deleteProperty(this.socket, "destroySoon");
  }

  /** Serves a request now, or after those that came before it. */
  take(request: IncomingMessage, response: ServerResponse): void {
    this.newest = request;
    if (!this.response && !this.rules.isHeld && this.ahead.length === 0) return this.serve(request, response);
    if (this.ahead.length >= mostAhead) return void this.socket.destroy();
    this.ahead.push([request, response]);
    // No more is read, except for a body that a handler reads.
    this.socket.pause();
  }

  /** Makes the answer that is not begun yet close the connection. */
  closeAfterAnswer(): void {
    if (this.response) this.response.shouldKeepAlive = false;
  }

  /** Answers what is no request, after the answers to what came before it, and closes the connection. */
  refuse(error: ParserError): void {
    const { socket, newest } = this;
    const { code } = error;
    if (code === "ECONNRESET" || code === "EPIPE") return void socket.destroy();
    // The parser reports every further chunk.
    if (this.last !== undefined || !socket.writable) return;
    const isInBody = newest !== undefined && !newest.complete;
    this.last = this.rules.writeRefusal(parserRefusal(error), isInBody ? newest.url! : unparsedTarget(error));
    if (isInBody) this.refuseBody(newest);
    setTimeout(() => socket.destroy(), refuseWithinMs).unref();
    this.next();
  }

  /** Begins the next request when none is under way. */
  next(): void {
    if (this.response || this.rules.isHeld) return;
    const next = this.ahead.shift();
    if (next) {
      // Nobody would take what is read while a request for another protocol waits.
      if (this.ahead.length === 0 && !this.afterAnswers) this.socket.resume();
      this.serve(...next);
    } else if (this.afterAnswers) {
      const { afterAnswers } = this;
      this.afterAnswers = undefined;
      afterAnswers();
    } else if (this.last !== undefined) this.end(this.last);
  }

  /** Sends `text` and the end of the connection, and reads for a moment what still comes. */
  end(text = ""): void {
    const { socket } = this;
    this.ahead.length = 0;
    if (!socket.writable) return;
    socket.end(text, () => setTimeout(() => socket.destroy(), lingerMs).unref());
    socket.resume();
  }

  /**
   * Sends an interim answer, which a client that still reads passes over (RFC 9110, section 15.2). One that has gone resets the
   * connection, which the next of them finds closed.
   */
  private probe(afterMs: number): void {
    const timer = setTimeout(() => {
      const { response, socket } = this;
      if (socket.destroyed || this.isReleased) return;
      if (response && !response.headersSent && response.req.httpVersionMinor > 0) response.writeProcessing();
      this.probe(2 * afterMs);
    }, afterMs);
    timer.unref();
  }

  private serve(request: IncomingMessage, response: ServerResponse): void {
    // A client must not expect answers behind one that closed the connection (RFC 9112, section 9.6).
    if (!this.socket.writable) return;
    this.response = response;
    if (this.rules.isClosing) response.shouldKeepAlive = false;
    response.on("prefinish", this.onHandedOver).on("close", this.onClosed);
    this.rules.listener(request, response);
  }

  // The same for every request, so that none costs a listener of its own.
  private readonly onHandedOver = (): void => this.rules.unread.add(this.socket);
  private readonly onClosed = (): void => {
    this.rules.unread.remove(this.socket);
    this.response = undefined;
    this.bytesAtRest = this.socket.bytesRead;
    // Other connections have their turn before the next request of this one.
    if (this.ahead.length > 0) setImmediate(() => this.next());
    else this.next();
  };

  /** The fault is in the body of the newest request: the refusal is its answer, unless it has another. */
  private refuseBody(request: IncomingMessage): void {
    const { response } = this;
    if (this.ahead.at(-1)?.[0] === request) this.ahead.pop();
    else if (response?.req !== request || response.headersSent) this.last = "";
    else this.response = undefined;
  }
}
