// The connections of a server, and its stop: no request that a client has sent is left without an answer.
import type { RequestListener, Server } from "node:http";
import { Server as NetServer, type Socket } from "node:net";
import { setImmediate as turn, setTimeout as delay } from "node:timers/promises";
import { Connection, type ConnectionRules } from "./connection.js";
import type { WriteRefusal } from "./parser-refusal.js";
import { UnreadAnswers } from "./unread-answers.js";

/** All answers together that clients have not taken, in bytes. */
const unreadBytes = 64 * 1024 * 1024;
/** The listener closes when no client has connected for this time, in milliseconds, and after `acceptWithinMs` at the latest. */
const quietMs = 30;
const acceptWithinMs = 300;
/** A connection without a request for this time is closed at the stop, in milliseconds. */
const restMs = 1_000;
const tickMs = 25;

export class Connections {
  private readonly open = new Map<Socket, Connection>();
  private readonly rules: ConnectionRules;
  private readonly restingSince = new WeakMap<Connection, number>();
  private accepted = 0;

  constructor(
    private readonly server: Server,
    listener: RequestListener,
    writeRefusal: WriteRefusal,
  ) {
    this.rules = { listener, writeRefusal, unread: new UnreadAnswers(unreadBytes), isClosing: false, isHeld: false };
    server.on("connection", (socket: Socket) => {
      // One that asked in vain for another protocol comes again.
      if (this.open.has(socket)) return;
      this.accepted++;
      this.open.set(socket, new Connection(socket, this.rules));
      socket.on("close", () => {
        this.open.delete(socket);
        this.rules.unread.remove(socket);
      });
    });
  }

  /** The connection of a socket, until it is closed. */
  of(socket: Socket): Connection | undefined {
    return this.open.get(socket);
  }

  /** Gives a socket away, which is no connection of this server any more, save that a stop waits for its end. */
  release(socket: Socket): void {
    this.open.get(socket)?.release();
    this.open.delete(socket);
    this.rules.unread.remove(socket);
  }

  /** Makes every answer that is not begun yet close its connection. */
  closeAfterAnswers(): void {
    this.rules.isClosing = true;
    for (const connection of this.open.values()) connection.closeAfterAnswer();
  }

  /** Stops listening and waits for the requests in progress, at most `withinMs`; then closes the connections that are left. */
  async drain(withinMs: number): Promise<void> {
    const timer = setTimeout(() => this.server.closeAllConnections(), withinMs);
    this.closeAfterAnswers();
    this.rules.isHeld = true;
    await this.acceptLast();
    // Not the method of http.Server, which destroys idle connections.
    const closed = new Promise<void>((resolve) => NetServer.prototype.close.call(this.server, () => resolve()));
    this.rules.isHeld = false;
    for (const connection of this.open.values()) connection.next();
    const resting = setInterval(() => this.endResting(), tickMs);
    await closed;
    clearInterval(resting);
    clearTimeout(timer);
    // Now its method too, which ends the checks of time limits.
    this.server.close();
  }

  /**
   * Waits until no connection comes any more. The system resets connections that are not accepted when the listener closes; a
   * client that waits for an answer does not connect, so no request is begun meanwhile.
   */
  private async acceptLast(): Promise<void> {
    const end = performance.now() + acceptWithinMs;
    for (let before = -1; before !== this.accepted && performance.now() < end;) {
      before = this.accepted;
      await delay(quietMs);
      await turn();
    }
  }

  private endResting(): void {
    const now = performance.now();
    for (const connection of this.open.values()) {
      const since = this.restingSince.get(connection);
      if (!connection.isResting) this.restingSince.delete(connection);
      else if (since === undefined) this.restingSince.set(connection, now);
      else if (now - since >= restMs) connection.end();
    }
  }
}
