// Clients that ask and do not read: what the server holds for them, in bytes, and who is disconnected.
import type { Server, ServerResponse } from "node:http";
import { createConnection, type Socket } from "node:net";
import { expect } from "chai";
import { drain, httpServer, listen } from "../../../src/platform/http/http-server.js";

const MiB = 1024 * 1024;

describe("answers that clients do not read", function () {
  this.timeout(30_000);
  let server: Server;
  let port: number;
  let most: number;
  let begun: number;
  let closed: number;
  const accepted = new Set<Socket>();
  const answers = new Set<ServerResponse>();
  const clients: Socket[] = [];
  /** What the server holds for all clients, in the answers and in the connections. */
  const held = (): number => {
    const behind = [...answers].filter((answer) => !answer.socket);
    return [...accepted, ...behind].reduce((sum, { writableLength }) => sum + writableLength, 0);
  };

  beforeEach(async () => {
    [most, begun, closed] = [0, 0, 0];
    const body = Buffer.alloc(MiB, "x");
    server = httpServer(
      (_request, response) => {
        begun++;
        answers.add(response.on("close", () => answers.delete(response)));
        response.end(body);
        most = Math.max(most, held());
      },
      () => "",
    );
    server.on("connection", (socket) => {
      accepted.add(socket);
      socket.on("close", () => accepted.delete(socket) && closed++);
    });
    port = await listen(server, 0, "127.0.0.1");
  });
  afterEach(async () => {
    clients.splice(0).forEach((client) => client.destroy());
    await drain(server, 100);
  });

  function mute(requests: number): Socket {
    const client = createConnection(port, "127.0.0.1").on("error", () => {});
    client.pause();
    client.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n".repeat(requests));
    clients.push(client);
    return client;
  }

  it("are one at a time for each connection, however many requests it has sent", async () => {
    const client = mute(100);
    // The system takes some, then no more.
    while (begun === 0 || held() === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(most).to.be.at.most(MiB + 64 * 1024);
    let received = 0;
    client.on("data", (chunk) => (received += chunk.length)).resume();
    while (received < 100 * MiB) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(begun).to.equal(100);
    expect(most).to.be.at.most(MiB + 64 * 1024);
  });

  it("are at most 64 MiB in all; beyond that the slowest clients are disconnected, and one that reads is not", async () => {
    for (let count = 0; count < 150; count++) mute(60);
    let honest = 0;
    while (closed < 80) {
      const answer = await fetch(`http://127.0.0.1:${port}/`);
      expect((await answer.arrayBuffer()).byteLength).to.equal(MiB);
      honest++;
    }
    expect(honest).to.be.greaterThan(0);
    expect(most).to.be.at.most(65 * MiB + 64 * 1024);
    expect(held()).to.be.at.most(64 * MiB);
  });
});
