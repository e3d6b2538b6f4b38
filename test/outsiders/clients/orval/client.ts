// A client in TypeScript: the functions over fetch that orval made.
import { readFileSync } from "node:fs";
import * as api from "./gen/api.js";
import type { Chat, Problem } from "./gen/api.schemas.js";
import { contentOf, fileOf, headersOf, serve, type Answer, type Call } from "./lines.js";

type Document = { paths: Record<string, Record<string, { operationId?: string; parameters?: { in?: string }[] }>> };

const document = JSON.parse(readFileSync("gen/openapi.json", "utf8")) as Document;
const operations = Object.values(document.paths).flatMap((verbs) => Object.values(verbs));

/** A team writes its calls in this way, one by one: the types hold. */
export async function firstMessage(email: string, password: string): Promise<string> {
  const login = await api.login({ email, password });
  if (login.status !== 200) throw new Error(login.data.reason);
  const options = { headers: { Authorization: `Bearer ${login.data.access_token}` } };
  const created = await api.createChat({ title: "Tea" }, options);
  if (created.status !== 201) throw new Error(created.data.reason);
  const chat: Chat = created.data;
  await api.sendMessage(chat.id, { text: "Hello" }, options);
  const listed = await api.listMessages(chat.id, { limit: 5 }, options);
  if (listed.status !== 200) throw new Error(`the answer is ${listed.status}`);
  await api.logout(options);
  const at: string = chat.created_at;
  return [at, ...listed.data.messages.map(({ text, edited_at }) => `${text} ${edited_at ?? "as sent"}`)].join("\n");
}

type Loose = Record<string, (...args: unknown[]) => Promise<{ status: number; data: unknown }>>;

async function play(call: Call): Promise<Answer> {
  const name = call.rpc[0]!.toUpperCase() + call.rpc.slice(1);
  const operation = operations.find(({ operationId }) => operationId === name);
  if (!operation) throw new Error("no such operation");
  const headers = headersOf(call);
  const file = fileOf(call);
  // orval reads every answer as JSON, and writes every body as JSON: pictures and streams go by the URL that it made.
  if (file || call.answer === "content" || call.answer === "stream") {
    const url = (api as unknown as Record<string, (...args: unknown[]) => string>)[`get${name}Url`]!;
    const sent = { method: call.verb, headers, ...(file ? { body: file } : {}) };
    const response = await fetch(url(...Object.values(call.path)), sent);
    if (response.ok && !file) return contentOf(response, call.answer === "stream");
    return answerOf(response.status, await response.json());
  }
  const hasQuery = operation.parameters?.some((parameter) => parameter.in === "query");
  const body = call.hasBody && "requestBody" in operation ? [call.json] : [];
  const args = [...Object.values(call.path), ...body, ...(hasQuery ? [call.query] : []), { headers }];
  const { status, data } = await (api as unknown as Loose)[call.rpc]!(...args);
  return answerOf(status, status === 204 ? undefined : data);
}

function answerOf(status: number, json: unknown): Answer {
  return status < 400 ? { status, json } : { status, json, reason: (json as Problem).reason };
}

await serve(play);
