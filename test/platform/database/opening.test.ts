// The first connection: the sentences for the operator about a database that does not open.
import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { expect } from "chai";
import { pino } from "pino";
import { openDatabase } from "../../../src/platform/database/database.js";
import { statement } from "../../../src/platform/database/statement.js";
import { type OwnServer, ownServer } from "../../support/database.js";

const log = pino({ level: "silent" });

describe("the database does not open", function () {
  this.timeout(60_000);
  let postgres: OwnServer;

  before(async () => (postgres = await ownServer()));
  after(() => postgres.remove());

  const sentence = async (url: string, waitMs = 0): Promise<string> =>
    openDatabase({ url, pool: 1, log, waitMs }).then(
      async (opened) => {
        await opened.close();
        return "it opened";
      },
      (error: Error) => `${error.name}: ${error.message}`,
    );

  it("when nothing listens, the database does not exist, or the URL cannot be read: the sentence has the remedy", async () => {
    const unknown = new URL(postgres.url);
    unknown.pathname = "/nowhere";
    expect(await sentence("postgres://me:secret@localhost:1/db")).to.equal(
      "OperatorError: No Postgres answers at localhost:1: start it, or correct DATABASE_URL.",
    );
    expect(await sentence(unknown.href)).to.match(
      /^OperatorError: Postgres at .+ has no database "nowhere": create it/,
    );
    expect(await sentence("postgres://me:secret@[/")).to.match(/^OperatorError: DATABASE_URL cannot be read/);
  });

  const refusal = (state: string): string => {
    const fields = `SFATAL\0C${state}\0Mno\0\0`;
    return `E\0\0\0${String.fromCharCode(fields.length + 4)}${fields}`;
  };
  for (const [name, answer, expected] of [
    ["a web server", "HTTP/1.1 400 Bad Request\r\n\r\n", "The server at PLACE is not Postgres: correct DATABASE_URL."],
    ["MySQL", "\x4a\0\0\0\x0a8.0.36\0", "The server at PLACE is not Postgres: correct DATABASE_URL."],
    [
      "a Postgres with another password",
      refusal("28P01"),
      'Postgres at PLACE refuses the password of user "me": correct DATABASE_URL.',
    ],
    [
      "a Postgres without free connections",
      refusal("53300"),
      "Postgres at PLACE has no connection left: raise its max_connections, or lower DATABASE_POOL, DATABASE_READERS or DATABASE_WRITERS.",
    ],
    [
      "a Postgres with another reason",
      refusal("0A000"),
      "Postgres at PLACE refuses the connection (0A000): see the server's log.",
    ],
  ] as const) {
    it(`when the server is ${name}`, async () => {
      const other = createServer((socket) => {
        socket.on("error", () => undefined);
        socket.once("data", () => socket.end(answer, "latin1"));
      });
      other.listen(0, "127.0.0.1");
      await once(other, "listening");
      const place = `127.0.0.1:${(other.address() as { port: number }).port}`;
      const actual = await sentence(`postgres://me:secret@${place}/db`, 5_000);
      expect(actual).to.equal(`OperatorError: ${expected.replace("PLACE", place)}`);
      other.close();
    });
  }

  it("when Postgres refuses some of its connections, and leaves none of the others open", async () => {
    const admin = await openDatabase({ url: postgres.url, pool: 1, log });
    await admin.knex.raw("create role narrow login connection limit 8");
    const url = new URL(postgres.url);
    url.username = "narrow";
    expect(await sentence(url.href)).to.match(/^OperatorError: Postgres at .+ has no connection left/);
    const left = statement<{ n: number }>(
      "read",
      "outage-narrow",
      "select count(*) as n from pg_stat_activity where usename = 'narrow'",
    );
    while ((await admin.database.one(left, []))!.n > 0) await delay(20);
    await admin.close();
  });

  it("while Postgres is stopped; with a time to wait it opens as soon as Postgres is started", async () => {
    await postgres.stop();
    const opening = sentence(postgres.url, 10_000);
    await delay(500);
    await postgres.start();
    expect(await opening).to.equal("it opened");
  });
});
