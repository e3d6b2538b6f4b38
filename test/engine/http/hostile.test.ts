// Hostile requests: each is refused, none delays other requests, and none leaves memory in use.
import { once } from "node:events";
import { createConnection, type Socket } from "node:net";
import { expect } from "chai";
import { measuredServer, type MeasuredServer } from "../../support/measured-server.js";
import { mediaTypes } from "../../../runner/client/encoding.js";
import type { RawAnswer } from "../../../runner/client/exchange.js";
import { attacks, KiB, usual, type Attack } from "./hostile-bodies.js";
import { createMember, type Member } from "./member.js";

/** The longest time that the event loop may be blocked. */
const stallMs = 50;

describe("a hostile client", function () {
  this.timeout(60_000);
  this.slow(5_000);
  let server: MeasuredServer;
  let member: Member;
  let slow: Promise<string>[];
  before(async () => {
    server = await measuredServer();
    member = await createMember(server, () => server.close());
    // These last until the server's timeouts, while the other tests run.
    slow = [
      drip("GET /health HTTP/1.1\r\nHost: x\r\n", "X-Slow: 1\r\n"),
      drip(upload(1000), " "),
      drip(upload(1000, "Content-Encoding: gzip\r\n"), " "),
    ];
  });
  after(() => member?.close());

  const upload = (length: number, more = ""): string =>
    `POST /v1/chats/${member.chatId}/messages HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${member.token}\r\nContent-Type: application/json\r\n${more}Content-Length: ${length}\r\n\r\n`;

  /** Sends `start`, then `drop` each second, until the server closes the connection. Resolves with the answer. */
  async function drip(start: string, drop: string): Promise<string> {
    const socket = createConnection(server.port, "127.0.0.1");
    let heard = "";
    socket.on("data", (chunk) => (heard += chunk.toString("latin1"))).on("error", () => undefined);
    socket.write(start);
    const timer = setInterval(() => socket.write(drop), 1_000);
    await once(socket, "close");
    clearInterval(timer);
    return heard;
  }

  const pathOf = (path: Attack["path"]): string =>
    ({
      chats: "/v1/chats",
      messages: `/v1/chats/${member.chatId}/messages`,
      batch: `/v1/chats/${member.chatId}/messages/batch`,
      register: "/v1/auth/register",
    })[path];

  function send({ path, codec, body, headers = [] }: Attack): Promise<RawAnswer> {
    return member.send("POST", pathOf(path), [["Content-Type", mediaTypes[codec]], ...headers], body());
  }

  async function sendAll(): Promise<void> {
    for (const attack of attacks) await send(attack);
  }

  /** The shortest stall of three tries, since other programs on the machine may delay the server. */
  async function leastStall(work: () => Promise<void>): Promise<number> {
    let least = Infinity;
    for (let round = 0; round < 3 && least >= stallMs; round++) {
      await server.command("reset");
      await work();
      least = Math.min(least, (await server.command("stall")).stallMs);
    }
    return least;
  }

  for (const attack of attacks) {
    it(`gets ${attack.status} for ${attack.what} (${attack.codec}), and delays no other request`, async () => {
      const stall = await leastStall(async () => {
        const answer = await send(attack);
        expect(answer.status).to.equal(attack.status);
        expect(answer.body.length).to.be.lessThan(64 * KiB);
        await member.problem(answer);
      });
      expect(stall).to.be.lessThan(stallMs);
    });
  }

  it("leaves no memory in use by aborted uploads", async () => {
    const volley = async (): Promise<void> => {
      const sockets = Array.from({ length: 50 }, (_, at) => {
        const socket = createConnection(server.port, "127.0.0.1").on("error", () => undefined);
        socket.write(upload(usual, at % 2 ? "Content-Encoding: gzip\r\n" : "") + " ".repeat(64 * KiB));
        return socket;
      });
      await new Promise((resolve) => setTimeout(resolve, 100));
      for (const socket of sockets) socket.destroy();
      await Promise.all(sockets.map((socket) => closed(socket)));
      await new Promise((resolve) => setTimeout(resolve, 200));
    };
    await volley();
    const before = await server.command("memory");
    for (let round = 0; round < 4; round++) await volley();
    const after = await server.command("memory");
    expect(after.sockets).to.be.at.most(before.sockets);
    expect(after.bytes - before.bytes).to.be.lessThan(8 * KiB * KiB);
  });

  it("leaves no memory in use when it repeats all requests", async () => {
    await sendAll();
    const before = await server.command("memory");
    await sendAll();
    await sendAll();
    const after = await server.command("memory");
    expect(after.bytes - before.bytes).to.be.lessThan(8 * KiB * KiB);
  });

  it("does not delay others with twenty of the slowest requests", async () => {
    const worst = attacks.filter(({ path }) => path === "batch").slice(0, 20);
    const volley = () => Promise.all(worst.map((attack) => send(attack)));
    let isOver = false;
    const all = volley()
      .then(volley)
      .then(volley)
      .finally(() => (isOver = true));
    let served = 0;
    while (!isOver) {
      expect((await member.sendBare({ verb: "GET", path: "/health" })).status).to.equal(200);
      if (!isOver) served++;
    }
    await all;
    expect(served).to.be.greaterThan(0);
  });

  it("gets 408 for a request that it sends byte by byte", async () => {
    const [head, body, zipped] = await Promise.all(slow);
    expect(head).to.match(/^HTTP\/1\.1 408 /);
    expect(body)
      .to.match(/^HTTP\/1\.1 408 /)
      .and.contain("REQUEST_TIMEOUT");
    expect(zipped)
      .to.match(/^HTTP\/1\.1 408 /)
      .and.contain("REQUEST_TIMEOUT");
  });

  it("leaves a server that still answers", async () => {
    const { status } = await member.call("sendMessage", { chat_id: member.chatId, text: "still here" });
    expect(status).to.equal(201);
  });
});

async function closed(socket: Socket): Promise<void> {
  if (!socket.closed) await once(socket, "close");
}
