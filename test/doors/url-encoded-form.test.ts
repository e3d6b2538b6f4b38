// The form of OAuth over HTTP: what the derived checks cannot say, because it needs a socket, a configuration or a look at the log.
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { appoint, testServer, type TestServer } from "../support/server.js";

const type = "application/x-www-form-urlencoded";

describe("a form of OAuth", () => {
  let folder: string;
  let server: TestServer;
  const logFile = (): string => join(folder, "server.log");

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "lyceum-"));
    server = await testServer({ LOG_LEVEL: "trace", LOG_FORMAT: "json", LOG_FILE: logFile() });
  });
  after(async () => {
    await server.close();
    await rm(folder, { recursive: true });
  });

  const token = (body: string, headers: Record<string, string> = {}) =>
    fetch(`${server.url}/v1/token`, { method: "POST", headers: { "Content-Type": type, ...headers }, body });

  /** Sends a head and a part of a body, and closes the connection. */
  async function breakOff(body: string, headers: readonly string[]): Promise<void> {
    const socket = connect(server.port, "127.0.0.1");
    await once(socket, "connect");
    socket.write([`POST /v1/token HTTP/1.1`, "Host: x", `Content-Type: ${type}`, ...headers, "", body].join("\r\n"));
    socket.on("error", () => undefined).end();
    socket.resume();
    await once(socket, "close");
  }

  it("is what URLSearchParams writes, in any script", async () => {
    const password = "пароль + 100% & =?";
    const { email: username } = await appoint(server.databaseUrl, "ROLE_STUDENT", password);
    const form = new URLSearchParams({ grant_type: "password", username, password });
    const answer = await token(form.toString());
    expect([answer.status, answer.headers.get("content-type")]).to.deep.equal([200, "application/json; charset=utf-8"]);
    // As curl -d sends it.
    expect(
      (await token(`grant_type=password&username=${username}&password=пароль %2b 100%25 %26 %3d?`)).status,
    ).to.equal(200);
  });

  it("with a password that is not percent-encoded is refused, and not taken for another password", async () => {
    const { email } = await appoint(server.databaseUrl, "ROLE_STUDENT", "100%sure it is");
    const answer = await token(`grant_type=password&username=${email}&password=100%sure it is`);
    expect([answer.status, ((await answer.json()) as { error: string }).error]).to.deep.equal([400, "invalid_request"]);
  });

  it("that breaks off settles, and the server goes on", async () => {
    for (const headers of [
      ["Content-Length: 1000"],
      ["Transfer-Encoding: chunked"],
      ["Content-Length: 1000", "Content-Encoding: gzip"],
    ])
      await breakOff("grant_type=password&username=a", headers);
    expect((await token("grant_type=x")).status).to.equal(400);
    const ended = async () =>
      (await readFile(logFile(), "utf8")).split("\n").filter((line) => line.includes('"status":499'));
    while ((await ended()).length < 2) await new Promise((resolve) => setImmediate(resolve));
  });

  it("is in no line of the log, however it is refused", async () => {
    const secret = `planted-${randomUUID()}`;
    const grant = `grant_type=password&username=somebody@example.org&password=${secret}`;
    for (const body of [
      grant,
      `${grant}&a=1&a=2`,
      `${grant}&b=%zz`,
      `${grant}&scope=${secret}`,
      `${grant}&c=${"x".repeat(20_000)}`,
      grant.replace("word&", "other&"),
    ])
      expect((await token(body)).status).to.be.within(400, 413);
    expect((await token(grant, { "Content-Type": "text/plain" })).status).to.equal(415);
    expect((await token(grant, { "Content-Encoding": "gzip" })).status).to.equal(415);
    await breakOff(grant, ["Content-Length: 1000"]);
    expect((await token("grant_type=last")).status).to.equal(400);
    const log = await readFile(logFile(), "utf8");
    expect(log).to.include("issueToken").and.to.not.include(secret);
  });

  it("has errors with ASCII alone in their description", async () => {
    const answer = await token("grant_type=a%22%5Cж");
    const { error, error_description: description } = (await answer.json()) as Record<string, string>;
    expect(error).to.equal("unsupported_grant_type");
    expect(description).to.match(/^[\x20\x21\x23-\x5b\x5d-\x7e]+$/);
  });
});
