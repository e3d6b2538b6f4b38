// The floor of realtime: a bare ws server that does the least. A message is inserted by one statement and sent to every socket; a socket that
// says something gets one frame. Nobody is authenticated, and nothing is caught up.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import pg from "pg";
import { type WebSocket, WebSocketServer } from "ws";

const { url } = JSON.parse(process.env["FLOOR"]!) as { url: string };
const pool = new pg.Pool({ connectionString: url, max: 6 });
await pool.query("create table if not exists floor_messages (id bigserial primary key, text text not null)");

const sockets = new Set<WebSocket>();
const server = createServer((request, response) => {
  let body = "";
  request.setEncoding("utf8").on("data", (part: string) => (body += part));
  request.on(
    "end",
    () =>
      void send(body).then((text) => response.writeHead(201, { "Content-Length": Buffer.byteLength(text) }).end(text)),
  );
});

async function send(body: string): Promise<string> {
  const { text } = JSON.parse(body) as { text: string };
  const { rows } = await pool.query<{ id: string }>({
    name: "insert",
    text: "insert into floor_messages (text) values ($1) returning id",
    values: [text],
  });
  const told = JSON.stringify({ updates: { updates: [{ id: Number(rows[0]!.id), text }] } });
  const frame = Buffer.from(told);
  for (const socket of sockets) socket.send(frame, { binary: false });
  return told;
}

const webSockets = new WebSocketServer({ server, perMessageDeflate: false, clientTracking: false });
webSockets.on("connection", (socket) => {
  sockets.add(socket);
  socket.on("close", () => sockets.delete(socket));
  socket.on("error", () => undefined);
  socket.on("message", () => socket.send('{"subscribed":{}}'));
});
server.listen(0, "127.0.0.1", 4096, () => process.send!((server.address() as AddressInfo).port));
