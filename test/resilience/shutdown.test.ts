// The shutdown of the server: in order on a signal and after an unexpected exception, and after a kill without leftovers that
// prevent the next start.
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { request } from "node:http";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { expect } from "chai";
import { findProcess, signalProcess } from "../../src/platform/embedded/process-table.js";
import { temporaryFolder } from "../support/database.js";
import { end, lyceum, type Program, serve, type Server, start } from "../support/program.js";
import { call, newPerson, type Person } from "./person.js";
import { fairNow } from "../support/fair-clock.js";

describe("a server that ends", function () {
  this.timeout(60_000);
  let directory: string;
  let server: Server | undefined;
  let person: Person;
  let endless: Promise<{ code: number | null; ms: number }>;

  const open = async (env: Readonly<Record<string, string>> = {}): Promise<Server> =>
    (server = await serve({
      env: { DATA_DIR: directory, ...env },
      preload: [new URL("./probe.mjs", import.meta.url)],
    }));
  const postmaster = async (): Promise<number> =>
    Number.parseInt(await readFile(join(directory, "postgres", "postmaster.pid"), "utf8"), 10);

  before(async () => {
    directory = await temporaryFolder();
    await open();
    person = await newPerson(() => server!.url);
    await end(server);
    endless = endWithoutFinish();
    endless.catch(() => undefined);
  });
  afterEach(() => end(server));

  it("becomes not ready first, answers the requests in flight, and ends with its Postgres", async () => {
    const { child, url, port, ended } = await open({ SHUTDOWN_PAUSE_SECONDS: "1" });
    const postgres = await postmaster();
    const chatId = await person.chat("The end");
    const idle = await openIdle(port);
    const slow = sendSlowly(url, `/v1/chats/${chatId}/messages`, person.token, { text: "to the end" });
    await slow.begun;

    const [asked, fairAsked] = [performance.now(), fairNow()];
    child.kill("SIGTERM");
    await until(async () => (await call(url, "GET", "/readyz")).status === 503);
    const paused = await person.call("POST", `/v1/chats/${chatId}/messages`, { text: "in the pause" });
    expect(paused.status).to.equal(201);
    expect(paused.headers).to.include({ connection: "close" });
    expect(fairNow() - fairAsked).to.be.below(1_000);

    await until(() => refuses(port));
    expect(performance.now() - asked).to.be.greaterThan(900);
    if (!idle.destroyed) await once(idle, "close");
    await delay(200);
    expect((await slow.finish()).status).to.equal(201);
    expect(await ended).to.include({ code: 0, signal: null });
    expect(fairNow() - fairAsked).to.be.below(10_000);
    expect(await findProcess(postgres)).to.equal(undefined);
  });

  it("ends in order on Ctrl-C, which a terminal sends to the process group and a parent process sends again", async () => {
    const { pid, ended } = await open();
    const postgres = await postmaster();
    signalProcess(-pid, "SIGINT");
    signalProcess(pid, "SIGINT");
    expect(await ended).to.include({ code: 0, signal: null });
    expect(await findProcess(postgres)).to.equal(undefined);
  });

  it("ends at once on a second Ctrl-C after a moment", async () => {
    const { child, ended } = await open({ SHUTDOWN_PAUSE_SECONDS: "30" });
    child.kill("SIGINT");
    await delay(600);
    child.kill("SIGINT");
    const { code } = await ended;
    expect(code).to.equal(130);
  });

  it("ends in order on a signal during its start", async () => {
    const starting: Program = await startEarly(directory);
    starting.child.kill("SIGTERM");
    const { code, stderr } = await starting.ended;
    expect(stderr).to.equal("");
    expect(code).to.equal(0);
  });

  it("logs an unexpected exception, answers the requests in flight, and exits with 1", async () => {
    const { child, url, ended } = await open({ LOG_FORMAT: "json" });
    const postgres = await postmaster();
    const chatId = await person.chat("A fault");
    const slow = sendSlowly(url, `/v1/chats/${chatId}/messages`, person.token, { text: "in spite of it" });
    await slow.begun;
    child.kill("SIGUSR2");
    await delay(300);
    child.kill("SIGUSR2");
    await delay(100);
    expect((await slow.finish()).status).to.equal(201);
    const { code, stdout } = await ended;
    expect(code).to.equal(1);
    const fatal = lines(stdout).filter(({ level }) => level === "fatal");
    expect(fatal).to.have.length(2);
    expect(fatal[0]).to.deep.include({ logger: "server", message: "an unexpected exception ends the process" });
    expect(JSON.stringify(fatal[0])).to.contain("provoked from outside");
    expect(await findProcess(postgres)).to.equal(undefined);
  });

  it("does not wait for requests that never end", async () => {
    const { code, ms } = await endless;
    expect(code).to.equal(0);
    expect(ms).to.be.below(10_000);
  });

  it("has its data after kill -9 and a restart, and is ready soon", async () => {
    const { child, ended } = await open();
    const chatId = await person.chat("Still here");
    child.kill("SIGKILL");
    await ended;
    const again = await open();
    // Twice the allowed time, and more on a busy machine, where even an empty program takes long.
    const began = performance.now();
    await lyceum(["--version"]);
    expect(again.startMs).to.be.below(Math.max(4_000, 5 * (performance.now() - began)));
    expect(await person.call("GET", `/v1/chats/${chatId}`)).to.include({ status: 200 });
  });
});

/** Stops a server of its own to which a client has sent half a request. Resolves with the exit code and the duration. */
async function endWithoutFinish(): Promise<{ code: number | null; ms: number }> {
  const server = await serve({ env: { DATA_DIR: await temporaryFolder() } });
  const person = await newPerson(() => server.url);
  const half = sendSlowly(server.url, "/v1/chats", person.token, { title: "never sent" });
  await half.begun;
  const asked = fairNow();
  server.child.kill("SIGTERM");
  const { code } = await server.ended;
  return { code, ms: fairNow() - asked };
}

/** An idle connection: it has received an answer, and sends no next request. */
async function openIdle(port: number): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => undefined);
  socket.write("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n");
  await once(socket, "data");
  return socket;
}

/** A send with half of its body; `finish` sends the rest. */
function sendSlowly(
  url: string,
  path: string,
  token: string,
  body: object,
): { readonly begun: Promise<void>; finish(): Promise<{ status: number }> } {
  const bytes = JSON.stringify(body);
  const sent = request(url + path, {
    method: "POST",
    headers: {
      Authorization: `Bearer ${token}`,
      "Content-Type": "application/json",
      "Content-Length": bytes.length,
      Expect: "100-continue",
    },
  });
  const answered = new Promise<number>((resolve, reject) => {
    sent.on("response", (response) => resolve(response.resume().statusCode!));
    sent.on("error", reject);
  });
  answered.catch(() => undefined);
  // The server has the head then, and waits for the body.
  const begun = once(sent, "continue").then(() => void sent.write(bytes.slice(0, 5)));
  begun.catch(() => undefined);
  sent.flushHeaders();
  return {
    begun,
    finish: async () => {
      sent.end(bytes.slice(5));
      return { status: await answered };
    },
  };
}

/** A server that does not listen yet. */
async function startEarly(directory: string): Promise<Program> {
  const program = await start(["serve"], { env: { NODE_ENV: "development", DATA_DIR: directory, PORT: "0" } });
  await until(async () => /starting the embedded database/.test(program.output()));
  return program;
}

async function refuses(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  const isRefused = await once(socket, "connect").then(
    () => false,
    () => true,
  );
  socket.destroy();
  return isRefused;
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await delay(10);
}

function lines(log: string): Record<string, unknown>[] {
  return log
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
