// Who is connected, as far as they show it, for those who share a chat with them and look. What is told is always what the database has at
// that moment; signals only say when to ask it, so that a lost one is made up for by the next round.
import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "pino";
import type { PersonPresence } from "../../gen/lyceum/v1/realtime.js";
import type { Database } from "../../platform/database/database.js";
import type { Signals } from "../../platform/signals/signals.js";
import { deletePresence, deleteProcess, listSeen, upsertPresence } from "./presence-store.js";

/** Somebody who looks. */
export interface Watcher {
  readonly userId: number;
  /** What has changed of those whom they watch. It is left out when they take nothing at the moment. */
  seen(people: readonly PersonPresence[]): void;
}

interface Watched {
  /** What was told of each. */
  readonly told: Map<number, boolean | undefined>;
}

export interface PresenceOptions {
  readonly database: Database;
  readonly signals: Pick<Signals, "publish" | "listen">;
  readonly log: Logger;
}

const channel = "presence";
/** Rows are written anew, and what is watched is read anew, so often, in milliseconds. */
const roundMs = 20_000;
/** Changes are collected for so long, in milliseconds. */
const collectMs = 250;
/** Who connects again within this time was not away, in milliseconds. */
const lingerMs = 5_000;

export class Presence {
  readonly #process = randomUUID();
  readonly #database: Database;
  readonly #log: Logger;
  readonly #signals: PresenceOptions["signals"];
  readonly #subscription: { close(): void };
  readonly #timer: NodeJS.Timeout;
  /** How many sockets each person has here. */
  readonly #connected = new Map<number, number>();
  readonly #leaving = new Map<number, NodeJS.Timeout>();
  readonly #watchers = new Map<Watcher, Watched>();
  readonly #watchersOf = new Map<number, Set<Watcher>>();
  #arrived = new Set<number>();
  #left = new Set<number>();
  #asked = new Set<number>();
  #isRunning = false;
  #isClosed = false;

  constructor({ database, signals, log }: PresenceOptions) {
    this.#database = database.with(log);
    this.#log = log;
    this.#signals = signals;
    this.#subscription = signals.listen(channel, (text) => this.#ask(text.split(" ").map(Number)));
    this.#timer = setInterval(() => this.#round(), roundMs).unref();
  }

  /** A socket of a person has opened. Returns what is to be called when it has closed. */
  connected(userId: number): () => void {
    const count = this.#connected.get(userId) ?? 0;
    this.#connected.set(userId, count + 1);
    const leaving = this.#leaving.get(userId);
    if (leaving) {
      clearTimeout(leaving);
      this.#leaving.delete(userId);
    } else if (count === 0) {
      this.#arrived.add(userId);
      this.#run();
    }
    return () => this.#disconnected(userId);
  }

  /** Watches these people, in place of those before. All that is seen of them is told at once. */
  watch(watcher: Watcher, userIds: readonly number[]): void {
    this.unwatch(watcher);
    if (userIds.length === 0) return;
    this.#watchers.set(watcher, { told: new Map(userIds.map((id) => [id, undefined])) });
    for (const id of userIds) {
      const watchers = this.#watchersOf.get(id) ?? new Set();
      this.#watchersOf.set(id, watchers.add(watcher));
    }
    this.#ask(userIds);
  }

  unwatch(watcher: Watcher): void {
    const watched = this.#watchers.get(watcher);
    if (!watched) return;
    this.#watchers.delete(watcher);
    for (const id of watched.told.keys()) {
      const watchers = this.#watchersOf.get(id)!;
      watchers.delete(watcher);
      if (watchers.size === 0) this.#watchersOf.delete(id);
    }
  }

  /** What a person shows of themselves has changed. */
  changed(userId: number): void {
    if (this.#connected.has(userId)) this.#arrived.add(userId);
    this.#tell([userId]);
    this.#run();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#timer);
    this.#subscription.close();
    for (const timer of this.#leaving.values()) clearTimeout(timer);
    const everybody = [...this.#connected.keys(), ...this.#leaving.keys()];
    if (everybody.length === 0) return;
    await deleteProcess(this.#database, this.#process).catch(() => undefined);
    this.#publish(everybody);
  }

  #disconnected(userId: number): void {
    const left = this.#connected.get(userId)! - 1;
    if (left > 0) return void this.#connected.set(userId, left);
    this.#connected.delete(userId);
    if (this.#isClosed) return;
    const timer = setTimeout(() => {
      this.#leaving.delete(userId);
      this.#left.add(userId);
      this.#run();
    }, lingerMs).unref();
    this.#leaving.set(userId, timer);
  }

  #round(): void {
    for (const id of [...this.#connected.keys(), ...this.#leaving.keys()]) this.#arrived.add(id);
    for (const id of this.#watchersOf.keys()) this.#asked.add(id);
    this.#run();
  }

  #ask(userIds: readonly number[]): void {
    for (const id of userIds) if (this.#watchersOf.has(id)) this.#asked.add(id);
    if (this.#asked.size > 0) this.#run();
  }

  /** Has all processes ask about people. */
  #tell(userIds: readonly number[]): void {
    this.#publish(userIds);
    this.#ask(userIds);
  }

  #publish(userIds: readonly number[]): void {
    for (let from = 0; from < userIds.length; from += 300)
      this.#signals.publish(channel, userIds.slice(from, from + 300).join(" "));
  }

  #run(): void {
    if (this.#isRunning || this.#isClosed) return;
    this.#isRunning = true;
    void this.#work().finally(() => (this.#isRunning = false));
  }

  async #work(): Promise<void> {
    while (!this.#isClosed && this.#arrived.size + this.#left.size + this.#asked.size > 0) {
      await delay(collectMs, undefined, { ref: false });
      const [arrived, left] = [[...this.#arrived], [...this.#left]];
      this.#arrived.clear();
      this.#left.clear();
      try {
        if (left.length > 0) await deletePresence(this.#database, left, this.#process);
        if (arrived.length > 0) await upsertPresence(this.#database, arrived, this.#process);
        if (arrived.length + left.length > 0) this.#tell([...arrived, ...left]);
        await this.#show();
      } catch (error) {
        // It is the first thing that is left out; the next round makes up for it.
        this.#log.debug({ err: error }, "presence could not be told");
        this.#asked.clear();
      }
    }
  }

  async #show(): Promise<void> {
    const asked = this.#asked;
    this.#asked = new Set();
    const pairs = [...asked].flatMap((user_id) =>
      Array.from(this.#watchersOf.get(user_id) ?? [], ({ userId }) => ({ watcher_id: userId, user_id })),
    );
    const seen = new Map(
      (await listSeen(this.#database, pairs)).map((each) => [`${each.watcher_id} ${each.user_id}`, each.is_online]),
    );
    for (const [watcher, { told }] of this.#watchers) {
      const people: PersonPresence[] = [];
      for (const [user_id, before] of told) {
        if (!asked.has(user_id)) continue;
        const now = seen.get(`${watcher.userId} ${user_id}`) ?? false;
        // Of somebody who shares no chat nothing is told, save that they are not seen any more.
        const isKnown = seen.has(`${watcher.userId} ${user_id}`) || before === true;
        if (!isKnown || now === before) continue;
        told.set(user_id, now);
        people.push({ user_id, is_online: now });
      }
      if (people.length > 0) watcher.seen(people);
    }
  }
}
