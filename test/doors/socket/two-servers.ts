// Two servers of one school on one Postgres, people in it, and how they hear of what happens over a long poll and a stream.
import { randomBytes } from "node:crypto";
import { get, type IncomingMessage } from "node:http";
import type { ListUpdatesResponse } from "../../../src/gen/lyceum/v1/realtime.js";
import { call, type Json, newPerson, type Person, type Reply } from "../../resilience/person.js";
import { appoint, testServer, type TestServer } from "../../support/server.js";

export interface TwoServers {
  readonly here: TestServer;
  readonly there: TestServer;
  /** Somebody who calls the first server. */
  person(): Promise<Person>;
  /** A super admin's access token at the first server. */
  admin(): Promise<(verb: string, path: string, body?: Json) => Promise<Reply>>;
  close(): Promise<void>;
}

export async function twoServers(overrides: Readonly<Record<string, string>> = {}): Promise<TwoServers> {
  const shared = { SECRET_KEY: randomBytes(32).toString("hex"), ...overrides };
  const here = await testServer(shared);
  const there = await testServer({ ...shared, DATABASE_URL: here.databaseUrl });
  return {
    here,
    there,
    person: () => newPerson(() => here.url),
    async admin() {
      const account = await appoint(here.databaseUrl, "ROLE_SUPER_ADMIN");
      const { body } = await ask(here.url, "POST", "/v1/auth/login", undefined, account);
      return (verb, path, json) => ask(here.url, verb, path, body["access_token"] as string, json);
    },
    async close() {
      await there.close();
      await here.close();
    },
  };
}

/** Does what must succeed; returns the body. */
export async function done(reply: Promise<Reply>): Promise<Json> {
  const { status, body } = await reply;
  if (status >= 300) throw new Error(`${status} ${JSON.stringify(body)}`);
  return body;
}

/** A chat of people, owned by the first. */
export async function chatOf(owner: Person, ...members: readonly Person[]): Promise<number> {
  const made = await done(owner.call("POST", "/v1/chats", { title: "Tea", member_ids: members.map(({ id }) => id) }));
  return made["id"] as number;
}

/** Sends many messages at once, a hundred at a time. */
export async function sendMany(person: Person, chatId: number, count: number, text = "x"): Promise<void> {
  for (let left = count; left > 0; left -= 100) {
    const messages = Array.from({ length: Math.min(left, 100) }, (_, at) => ({ text: `${left - at} ${text}` }));
    await done(person.call("POST", `/v1/chats/${chatId}/messages/batch`, { messages }));
  }
}

/** One long poll. */
export function poll(url: string, token: string, query: string): Promise<Reply> {
  return ask(url, "GET", `/v1/updates?${query}`, token);
}

function ask(url: string, verb: string, path: string, token?: string, body?: Json): Promise<Reply> {
  return call(url, verb, path, body, token);
}

/** The events of a stream of updates. */
export class EventReader {
  readonly events: { readonly name: string; readonly id: string; readonly data: ListUpdatesResponse & Json }[] = [];
  isEnded = false;
  #text = "";
  #wake: () => void = () => undefined;

  private constructor(readonly response: IncomingMessage) {
    response.setEncoding("utf8").on("data", (part: string) => {
      const events = (this.#text + part).split("\n\n");
      this.#text = events.pop()!;
      for (const event of events) this.#keep(event);
      this.#wake();
    });
    response.on("error", () => undefined);
    response.on("close", () => {
      this.isEnded = true;
      this.#wake();
    });
  }

  static open(url: string, token: string, query: string): Promise<EventReader> {
    return new Promise((resolve, reject) => {
      const headers = { Authorization: `Bearer ${token}`, Accept: "text/event-stream" };
      const request = get(`${url}/v1/updates/stream?${query}`, { headers }, (response) => {
        if (response.statusCode === 200) resolve(new EventReader(response));
        else reject(new Error(`${response.statusCode}`));
      });
      request.on("error", reject);
    });
  }

  async until<T>(find: (reader: this) => T | undefined | false): Promise<T> {
    const late = Date.now() + 15_000;
    for (;;) {
      const found = find(this);
      if (found !== undefined && found !== false) return found;
      if (this.isEnded || Date.now() > late)
        throw new Error(`Has not come: ${find.toString()}, but ${JSON.stringify(this.events.slice(-3)).slice(0, 500)}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        setTimeout(resolve, 250);
      });
    }
  }

  close(): void {
    this.response.destroy();
  }

  #keep(event: string): void {
    const fields = new Map(event.split("\n").map((line) => [line.split(": ")[0]!, line.slice(line.indexOf(": ") + 2)]));
    const data = fields.get("data");
    if (data === undefined) return;
    this.events.push({ name: fields.get("event") ?? "", id: fields.get("id") ?? "", data: JSON.parse(data) as never });
  }
}
