// A client with an account that sends JSON to a server which may stop, or restart at another address, at any time.
import { randomBytes } from "node:crypto";
import { exchange } from "../../runner/client/exchange.js";
import { fairNow } from "../support/fair-clock.js";

export type Json = Record<string, unknown>;

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Empty when there is no body. */
  readonly body: Json;
  /** The time from the first byte sent to the last byte read. */
  readonly ms: number;
  /** The same by `fairNow`, for a bound. */
  readonly fairMs: number;
}

export interface Person {
  readonly email: string;
  readonly password: string;
  readonly token: string;
  readonly id: number;
  /** One request with the person's token. Rejects when the connection breaks. */
  call(verb: string, path: string, body?: Json): Promise<Reply>;
  /** A new chat, by its id. */
  chat(title: string): Promise<number>;
}

/** Sends a request with JSON, anonymously when there is no token. */
export async function call(url: string, verb: string, path: string, body?: Json, token?: string): Promise<Reply> {
  const [began, fairBegan] = [performance.now(), fairNow()];
  const answer = await exchange(url, {
    verb,
    path,
    headers: [
      ...(body === undefined ? [] : ([["Content-Type", "application/json"]] as const)),
      ...(token === undefined ? [] : ([["Authorization", `Bearer ${token}`]] as const)),
    ],
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const isJson = /json/.test(answer.headers["content-type"] ?? "") && answer.body.length > 0;
  return {
    status: answer.status,
    headers: answer.headers,
    body: isJson ? (JSON.parse(answer.body.toString("utf8")) as Json) : {},
    ms: performance.now() - began,
    fairMs: fairNow() - fairBegan,
  };
}

/** Registers an account and logs in. `url` is called for each request. */
export async function newPerson(url: () => string): Promise<Person> {
  const email = `${randomBytes(6).toString("hex")}@example.org`;
  const password = `secret ${randomBytes(6).toString("hex")}`;
  const names = { first_name: "Анна", last_name: "Karenina" };
  const made = await call(url(), "POST", "/v1/auth/register", { email, password, ...names });
  const entered = await call(url(), "POST", "/v1/auth/login", { email, password });
  if (made.status !== 201 || entered.status !== 200) throw new Error(JSON.stringify([made, entered]));
  const token = entered.body["access_token"] as string;
  const ask = (verb: string, path: string, body?: Json): Promise<Reply> => call(url(), verb, path, body, token);
  const chat = async (title: string): Promise<number> => {
    const { status, body } = await ask("POST", "/v1/chats", { title, member_ids: [] });
    if (status !== 201) throw new Error(JSON.stringify(body));
    return body["id"] as number;
  };
  return { email, password, token, id: made.body["id"] as number, call: ask, chat };
}

/** All messages of a chat, oldest first, page by page. */
export async function allMessages(person: Person, chatId: number): Promise<Json[]> {
  const messages: Json[] = [];
  for (let token = ""; ;) {
    const page = `limit=100&sort=created_at${token && `&page_token=${encodeURIComponent(token)}`}`;
    const { status, body } = await person.call("GET", `/v1/chats/${chatId}/messages?${page}`);
    if (status !== 200) throw new Error(JSON.stringify(body));
    messages.push(...(body["messages"] as Json[]));
    token = (body["next_page_token"] as string | undefined) ?? "";
    if (token === "") return messages;
  }
}
