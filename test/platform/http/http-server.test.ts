// The node:http server below Koa.
import { createConnection } from "node:net";
import { expect } from "chai";
import { drain, httpServer, listen } from "../../../src/platform/http/http-server.js";

/** No test here sends what cannot be parsed. */
const noRefusal = (): string => "";

describe("the HTTP server", () => {
  it("fails on a port in use with a sentence that names it and says what to do", async () => {
    const first = httpServer(() => {}, noRefusal);
    const port = await listen(first, 0, "127.0.0.1");
    const error: unknown = await listen(
      httpServer(() => {}, noRefusal),
      port,
      "127.0.0.1",
    ).catch((reason: unknown) => reason);
    expect(String(error)).to.contain(`Port ${port} is in use`).and.contain("PORT=");
    await drain(first, 100);
  });

  it("fails on an address of another machine with a sentence that names it", async () => {
    const error: unknown = await listen(
      httpServer(() => {}, noRefusal),
      0,
      "192.0.2.1",
    ).catch((reason: unknown) => reason);
    expect(String(error)).to.contain("192.0.2.1").and.contain("HOST");
  });

  it("closes the connection of a client that does not read its response", async () => {
    let isClosed = false;
    const server = httpServer((_request, response) => {
      response.on("close", () => (isClosed = true));
      response.end(Buffer.alloc(64 * 1024 * 1024));
    }, noRefusal);
    server.timeout /= 100;
    const port = await listen(server, 0, "127.0.0.1");
    const client = createConnection(port, "127.0.0.1").on("error", () => {});
    client.pause();
    client.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    const deadline = performance.now() + 5_000;
    while (!isClosed && performance.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 20));
    client.destroy();
    await drain(server, 100);
    expect(isClosed).to.equal(true);
  });

  it("completes responses in progress before it closes, and aborts those that take too long", async () => {
    const server = httpServer((request, response) => {
      if (request.url === "/soon") setTimeout(() => response.end("done"), 100);
    }, noRefusal);
    const port = await listen(server, 0, "127.0.0.1");
    const soon = fetch(`http://127.0.0.1:${port}/soon`).then((answer) => answer.text());
    const never = fetch(`http://127.0.0.1:${port}/never`).then(
      () => "complete",
      () => "aborted",
    );
    while ((await connections(server)) < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    await drain(server, 1_000);
    expect(await soon).to.equal("done");
    expect(await never).to.equal("aborted");
  });

  function connections(server: ReturnType<typeof httpServer>): Promise<number> {
    return new Promise((resolve, reject) =>
      server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
    );
  }
});
