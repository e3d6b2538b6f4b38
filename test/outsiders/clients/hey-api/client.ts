// A client in TypeScript: the functions that hey-api made.
import { createClient } from "./gen/made/client/index.js";
import * as sdk from "./gen/made/sdk.gen.js";
import type { Chat, Problem } from "./gen/made/types.gen.js";
import { fileOf, parametersOf, serve, type Answer, type Call } from "./lines.js";

/** A team writes its calls in this way, one by one: the types hold. */
export async function firstMessage(baseUrl: string, email: string, password: string): Promise<string> {
  const client = createClient({ baseUrl });
  const login = await sdk.login({ client, body: { email, password } });
  if (!login.data) throw new Error(login.error.reason);
  const auth = login.data.access_token;
  const created = await sdk.createChat({ client, auth, body: { title: "Tea" } });
  if (!created.data) throw new Error(created.error.reason);
  const chat: Chat = created.data;
  const path = { chat_id: chat.id };
  await sdk.sendMessage({ client, auth, path, body: { text: "Hello" } });
  const listed = await sdk.listMessages({ client, auth, path, query: { limit: 5 } });
  await sdk.logout({ client, auth });
  const at: string = chat.created_at;
  return [at, ...(listed.data?.messages ?? []).map(({ text, edited_at }) => `${text} ${edited_at ?? "as sent"}`)].join(
    "\n",
  );
}

/** The calls of the session have names that are known only when it runs. */
type Loose = Record<string, (options: object) => Promise<{ data?: unknown; error?: Problem; response: Response }>>;

async function play(call: Call): Promise<Answer> {
  // Of the ways in that the document has, the session takes one.
  const auth = ({ scheme }: { scheme?: string }): string | undefined => (scheme === "bearer" ? call.token : undefined);
  const client = createClient({ baseUrl: call.base, ...(call.token === undefined ? {} : { auth }) });
  if (call.answer === "stream") return firstEvent(call, client);
  const file = fileOf(call);
  const { data, error, response } = await (sdk as unknown as Loose)[call.rpc]!({
    client,
    path: call.path,
    query: call.query,
    headers: call.headers,
    ...(call.hasBody && Object.keys(call.json).length > 0 ? { body: call.json } : {}),
    ...(file ? { body: parametersOf(call) ?? { file } } : {}),
  });
  const { status } = response;
  if (error && status >= 400) return { status, json: error, reason: error.reason };
  if (!(data instanceof Blob)) return { status, json: data };
  const contentType = response.headers.get("content-type") ?? undefined;
  return { status, contentType, body: Buffer.from(await data.arrayBuffer()).toString("base64") };
}

async function firstEvent(call: Call, client: ReturnType<typeof createClient>): Promise<Answer> {
  let refused: Response | undefined;
  const { stream } = await sdk.watchDatabaseHealth({
    client,
    headers: call.headers,
    sseMaxRetryAttempts: 1,
    fetch: async (...sent: Parameters<typeof fetch>) => {
      const response = await fetch(...sent);
      if (!response.ok) refused = response.clone();
      return response;
    },
  });
  for await (const event of stream) {
    const text = `data: ${JSON.stringify(event)}\n\n`;
    return { status: 200, contentType: "text/event-stream", body: Buffer.from(text).toString("base64") };
  }
  if (!refused) throw new Error("the stream ended before its first event");
  const problem = (await refused.json()) as Problem;
  return { status: refused.status, json: problem, reason: problem.reason };
}

await serve(play);
