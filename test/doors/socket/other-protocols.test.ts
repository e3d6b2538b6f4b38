// Requests that ask for another protocol than web sockets, as Java's HttpClient does with each: they are served as if they had not asked.
import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { expect } from "chai";
import { httpServer } from "../../../src/platform/http/http-server.js";
import { newPerson, type Person } from "../../resilience/person.js";
import { testServer, type TestServer } from "../../support/server.js";
import { RawSocket } from "./raw-socket.js";

const h2c =
  "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA";
const webSocket =
  "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==";

describe("a request for another protocol", () => {
  let server: TestServer;
  let person: Person;
  let socket: RawSocket;

  before(async () => {
    server = await testServer();
    person = await newPerson(() => server.url);
  });
  beforeEach(async () => (socket = await RawSocket.connect(server.port)));
  afterEach(() => socket.destroy());
  after(() => server.close());

  const request = (line: string, headers: string, body = ""): string =>
    `${line} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${person.token}\r\n${headers}\r\n\r\n${body}`;
  const me = async (): Promise<void> => {
    const { status, body } = await socket.answer();
    expect(status, body).to.equal(200);
    expect((JSON.parse(body) as { id: number }).id).to.equal(person.id);
  };
  const chat = (title: string): string => JSON.stringify({ title, member_ids: [] });
  const made = async (title: string): Promise<void> => {
    const { status, body } = await socket.answer();
    expect(status, body).to.equal(201);
    expect((JSON.parse(body) as { title: string }).title).to.equal(title);
  };
  const json = "Content-Type: application/json";

  it("is served over HTTP/1.1, one after another on one connection", async () => {
    for (let round = 0; round < 3; round++) {
      socket.write(request("GET /v1/auth/me", h2c));
      await me();
      socket.write(request("GET /v1/auth/me", "Connection: keep-alive, upgrade\r\nUpgrade: foo/2, bar"));
      await me();
      socket.write(request("GET /v1/auth/me", "Accept: application/json"));
      await me();
    }
  });

  it("is served with its body: at once, later, in chunks, and after 100 Continue", async () => {
    const body = chat("Tea");
    const sized = `${json}\r\nContent-Length: ${body.length}`;
    socket.write(request("POST /v1/chats", `${h2c}\r\n${sized}`, body));
    await made("Tea");
    const head = request("POST /v1/chats", `${h2c}\r\n${sized}`);
    for (const part of [head.slice(0, 40), head.slice(40), body.slice(0, 5), body.slice(5)]) {
      socket.write(part);
      await new Promise(setImmediate);
    }
    await made("Tea");
    const chunks = `${json}\r\nTransfer-Encoding: chunked`;
    socket.write(request("POST /v1/chats", `${h2c}\r\n${chunks}`, `5\r\n${body.slice(0, 5)}\r\n`));
    socket.write(`${(body.length - 5).toString(16)}\r\n${body.slice(5)}\r\n0\r\n\r\n`);
    await made("Tea");
    socket.write(request("POST /v1/chats", `${h2c}\r\n${sized}\r\nExpect: 100-continue`));
    expect((await socket.answer()).status).to.equal(100);
    socket.write(body);
    await made("Tea");
  });

  it("is served behind others that are under way, and before others, in their order", async () => {
    const body = chat("Coffee");
    const post = request("POST /v1/chats", `${h2c}\r\n${json}\r\nContent-Length: ${body.length}`, body);
    const plain = request("POST /v1/chats", `${json}\r\nContent-Length: ${body.length}`, body);
    const get = request("GET /v1/auth/me", h2c);
    socket.write([post, get, plain, plain, post, get, get].join(""));
    for (const answer of [made, me, made, made, made, me, me]) await answer("Coffee");
    socket.write(post + plain);
    await made("Coffee");
    await made("Coffee");
  });

  it("is a web socket behind others that are under way, after their answers", async () => {
    const open = request("GET /v1/realtime", `${webSocket}\r\nSec-WebSocket-Protocol: lyceum.v1.json`);
    const get = request("GET /v1/auth/me", "Accept: application/json");
    socket.write([get, get, open].join(""));
    await me();
    await me();
    expect((await socket.answer()).status).to.equal(101);
    expect(JSON.parse(String((await socket.frame())!.payload))).to.have.nested.property("welcome.user_id", person.id);
    socket.send({ opcode: 9, payload: "?" });
    expect(await socket.frame()).to.include({ opcode: 10 });
  });

  it("is not read behind an answer that closes the connection", async () => {
    socket.write(request("GET /v1/auth/me", "Connection: close") + request("GET /v1/auth/me", h2c));
    await me();
    await socket.untilEnded();
    expect(socket.rest.toString()).to.equal("");
  });

  it("gets no second request out of a value of a header, and no head that is none", async () => {
    const smuggled = "X-Note: a\tb\r\nConnection: Upgrade, Transfer-Encoding\r\nUpgrade: h2c";
    socket.write(request("GET /v1/auth/me", smuggled));
    await me();
    const both = `${h2c}\r\n${json}\r\nContent-Length: 5\r\nTransfer-Encoding: chunked`;
    socket.write(request("POST /v1/chats", both, "0\r\n\r\nGET /v1/auth/me HTTP/1.1\r\nHost: x\r\n\r\n"));
    expect((await socket.answer()).status).to.equal(400);
    await socket.untilEnded();
    expect(socket.rest.toString()).to.equal("");
  });
});

describe("a connection whose requests all ask for another protocol", () => {
  let server: Server;
  let connection: Socket | undefined;

  before(async () => {
    server = httpServer(
      (_request, response) => response.end("x"),
      () => "",
      () => undefined,
    );
    server.on("connection", (socket) => (connection = socket));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
  });
  after(() => server.close());

  it("gets no more listeners with each, and is counted once", async () => {
    const socket = await RawSocket.connect((server.address() as AddressInfo).port);
    const listeners: Record<string, number>[] = [];
    for (let round = 0; round < 12; round++) {
      socket.write(`GET / HTTP/1.1\r\nHost: x\r\n${h2c}\r\n\r\n`);
      expect((await socket.answer()).status).to.equal(200);
      const names = connection!.eventNames() as string[];
      listeners.push(Object.fromEntries(names.map((name) => [name, connection!.listenerCount(name)])));
    }
    expect(listeners.at(-1)).to.deep.equal(listeners[1]);
    socket.destroy();
  });
});
