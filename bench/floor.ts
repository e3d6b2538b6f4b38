// The floor that Lyceum is measured against: the same two requests at the least cost, without safety or generality. Bare
// node:http, stock pg with prepared and pipelined statements, hand-written JSON and protobuf, an HMAC check of the same
// token and the same answers; with Lyceum's own SQL, or a simple one.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import pg from "pg";
import protobuf from "protobufjs";
import { answer, callerOf, types } from "./floor-parts.js";

interface Row {
  id: number;
  chat_id: number;
  seq: number;
  sender_id: number;
  text: string;
  created_at: string;
  edited_at: string | null;
  deleted_at: string | null;
  reply_to_id: number | null;
  client_message_id: string | null;
  version: number;
}

interface Settings {
  url: string;
  key: string;
  listSql: string;
  sendSql: string;
}

const settings = JSON.parse(process.env["FLOOR"] ?? "{}") as Settings;
const key = Buffer.from(settings.key, "base64");

// As many connections as Lyceum's lanes have: four that read, six that write.
const clients = await Promise.all(
  Array.from({ length: 10 }, async () => {
    const client = new pg.Client({ connectionString: settings.url, types, pipeline: true } as pg.ClientConfig);
    await client.connect();
    await client.query("set timezone to 'UTC'");
    return client;
  }),
);
const readers = clients.slice(0, 4);
const writers = clients.slice(4);
let turn = 0;

function query(lane: readonly pg.Client[], name: string, text: string, values: unknown[]): Promise<Row[]> {
  turn += 1;
  return lane[turn % lane.length]!.query<Row>({ name, text, values }).then((result) => result.rows);
}

function toJson(row: Row): string {
  let json = `{"id":${row.id},"chat_id":${row.chat_id},"seq":${row.seq},"sender_id":${row.sender_id},"text":${JSON.stringify(row.text)},"created_at":"${row.created_at}"`;
  if (row.edited_at !== null) json += `,"edited_at":"${row.edited_at}"`;
  if (row.deleted_at !== null) json += `,"deleted_at":"${row.deleted_at}"`;
  if (row.reply_to_id !== null) json += `,"reply_to_id":${row.reply_to_id}`;
  if (row.client_message_id !== null) json += `,"client_message_id":${JSON.stringify(row.client_message_id)}`;
  // No message of the measurement has files.
  return `${json},"version":${row.version},"attachments":[]}`;
}

function writeTime(writer: protobuf.Writer, field: number, text: string): void {
  const ms = Date.parse(text);
  writer.uint32((field << 3) | 2).fork();
  const seconds = Math.floor(ms / 1000);
  writer.uint32(8).int64(seconds);
  if (ms - seconds * 1000 > 0) writer.uint32(16).int32((ms - seconds * 1000) * 1_000_000);
  writer.ldelim();
}

function toProtobuf(row: Row, writer: protobuf.Writer): protobuf.Writer {
  writer
    .uint32(8)
    .int64(row.id)
    .uint32(16)
    .int64(row.chat_id)
    .uint32(24)
    .int64(row.seq)
    .uint32(32)
    .int64(row.sender_id);
  writer.uint32(42).string(row.text);
  writeTime(writer, 6, row.created_at);
  if (row.edited_at !== null) writeTime(writer, 7, row.edited_at);
  if (row.deleted_at !== null) writeTime(writer, 8, row.deleted_at);
  if (row.reply_to_id !== null) writer.uint32(72).int64(row.reply_to_id);
  if (row.client_message_id !== null) writer.uint32(82).string(row.client_message_id);
  return writer.uint32(88).int64(row.version);
}

async function list(request: IncomingMessage, response: ServerResponse, chatId: number, userId: number): Promise<void> {
  const limit = Number(/limit=(\d+)/.exec(request.url ?? "")?.[1]);
  const rows = await query(readers, "list", settings.listSql, [chatId, userId, Number.MAX_SAFE_INTEGER, limit + 1]);
  const last = rows.length > limit ? rows.splice(limit).length > 0 && rows.at(-1) : undefined;
  const token = last ? String(last.seq) : "";
  if (request.headers.accept === "application/protobuf") {
    const writer = protobuf.Writer.create();
    for (const row of rows) toProtobuf(row, writer.uint32(10).fork()).ldelim();
    if (token) writer.uint32(18).string(token);
    return answer(response, 200, "application/protobuf", writer.finish());
  }
  const json = `{"messages":[${rows.map(toJson).join(",")}],"next_page_token":"${token}"}`;
  answer(response, 200, "application/json; charset=utf-8", json);
}

async function send(request: IncomingMessage, response: ServerResponse, chatId: number, userId: number): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  const isProtobuf = request.headers["content-type"] === "application/protobuf";
  const text = isProtobuf ? readText(body) : (JSON.parse(body.toString()) as { text: string }).text;
  const [row] = await query(writers, "send", settings.sendSql, [chatId, userId, text.trim(), null, null, null]);
  if (isProtobuf)
    return answer(response, 201, "application/protobuf", toProtobuf(row!, protobuf.Writer.create()).finish());
  answer(response, 201, "application/json; charset=utf-8", toJson(row!));
}

function readText(body: Buffer): string {
  const reader = protobuf.Reader.create(body);
  let text = "";
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag === 18) text = reader.string();
    else reader.skipType(tag & 7);
  }
  return text;
}

const server = createServer((request, response) => {
  const userId = callerOf(request, key);
  const chatId = Number(/^\/v1\/chats\/(\d+)\/messages/.exec(request.url ?? "")?.[1]);
  if (userId === 0) return answer(response, 401, "application/json", "{}");
  const work = request.method === "GET" ? list : send;
  work(request, response, chatId, userId).catch((error: unknown) => {
    console.error(error);
    answer(response, 500, "application/json", "{}");
  });
});
server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port));
