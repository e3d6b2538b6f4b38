// A client in TypeScript: openapi-fetch, with the types that openapi-typescript made.
import { readFileSync } from "node:fs";
import createClient, { type Client } from "openapi-fetch";
import type { components, paths } from "./gen/schema.js";
import { contentOf, fileOf, headersOf, serve, type Answer, type Call } from "./lines.js";

type Problem = components["schemas"]["Problem"];
type Document = { paths: Record<string, Record<string, { operationId?: string }>> };

const document = JSON.parse(readFileSync("gen/openapi.json", "utf8")) as Document;
const templates = new Map(
  Object.entries(document.paths).flatMap(([path, verbs]) =>
    Object.values(verbs).map(({ operationId = "" }) => [operationId, path] as const),
  ),
);

/** A team writes its calls in this way, one by one: the types hold. */
export async function firstMessage(client: Client<paths>, email: string, password: string): Promise<string> {
  const login = await client.POST("/v1/auth/login", { body: { email, password } });
  if (login.error) throw new Error(`${login.error.reason}: ${login.error.detail}`);
  const headers = { Authorization: `Bearer ${login.data.access_token}` };
  const created = await client.POST("/v1/chats", { headers, body: { title: "Tea" } });
  if (created.error) throw new Error(created.error.reason);
  const chat: components["schemas"]["Chat"] = created.data;
  const path = { chat_id: chat.id };
  const sent = await client.POST("/v1/chats/{chat_id}/messages", {
    headers,
    params: { path },
    body: { text: "Hello" },
  });
  const listed = await client.GET("/v1/chats/{chat_id}/messages", { headers, params: { path, query: { limit: 5 } } });
  const texts = listed.data?.messages.map(({ text, edited_at }) => `${text} ${edited_at ?? "as sent"}`);
  await client.POST("/v1/auth/logout", { headers });
  const at: string = chat.created_at;
  return [at, sent.data?.created_at, ...(texts ?? [])].join("\n");
}

/** The calls of the session have names that are known only when it runs. */
type Loose = Record<
  string,
  (path: string, init: object) => Promise<{ data?: unknown; error?: Problem; response: Response }>
>;

async function play(call: Call): Promise<Answer> {
  const client = createClient<paths>({ baseUrl: call.base }) as unknown as Loose;
  const template = templates.get(call.rpc[0]!.toUpperCase() + call.rpc.slice(1));
  if (template === undefined) throw new Error("no such operation");
  const isContent = call.answer === "content" || call.answer === "stream";
  const file = fileOf(call);
  const { data, error, response } = await client[call.verb]!(template, {
    params: { path: call.path, query: call.query },
    headers: { ...headersOf(call), ...(file ? { "Content-Type": file.type } : {}) },
    ...(call.hasBody && Object.keys(call.json).length > 0 ? { body: call.json } : {}),
    ...(file ? { body: file, bodySerializer: (body: Blob) => body } : {}),
    ...(isContent ? { parseAs: "stream" } : {}),
  });
  const { status } = response;
  if (error) return { status, json: error, reason: error.reason };
  if (isContent) return contentOf(new Response(data as ReadableStream, response), call.answer === "stream");
  return { status, json: data };
}

await serve(play);
