// A crowd: clients that send requests without a pause, of every kind of statement, and record the answers.
import { setTimeout as delay } from "node:timers/promises";
import { call, type Person, type Reply } from "./person.js";
import { fairNow } from "../support/fair-clock.js";

export interface Remembered extends Reply {
  readonly what: string;
  /** The time of the answer, by performance.now(). */
  readonly at: number;
  /** The same by `fairNow`, for a bound. */
  readonly fairAt: number;
}

export interface Crowd {
  readonly remembered: readonly Remembered[];
  /** Resolves with the time of the first success of a request that began after this call, by `fairNow`. */
  served(): Promise<number>;
  /** Waits for the last answers. Rejects when a connection was broken. */
  close(): Promise<void>;
}

let places = 0;

/** One request of each kind, by its effect on the database. */
export const deeds: Readonly<Record<string, (person: Person, chatId: number) => Promise<Reply>>> = {
  "list messages": (person, chatId) => person.call("GET", `/v1/chats/${chatId}/messages`),
  "find me": (person) => person.call("GET", "/v1/auth/me"),
  "list chats": (person) => person.call("GET", "/v1/chats"),
  "send a message": (person, chatId) =>
    person.call("POST", `/v1/chats/${chatId}/messages`, { text: `line ${places++}` }),
  "send three at once": (person, chatId) => {
    const batch = `batch ${places++}`;
    const messages = [1, 2, 3].map((line) => ({ text: `${batch}, ${line}` }));
    return person.call("POST", `/v1/chats/${chatId}/messages/batch`, { messages });
  },
  "search messages": (person, chatId) => person.call("GET", `/v1/chats/${chatId}/messages?query=line`),
  "make a chat": (person) => person.call("POST", "/v1/chats", { title: `chat ${places++}`, member_ids: [] }),
  "rename a chat": (person, chatId) => person.call("PATCH", `/v1/chats/${chatId}`, { title: `title ${places++}` }),
};

/** Opens a crowd of `size` clients, each of which sends one request after the other. */
export function openCrowd(person: Person, chatId: number, size: number): Crowd {
  const names = Object.keys(deeds);
  const remembered: Remembered[] = [];
  let isOpen = true;
  const live = async (member: number): Promise<void> => {
    for (let turn = member; isOpen; turn++) {
      const what = names[turn % names.length]!;
      const reply = await deeds[what]!(person, chatId);
      remembered.push({ ...reply, what, at: performance.now(), fairAt: fairNow() });
      await delay(reply.status < 300 ? 5 : 20);
    }
  };
  const done = Promise.all(Array.from({ length: size }, (_, member) => live(member)));
  done.catch(() => undefined);
  return {
    remembered,
    served: async () => {
      const asked = performance.now();
      for (;;) {
        const first = remembered.find(({ at, ms, status }) => status < 300 && at - ms > asked);
        if (first) return first.fairAt;
        await Promise.race([done, delay(2)]);
      }
    },
    close: async () => {
      isOpen = false;
      await done;
    },
  };
}

/** Requests paths that need no database, ten times a second. The returned function stops it and resolves with the answers. */
export function watch(url: string, paths: readonly string[]): () => Promise<Reply[]> {
  const replies: Reply[] = [];
  let isOpen = true;
  const done = (async () => {
    for (let turn = 0; isOpen; turn++) {
      replies.push(await call(url, "GET", paths[turn % paths.length]!));
      await delay(100);
    }
  })();
  return async () => {
    isOpen = false;
    await done;
    return replies;
  };
}
