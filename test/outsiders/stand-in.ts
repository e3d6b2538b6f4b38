// A client that the tests start in the place of an outsider: fetch and JSON. Its argument is a fault that it has.
import { createInterface } from "node:readline";
import type { AnswerLine, CallLine } from "./outsider.js";

const fault = process.argv[2];

async function play(call: CallLine): Promise<Omit<AnswerLine, "id">> {
  const headers = new Headers({ accept: [...call.produces, "application/json"].join(", "), ...call.headers });
  if (call.token !== undefined) headers.set("authorization", `Bearer ${call.token}`);
  if (call.hasBody) headers.set("content-type", "application/json");
  if (call.content) headers.set("content-type", call.content.type);
  const body = call.content ? Buffer.from(call.content.data, "base64") : JSON.stringify(call.json);
  const sent = { method: call.verb, headers, ...(call.hasBody || call.content ? { body } : {}) };
  const { status, ...response } = await answerOf(`${call.base}${call.target}`, sent);
  if (status < 400 && call.produces.length > 0) return { status, ...response };
  const text = Buffer.from(response.body, "base64").toString("utf8");
  const json = text === "" ? undefined : (JSON.parse(text) as Record<string, unknown>);
  if (fault === "loses the id") delete json?.["id"];
  if (status < 400) return { status, json };
  return { status, json, reason: fault === "misreads the reason" ? "NO_REASON" : String(json?.["reason"]) };
}

/** An answer; of a stream, up to the end of its first event. */
async function answerOf(
  url: string,
  sent: RequestInit,
): Promise<{ status: number; contentType: string; body: string }> {
  const response = await fetch(url, sent);
  const contentType = response.headers.get("content-type") ?? "";
  const chunks: Uint8Array[] = [];
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk as Uint8Array);
    if (contentType.startsWith("text/event-stream") && Buffer.concat(chunks).includes("\n\n")) break;
  }
  return { status: response.status, contentType, body: Buffer.concat(chunks).toString("base64") };
}

for await (const line of createInterface(process.stdin)) {
  const call = JSON.parse(line) as CallLine;
  if (fault === "ends" && call.rpc === "register") {
    console.error("out of memory");
    process.exit(3);
  }
  if (fault === "talks") console.log("calling ...");
  const answer = await play(call).catch((error: unknown) => ({ error: String(error) }));
  console.log(JSON.stringify({ id: call.id, ...answer }));
}
