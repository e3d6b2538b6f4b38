// The open sockets of a process: how many there may be, whether their callers may stay, heartbeats, and the end of all at a shutdown.
import { setTimeout as delay } from "node:timers/promises";
import { ApiError } from "../../errors.js";
import { closeCodes } from "./close-codes.js";
import { heartbeatSeconds, type LiveSocket } from "./live-socket.js";

export interface SocketLimits {
  /** The most sockets of this process. */
  readonly most: number;
  /** The most of one person in this process. */
  readonly mostOfOne: number;
}

/** Each caller is asked about so often, in milliseconds: an ended session is felt within a second. */
const liveMs = 500;
/** A client of which nothing was heard for so long has gone, in milliseconds. */
const idleMs = 2.5 * heartbeatSeconds * 1000;
/** A socket is closed after a day at the latest, with a code that says to come back. */
const oldestMs = 24 * 3_600_000;
/** At a shutdown so many sockets are told together. */
const atOnce = 100;

interface Entry {
  readonly openedAt: number;
  beatAt: number;
  /** Whether the database is being asked if the caller may stay. */
  isAsking: boolean;
}

export class Sockets {
  readonly #open = new Map<LiveSocket, Entry>();
  readonly #ofUsers = new Map<number, number>();
  readonly #timer: NodeJS.Timeout;
  #isDraining = false;

  constructor(private readonly limits: SocketLimits) {
    this.#timer = setInterval(() => this.#look(), liveMs).unref();
  }

  get size(): number {
    return this.#open.size;
  }

  /** Throws OVERLOADED and RATE_LIMITED when there are too many, SHUTTING_DOWN when no more are taken. */
  requireRoom(userId: number): void {
    if (this.#isDraining) throw new ApiError("SHUTTING_DOWN", "The server is stopping", { retryAfterSeconds: 1 });
    if (this.#open.size >= this.limits.most)
      throw new ApiError("OVERLOADED", "Too many sockets are open", { retryAfterSeconds: 5 });
    if ((this.#ofUsers.get(userId) ?? 0) >= this.limits.mostOfOne)
      throw new ApiError("RATE_LIMITED", `You have ${this.limits.mostOfOne} sockets open`, { retryAfterSeconds: 30 });
  }

  add(socket: LiveSocket): void {
    const now = performance.now();
    // Heartbeats of many that came together are spread.
    this.#open.set(socket, {
      openedAt: now,
      beatAt: now + 1000 * heartbeatSeconds * (0.5 + Math.random() / 2),
      isAsking: false,
    });
    this.#ofUsers.set(socket.caller.id, (this.#ofUsers.get(socket.caller.id) ?? 0) + 1);
  }

  remove(socket: LiveSocket): void {
    if (!this.#open.delete(socket)) return;
    const left = this.#ofUsers.get(socket.caller.id)! - 1;
    if (left > 0) this.#ofUsers.set(socket.caller.id, left);
    else this.#ofUsers.delete(socket.caller.id);
  }

  /** Tells all sockets to come back, in batches over so many milliseconds, and closes them. */
  async drain(withinMs: number): Promise<void> {
    this.#isDraining = true;
    clearInterval(this.#timer);
    const all = [...this.#open.keys()];
    const batches = Math.ceil(all.length / atOnce);
    for (let batch = 0; batch < batches; batch += 1) {
      for (const socket of all.slice(batch * atOnce, (batch + 1) * atOnce))
        socket.goAway(Math.round(200 + Math.random() * Math.max(1_000, withinMs)));
      if (batch + 1 < batches) await delay(withinMs / batches);
    }
  }

  #look(): void {
    const now = performance.now();
    for (const [socket, entry] of this.#open) {
      if (now - entry.openedAt > oldestMs) socket.close(closeCodes.resume, "connect again");
      else if (now - socket.heardAt > idleMs) socket.close(closeCodes.idle, "nothing was heard");
      else if (!entry.isAsking) this.#requireLive(socket, entry);
      if (now < entry.beatAt || socket.isOver) continue;
      entry.beatAt = now + 1000 * heartbeatSeconds;
      void socket.beat();
    }
  }

  #requireLive(socket: LiveSocket, entry: Entry): void {
    const end = (error: unknown): void => {
      // While the database cannot say whether the caller may stay, nothing new comes from it either.
      const isUnknown = error instanceof ApiError && error.reason === "DATABASE_UNAVAILABLE";
      if (!isUnknown) socket.close(closeCodes.unauthenticated, "the session has ended");
    };
    try {
      const asked = socket.requireLive();
      if (!(asked instanceof Promise)) return;
      entry.isAsking = true;
      void asked.catch(end).finally(() => (entry.isAsking = false));
    } catch (error) {
      end(error);
    }
  }
}
