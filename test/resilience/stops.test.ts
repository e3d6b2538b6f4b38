// Stops under load: two servers on one database, of which one after the other stops and starts again.
import { once } from "node:events";
import { createConnection, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { expect } from "chai";
import { testDatabase, type TestDatabase } from "../support/database.js";
import { end, serve, type Server } from "../support/program.js";
import { newPerson } from "./person.js";
import { balancer, stopLoad } from "./stop-load.js";
import { fairNow } from "../support/fair-clock.js";

/** Those of the whole promise are 20 with each pause, as in `make nightly`; fewer show a fault too, since each used to reset connections. */
const stops = process.env["STOPS"] === "all" ? 40 : 2;
/** Before a server stops to listen, in seconds: one server has the one, the other one the other, and their successors change. */
const pauseOf = (stop: number): string => ["0", "1"][(stop + Math.floor(stop / 2)) % 2]!;

describe("a server that stops under load", function () {
  this.timeout(stops > 2 ? 300_000 : 120_000);
  let database: TestDatabase;
  const servers: Server[] = [];
  const open = (env: Readonly<Record<string, string>> = {}): Promise<Server> =>
    serve({
      env: { DATABASE_URL: database.url, SECRET_KEY: "k".repeat(32), LOG_LEVEL: "info", REGISTRATION: "open", ...env },
    });

  before(async () => {
    database = await testDatabase();
  });
  after(async () => {
    await end(...servers);
    await database.drop();
  });

  it("leaves no request without its answer, with a pause of 0 s and of 1 s", async () => {
    servers.push(...(await Promise.all([0, 1].map((stop) => open({ SHUTDOWN_PAUSE_SECONDS: pauseOf(stop) })))));
    const front = await balancer(() => servers.map(({ port }) => port));
    const person = await newPerson(() => `http://127.0.0.1:${front.port}`);
    const chatId = await person.chat("The stops");
    const body = '{"text":"through a stop"}';
    const request =
      `POST /v1/chats/${chatId}/messages HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${person.token}\r\n` +
      `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
    const load = stopLoad(front.port, 8, () => request);
    for (let stop = 0; stop < stops; stop++) {
      const before = load.answered;
      while (load.answered < before + 50) await delay(5);
      const at = stop % 2;
      const stopping = servers[at]!;
      stopping.child.kill("SIGTERM");
      expect(await stopping.ended).to.include({ code: 0 });
      servers[at] = await open({ SHUTDOWN_PAUSE_SECONDS: pauseOf(stop + 2) });
    }
    await load.close();
    front.close();
    expect(load.failures).to.deep.equal([]);
  });

  it("does not wait for connections on which nothing was ever sent", async () => {
    const server = servers[0]!;
    const mute: Socket[] = Array.from({ length: 20 }, () => createConnection(server.port, "127.0.0.1"));
    await Promise.all(mute.map((socket) => once(socket, "connect")));
    const closed = mute.map((socket) => once(socket.resume(), "close"));
    const asked = fairNow();
    server.child.kill("SIGTERM");
    await Promise.all(closed);
    expect(await server.ended).to.include({ code: 0 });
    // The time for requests in flight is seven seconds.
    expect(fairNow() - asked).to.be.below(5_000);
  });
});
