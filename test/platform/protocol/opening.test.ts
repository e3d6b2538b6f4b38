// Opening a connection: its settings, encryption, and the errors for a server that refuses, is silent or is not Postgres.
import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { expect } from "chai";
import { ConnectionLost, NotPostgres } from "../../../src/platform/database/protocol/connection.js";
import { addressOf } from "../../../src/platform/database/protocol/open-connection.js";
import { type TestDatabase, testDatabase } from "../../support/database.js";
import { connectTo, through } from "../tcp-proxy.js";
import { implementations, rejection, settings } from "./implementations.js";
import { selfSigned } from "./self-signed.js";

const servers = new Set<Server>();

/** A server on this machine. */
async function listening(onConnection: (socket: Socket) => void): Promise<Server> {
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    onConnection(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  servers.add(server);
  return server;
}

/** An ErrorResponse with a SQLSTATE. */
function refusal(state: string): string {
  const fields = `SFATAL\0C${state}\0Mno\0\0`;
  return `E\0\0\0${String.fromCharCode(fields.length + 4)}${fields}`;
}

for (const { name, open } of implementations) {
  describe(`opening a connection ${name}`, () => {
    let database: TestDatabase;
    before(async () => (database = await testDatabase()));
    after(async () => {
      for (const server of servers) server.close();
      await database.drop();
    });

    /** The cause of the failure to open a connection to that server. */
    const causeOf = async (url: string, connectTimeoutMs = 10_000): Promise<unknown> => {
      const error = await rejection(open(settings(url, { connectTimeoutMs })));
      expect(error).to.be.instanceOf(ConnectionLost);
      return error.cause;
    };

    it("applies its settings, and times in UTC and in ISO format whatever those of the database", async () => {
      const admin = await open(settings(database.url));
      const { database: own } = addressOf(database.url);
      await admin.command(
        `alter database ${own} set timezone = 'Asia/Kathmandu'; alter database ${own} set datestyle = 'German'`,
        Infinity,
      );
      await admin.close(1_000);
      const connection = await open(
        settings(database.url, {
          applicationName: "named",
          statementTimeoutMs: 1_234,
          lockTimeoutMs: 2_345,
          idleInTransactionTimeoutMs: 3_456,
        }),
      );
      const [row] = await connection.run(
        "settings",
        `select current_setting('application_name') as name, current_setting('statement_timeout') as statement,
                current_setting('lock_timeout') as lock, current_setting('idle_in_transaction_session_timeout') as idle,
                current_setting('timezone') as timezone, '2026-11-23'::date as date, '2026-11-23 12:00'::timestamptz as moment`,
        [],
        Infinity,
      );
      await connection.close(1_000);
      expect(row).to.deep.equal({
        name: "named",
        statement: "1234ms",
        lock: "2345ms",
        idle: "3456ms",
        timezone: "UTC",
        date: "2026-11-23",
        moment: "2026-11-23T12:00:00.000Z",
      });
    });

    it("encrypts when the URL requires it", async () => {
      const { key, cert } = selfSigned();
      const answered = new Set<string>();
      const server = await listening((socket) => {
        socket.once("data", (request) => {
          answered.add(request.toString("hex"));
          socket.write("S");
          const secure = new TLSSocket(socket, { isServer: true, key, cert });
          const postgres = connectTo(database.url);
          for (const each of [secure, postgres]) each.on("error", () => undefined);
          secure.pipe(postgres).pipe(secure);
        });
      });
      const url = new URL(through(database.url, server));
      url.searchParams.set("sslmode", "no-verify");
      const connection = await open(settings(url.href));
      const rows = await Promise.all(
        [1, 2].map((n) => connection.run("large", "select repeat('ж', $1::int * 100000) as text", [n], Infinity)),
      );
      await connection.close(1_000);
      expect(rows).to.deep.equal([1, 2].map((n) => [{ text: "ж".repeat(n * 100_000) }]));
      // SSLRequest, and nothing of the session in clear text.
      expect([...answered]).to.deep.equal(["0000000804d2162f"]);
    });

    it("fails where the server does not encrypt and the URL requires it", async () => {
      const server = await listening((socket) => socket.once("data", () => socket.write("N")));
      const url = new URL(through(database.url, server));
      url.searchParams.set("sslmode", "no-verify");
      expect(String(await causeOf(url.href))).to.match(/SSL/);
    });

    it("fails with the system's error where nothing listens", async () => {
      const server = await listening(() => undefined);
      const url = through(database.url, server);
      await new Promise((resolve) => server.close(resolve));
      expect(await causeOf(url)).to.have.property("code", "ECONNREFUSED");
    });

    it("fails with Postgres's error where there is no such database", async () => {
      const url = new URL(database.url);
      url.pathname = "/nowhere";
      expect(await causeOf(url.href)).to.have.property("code", "3D000");
    });

    for (const state of ["28P01", "53300", "57P03", "0A000"]) {
      it(`fails with Postgres's error where it refuses with ${state}`, async () => {
        const server = await listening((socket) => socket.once("data", () => socket.end(refusal(state), "latin1")));
        expect(await causeOf(through(database.url, server))).to.have.property("code", state);
      });
    }

    for (const [other, text] of [
      ["a web server", "HTTP/1.1 400 Bad Request\r\n\r\n"],
      ["MySQL", "\x4a\0\0\0\x0a8.0.36\0"],
    ] as const) {
      it(`fails with NotPostgres where the server is ${other}, even one that keeps the connection open`, async () => {
        for (const isKept of [false, true]) {
          const server = await listening((socket) =>
            socket.once("data", () => (isKept ? socket.write(text, "latin1") : socket.end(text, "latin1"))),
          );
          expect(await causeOf(through(database.url, server))).to.be.instanceOf(NotPostgres);
        }
      });
    }

    it("fails where the server is silent for longer than it may take", async () => {
      const server = await listening(() => undefined);
      expect(await causeOf(through(database.url, server), 100)).to.be.instanceOf(Error);
    });

    it("fails where the server closes the connection without a message", async () => {
      const server = await listening((socket) => socket.once("data", () => socket.end()));
      expect(await causeOf(through(database.url, server))).to.be.instanceOf(Error);
    });

    it("fails before it connects when the URL cannot be read", async () => {
      const error = await rejection(open(settings("postgres://me:secret@[/")));
      expect(error).not.to.be.instanceOf(ConnectionLost);
    });
  });
}

describe("the address of a URL", () => {
  it("is a host and a port, or the folder of a Unix socket, with the user and the database", () => {
    expect(addressOf("postgres://me:secret@db.example:5433/school")).to.deep.equal({
      host: "db.example",
      port: 5433,
      user: "me",
      database: "school",
    });
    expect(addressOf("postgres://me@localhost:5432/school?host=%2Frun%2Fpostgresql")).to.deep.equal({
      host: "/run/postgresql",
      port: 5432,
      user: "me",
      database: "school",
    });
    expect(() => addressOf("postgres://[/")).to.throw();
  });
});
