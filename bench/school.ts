// The data of the bench: a user, chats, and messages of a realistic length. Created through the API.
import type { Subject } from "./servers.js";

export interface School {
  readonly token: string;
  /** A chat with 5,000 messages. */
  readonly fullChat: number;
  /** Empty chats to send into, so that senders do not wait for the row of one chat. */
  readonly chats: readonly number[];
}

const words =
  "Привет всем, завтра контрольная по алгебре, не забудьте тетради! See you at the library after lessons. Кто знает ответ на третью задачу?".split(
    " ",
  );

/** A text of 20 to 200 characters, another for each number, the same in each run. */
export function textOf(number: number): string {
  const count = 3 + ((number * 7) % 25);
  return Array.from({ length: count }, (_, index) => words[(number * 13 + index * 5) % words.length]).join(" ");
}

const account = { email: "bench@example.org", password: "correct horse" };

async function post<T>({ port }: Subject, path: string, body: object, token?: string): Promise<T> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method: "POST",
    headers: { "Content-Type": "application/json", ...(token && { Authorization: `Bearer ${token}` }) },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}

/** An access token of the user, with the role that they have now. */
export async function logIn(subject: Subject): Promise<string> {
  return (await post<{ access_token: string }>(subject, "/v1/auth/login", account)).access_token;
}

export async function makeSchool(subject: Subject, connections: number): Promise<School> {
  const call = <T>(path: string, body: object, token?: string): Promise<T> => post(subject, path, body, token);
  await call("/v1/auth/register", { ...account, first_name: "Мария", last_name: "Иванова" });
  const token = await logIn(subject);
  const chat = async (title: string) => (await call<{ id: number }>("/v1/chats", { title, member_ids: [] }, token)).id;
  const fullChat = await chat("full");
  for (let batch = 0; batch < 50; batch++) {
    const messages = Array.from({ length: 100 }, (_, index) => ({ text: textOf(batch * 100 + index) }));
    await call(`/v1/chats/${fullChat}/messages/batch`, { messages }, token);
  }
  const chats: number[] = [];
  for (let index = 0; index < connections; index++) chats.push(await chat(`chat ${index}`));
  return { token, fullChat, chats };
}
