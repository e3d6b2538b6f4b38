// The answers that clients have not taken yet. They hold memory of this process, so there is a limit on all of them together.
import type { Socket } from "node:net";

/** What is held for one connection: an answer that was handed over in full. */
interface Unread {
  readonly bytes: number;
  readonly since: number;
  /** What the system had not taken at that time. */
  readonly queued: number;
}

export class UnreadAnswers {
  private readonly held = new Map<Socket, Unread>();
  private total = 0;

  /** `limit` is in bytes. */
  constructor(private readonly limit: number) {}

  /** Counts what a connection has to send, until `remove`. Beyond the limit the connections that take the least are closed. */
  add(socket: Socket): void {
    const bytes = socket.writableLength;
    if (bytes === 0) return;
    this.remove(socket);
    this.held.set(socket, { bytes, since: performance.now(), queued: queued(socket) });
    this.total += bytes;
    while (this.total > this.limit) this.closeSlowest();
  }

  remove(socket: Socket): void {
    const unread = this.held.get(socket);
    if (unread === undefined) return;
    this.held.delete(socket);
    this.total -= unread.bytes;
  }

  /** Of connections that take nothing, the one that has done so for longest comes first. */
  private closeSlowest(): void {
    const now = performance.now();
    let least = Infinity;
    let slowest: Socket | undefined;
    for (const [socket, unread] of this.held) {
      const rate = (unread.queued - queued(socket)) / (now - unread.since + 1);
      if (rate >= least) continue;
      least = rate;
      slowest = socket;
    }
    this.remove(slowest!);
    slowest!.destroy();
  }
}

/** What the system has not taken yet, in bytes. `writableLength` does not shrink before the whole answer is taken. */
function queued(socket: Socket): number {
  const { _handle: handle } = socket as Socket & { _handle?: { readonly writeQueueSize: number } | null };
  return handle?.writeQueueSize ?? socket.writableLength;
}
