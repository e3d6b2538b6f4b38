// A client in TypeScript: fetch, and the types that protoc-gen-es made. It reads a call from each line of its standard input.
import { createInterface } from "node:readline";
import { createRegistry, fromBinary, toBinary, type DescMessage } from "@bufbuild/protobuf";
import { EmptySchema } from "@bufbuild/protobuf/wkt";
import { file_lyceum_v1_account } from "./gen/lyceum/v1/account_pb.js";
import { file_lyceum_v1_api_key } from "./gen/lyceum/v1/api_key_pb.js";
import { file_lyceum_v1_audit } from "./gen/lyceum/v1/audit_pb.js";
import { file_lyceum_v1_auth } from "./gen/lyceum/v1/auth_pb.js";
import { file_lyceum_v1_chat } from "./gen/lyceum/v1/chat_pb.js";
import { file_lyceum_v1_health } from "./gen/lyceum/v1/health_pb.js";
import { file_lyceum_v1_message } from "./gen/lyceum/v1/message_pb.js";
import { file_lyceum_v1_passkey } from "./gen/lyceum/v1/passkey_pb.js";
import { file_lyceum_v1_password } from "./gen/lyceum/v1/password_pb.js";
import { ProblemSchema, type Problem } from "./gen/lyceum/v1/problem_pb.js";
import { file_lyceum_v1_scope } from "./gen/lyceum/v1/scope_pb.js";
import { file_lyceum_v1_second_factor } from "./gen/lyceum/v1/second_factor_pb.js";
import { file_lyceum_v1_session } from "./gen/lyceum/v1/session_pb.js";
import { file_lyceum_v1_token } from "./gen/lyceum/v1/token_pb.js";
import { file_lyceum_v1_user } from "./gen/lyceum/v1/user_pb.js";

interface Call {
  readonly id: number;
  readonly verb: string;
  readonly base: string;
  readonly target: string;
  readonly token?: string;
  readonly headers: Record<string, string>;
  readonly requestType: string;
  readonly responseType: string;
  readonly message: string;
  readonly hasBody: boolean;
  readonly content?: { readonly type: string; readonly data: string };
  readonly answer: "message" | "nothing" | "content" | "stream";
  readonly produces: readonly string[];
}

interface Answer {
  readonly status: number;
  readonly contentType?: string | undefined;
  readonly body?: string;
  readonly reason?: string;
}

const protobuf = "application/x-protobuf";
const registry = createRegistry(
  file_lyceum_v1_account,
  file_lyceum_v1_api_key,
  file_lyceum_v1_audit,
  file_lyceum_v1_auth,
  file_lyceum_v1_chat,
  file_lyceum_v1_health,
  file_lyceum_v1_message,
  file_lyceum_v1_passkey,
  file_lyceum_v1_password,
  file_lyceum_v1_scope,
  file_lyceum_v1_second_factor,
  file_lyceum_v1_session,
  file_lyceum_v1_token,
  file_lyceum_v1_user,
  EmptySchema,
);

function schemaOf(name: string): DescMessage {
  const schema = registry.getMessage(name);
  if (!schema) throw new Error(`no generated type has the name ${name}`);
  return schema;
}

/** Reads bytes as the generated type, without what it does not know, and writes them anew. */
function reread(name: string, bytes: Uint8Array): Uint8Array {
  const schema = schemaOf(name);
  return toBinary(schema, fromBinary(schema, bytes, { readUnknownFields: false }));
}

function bodyOf(call: Call): Uint8Array<ArrayBuffer> | null {
  const sent = reread(call.requestType, Buffer.from(call.message, "base64"));
  if (call.content) return Uint8Array.from(Buffer.from(call.content.data, "base64"));
  return call.hasBody ? Uint8Array.from(sent) : null;
}

/** The bytes of a stream up to the end of its first event; leaving the loop closes the connection. */
async function firstEvent(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  let text = Buffer.alloc(0);
  for await (const chunk of stream) {
    text = Buffer.concat([text, chunk]);
    if (/^data:.*\n\n/m.test(text.toString("utf8"))) return text;
  }
  throw new Error("the stream ended before its first event");
}

async function play(call: Call): Promise<Answer> {
  const headers = new Headers({ accept: [...call.produces, protobuf].join(", "), ...call.headers });
  if (call.token !== undefined) headers.set("authorization", `Bearer ${call.token}`);
  if (call.hasBody) headers.set("content-type", protobuf);
  if (call.content) headers.set("content-type", call.content.type);
  const response = await fetch(call.base + call.target, { method: call.verb, headers, body: bodyOf(call) });
  const { status } = response;
  const contentType = response.headers.get("content-type") ?? undefined;
  const answer = (bytes: Uint8Array): Answer => ({ status, contentType, body: Buffer.from(bytes).toString("base64") });
  if (response.ok && call.answer === "stream" && response.body) return answer(await firstEvent(response.body));
  const bytes = new Uint8Array(await response.arrayBuffer());
  if (!response.ok) {
    const problem: Problem = fromBinary(ProblemSchema, bytes);
    return { ...answer(toBinary(ProblemSchema, problem)), reason: problem.reason };
  }
  if (call.answer === "nothing" && bytes.length > 0)
    throw new Error(`${bytes.length} bytes where nothing was expected`);
  return answer(call.answer === "message" ? reread(call.responseType, bytes) : bytes);
}

for await (const line of createInterface(process.stdin)) {
  const call = JSON.parse(line) as Call;
  const answer = await play(call).catch((error: unknown) => ({ error: String(error) }));
  console.log(JSON.stringify({ id: call.id, ...answer }));
}
