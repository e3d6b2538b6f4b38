// A server that stops while much is open on it: all are told to come back and where to wait, and it ends in time whatever its clients do.
import { expect } from "chai";
import { chatOf, EventReader, poll, sendMany } from "./two-servers.js";
import { newPerson } from "../../resilience/person.js";
import { testDatabase, type TestDatabase } from "../../support/database.js";
import { fairNow } from "../../support/fair-clock.js";
import { upTo } from "../../support/numbers.js";
import { end, serve, type Server } from "../../support/program.js";
import { LiveClient } from "./live-client.js";
import { frameBytes, RawSocket } from "./raw-socket.js";

describe("a server that stops with open sockets", function () {
  this.timeout(60_000);
  let database: TestDatabase;
  let server: Server | undefined;

  before(async () => {
    database = await testDatabase();
    const env = { DATABASE_URL: database.url, REGISTRATION: "open", SHUTDOWN_PAUSE_SECONDS: "1", BODY_LIMIT: "4MiB" };
    server = await serve({ env: { ...env, SECRET_KEY: "a".repeat(64) } });
  });
  after(async () => {
    await end(server);
    await database.drop();
  });

  it("tells each to come back, closes with 1012, ends long polls and streams, and is not held by who does nothing", async () => {
    const { url, port, child, ended } = server!;
    const person = await newPerson(() => url);
    const chat = await chatOf(person);
    await sendMany(person, chat, 400, "ж".repeat(4_900));
    const clients = await Promise.all(upTo(250).map(() => LiveClient.open(url, { token: person.token })));
    for (const client of clients.slice(0, 20)) await client.subscribe("s", [{ topic: `chat:${chat}` }]);
    // They answer no close: one reads all, one reads nothing, one is in the middle of a frame, one does not read what it has asked for.
    const silent = await Promise.all(upTo(4).map(() => RawSocket.open(port, person.token)));
    silent[1]!.socket.pause();
    silent[2]!.write(frameBytes({ opcode: 1, payload: "{}", length: 1_000 }));
    silent[3]!.socket.pause();
    silent[3]!.send({ opcode: 1, payload: `{"subscribe":{"id":"s","topics":[{"topic":"chat:${chat}","pts":0}]}}` });
    const { body } = await poll(url, person.token, `topics=chat:${chat}`);
    const polls = upTo(5).map(() => poll(url, person.token, `cursor=${String(body["cursor"])}&wait_seconds=25`));
    const streams = await Promise.all(upTo(5).map(() => EventReader.open(url, person.token, `topics=chat:${chat}`)));
    await Promise.all(streams.map((stream) => stream.until(({ events }) => events.length > 0)));

    const began = fairNow();
    child.kill("SIGTERM");
    for (const answer of await Promise.all(polls)) {
      expect(answer.status).to.equal(200);
      expect(answer.body).to.deep.include({ updates: [], cursor: body["cursor"] });
    }
    for (const stream of streams) {
      while (!stream.isEnded) await new Promise((resolve) => setTimeout(resolve, 10));
      expect(stream.events.every(({ name }) => name === "")).to.equal(true);
    }
    const late = await LiveClient.open(url, { token: person.token }).catch((error: unknown) => error as object);
    expect(late).to.satisfy(
      (error: { status?: number; code?: string }) => error.status === 503 || error.code !== undefined,
    );
    const waits: number[] = [];
    for (const client of clients) {
      expect(await client.closed).to.deep.include({ code: 1012 });
      waits.push(client.received.at(-1)!.go_away!.wait_ms);
    }
    // So that they do not all come at once.
    expect(new Set(waits).size).to.be.greaterThan(50);
    expect(Math.min(...waits)).to.be.greaterThan(0);
    expect(Math.max(...waits)).to.be.lessThan(10_000);
    const { frames, code } = await silent[0]!.untilClosed();
    expect(code).to.equal(1012);
    expect(String(frames.at(-1)!.payload)).to.contain("go_away");
    expect(await ended).to.include({ code: 0, signal: null });
    expect(fairNow() - began).to.be.lessThan(10_000);
    silent.forEach((socket) => socket.destroy());
  });
});
