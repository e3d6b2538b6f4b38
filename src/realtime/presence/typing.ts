// Who is writing: told to the other members of the chat who follow it now, and kept nowhere.
import type { Database } from "../../platform/database/database.js";
import type { Signals } from "../../platform/signals/signals.js";
import { RecentMap } from "../../platform/recent-map.js";
import type { Hub } from "../hub.js";
import { mayType } from "./presence-store.js";

export interface TypingOptions {
  readonly hub: Hub;
  readonly database: Database;
  readonly signals: Pick<Signals, "publish" | "listen">;
}

const channel = "typing";
/** Of one person in one chat no more is told within this time, in milliseconds. */
const coalesceMs = 3_000;
const mostKnown = 10_000;

export class Typing {
  readonly #options: TypingOptions;
  /** When it was told last, in milliseconds since 1970. */
  readonly #told = new RecentMap<string, number>(coalesceMs, Date.now, mostKnown);
  readonly #subscription: { close(): void };

  constructor(options: TypingOptions) {
    this.#options = options;
    this.#subscription = options.signals.listen(channel, (text) => {
      const [chatId, userId] = text.split(" ").map(Number);
      this.#show(chatId!, userId!);
    });
  }

  /** Tells that a person is writing, unless that was told just now, they do not show it, or they are no member. */
  async types(chatId: number, userId: number): Promise<void> {
    const key = `${chatId} ${userId}`;
    const now = Date.now();
    if (now - (this.#told.get(key) ?? 0) < coalesceMs) return;
    this.#told.set(key, now);
    const { database, signals } = this.#options;
    if (!(await mayType(database, chatId, userId))) return;
    this.#show(chatId, userId);
    signals.publish(channel, key);
  }

  close(): void {
    this.#subscription.close();
  }

  #show(chatId: number, userId: number): void {
    for (const listener of this.#options.hub.followers(`chat:${chatId}`))
      if (listener.userId !== userId) listener.typing(chatId, userId);
  }
}
