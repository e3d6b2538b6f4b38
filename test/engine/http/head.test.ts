// Ambiguous heads of requests, malformed targets, and connections after a refusal: every answer belongs to its own request,
// whether or not the body was read.
import { createConnection } from "node:net";
import { expect } from "chai";
import { openMember, type Member } from "./member.js";

describe("the head of a request, over a real port", function () {
  this.timeout(30_000);
  let member: Member;
  before(async () => {
    member = await openMember();
  });
  after(() => member?.close());

  /** Sends raw bytes. Resolves with the bytes received until the server closed, or sent nothing for `silenceMs`; `isLast` closes our half. */
  function raw(bytes: string | Buffer, silenceMs = 500, isLast = false): Promise<{ heard: string; isClosed: boolean }> {
    return new Promise((resolve, reject) => {
      const socket = createConnection(member.server.port, "127.0.0.1");
      let heard = "";
      let isClosed = true;
      socket.setTimeout(silenceMs, () => {
        isClosed = false;
        socket.destroy();
      });
      socket
        .on("data", (chunk) => (heard += chunk.toString("latin1")))
        .on("error", reject)
        .on("close", () => resolve({ heard, isClosed }));
      socket.write(bytes);
      if (isLast) socket.end();
    });
  }
  const statusesIn = (heard: string): number[] =>
    [...heard.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map((match) => Number(match[1]));

  for (const path of ["/health", "/nothing", "/livez", "/openapi.json"]) {
    it(`with two hosts, or none, is refused at ${path}`, async () => {
      for (const hosts of ["Host: a\r\nHost: b\r\n", ""]) {
        const { heard } = await raw(`GET ${path} HTTP/1.1\r\n${hosts}Connection: close\r\n\r\n`);
        expect(heard)
          .to.match(/^HTTP\/1\.1 400 /)
          .and.match(/\r\nContent-Type: application\/problem\+json/)
          .and.contain("MALFORMED_REQUEST");
      }
    });
  }

  it("of HTTP/1.0 needs no host", async () => {
    expect((await raw("GET /livez HTTP/1.0\r\n\r\n")).heard).to.match(/^HTTP\/1\.1 200 /);
  });

  it("with a transfer coding in addition to chunked is refused: its body would be misread", async () => {
    for (const coding of ["gzip, chunked", "identity, chunked"]) {
      const { heard } = await raw(
        `POST /v1/auth/login HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nTransfer-Encoding: ${coding}\r\n\r\n2\r\n{}\r\n0\r\n\r\n`,
      );
      expect(heard, coding).to.match(/^HTTP\/1\.1 400 /);
    }
  });

  it("with any target is answered, and never with a status of 500 or more", async () => {
    for (const [target, status] of [
      ["http://x/health", 200],
      ["HTTPS://x:1/health?", 200],
      ["http://x", 200],
      ["http://[", 400],
      ["http://[/health", 400],
      ["http://x:9b/health", 400],
      ["ftp://x/health", 400],
      ["http:///health", 400],
      ["http://user@x/health", 400],
      ["http://[::1]:8080/health", 200],
      ["x:80", 400],
      ["*", 400],
      ["http://x?alt=proto", 200],
      ["//health", 404],
      ["/health//", 404],
      ["/../health", 404],
      ["/v1/%63hats", 404],
      ["/%", 404],
      ["/health?%", 400],
      ["/health?%00=1", 400],
      ["/health?__proto__=1", 400],
      ["/v1/chats/%", 400],
      ["/v1/chats/%ff", 400],
      ["/v1/chats/%2F", 401],
    ] as const) {
      const { heard } = await raw(`GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
      expect(statusesIn(heard), target).to.deep.equal([status]);
      expect(heard).to.match(/\r\nx-request-id: /i);
    }
  });

  it("of OPTIONS * is about the whole server", async () => {
    const { heard } = await raw("OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    expect(heard)
      .to.match(/^HTTP\/1\.1 204 /)
      .and.contain("\r\nAllow: DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT\r\n");
  });

  for (const [hosts, status] of [
    [
      [
        "x",
        "x:",
        "x:80",
        "x:65535",
        "X_y.example",
        "127.0.0.1:8080",
        "[::1]",
        "[::1]:80",
        "%d1%88",
        "xn--80ao.xn--p1ai",
      ],
      200,
    ],
    [
      [
        "",
        ":80",
        "a b",
        "x@y",
        "[::1",
        "::1",
        "x:99999",
        "x:8o",
        "x:-1",
        "x/y",
        "x?y",
        "x#y",
        "[x]",
        "[fe80::1%25a]",
        "%zz",
        "a,\x80",
        "школа",
      ],
      400,
    ],
  ] as const) {
    for (const host of hosts) {
      it(`with the host "${host}" is ${status === 200 ? "served" : "refused"}, in either form of the target and for OPTIONS *`, async () => {
        const head = `HTTP/1.1\r\nConnection: close\r\nHost: ${host}\r\n\r\n`;
        expect(statusesIn((await raw(Buffer.from(`GET /health ${head}`, "utf8"))).heard)).to.deep.equal([status]);
        expect(statusesIn((await raw(Buffer.from(`OPTIONS * ${head}`, "utf8"))).heard)).to.deep.equal([
          status === 200 ? 204 : 400,
        ]);
        if (/[ #?/\x80-\uffff]|^$/.test(host)) return;
        const { heard } = await raw(`GET http://${host}/health HTTP/1.1\r\nConnection: close\r\nHost: y\r\n\r\n`);
        expect(statusesIn(heard)).to.deep.equal([status]);
      });
    }
  }

  describe("keeps requests and answers of a connection in order", () => {
    // A server that did not skip this body would read it as a request.
    const smuggled = "GET /v1/chats/1 HTTP/1.1\r\nHost: x\r\n\r\n";
    const next = "GET /readyz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

    for (const [what, head, status] of [
      ["after a body that the method does not read", "GET /health HTTP/1.1\r\n", 200],
      ["after 404", "POST /nothing HTTP/1.1\r\n", 404],
      ["after 405", "PUT /health HTTP/1.1\r\n", 405],
      ["after 406", "POST /v1/auth/login HTTP/1.1\r\nAccept: text/html\r\n", 406],
      ["after 415", "POST /v1/auth/login HTTP/1.1\r\n", 415],
      ["after 401", "POST /v1/chats HTTP/1.1\r\nContent-Type: application/json\r\n", 401],
      ["after 400", "POST /v1/auth/login HTTP/1.1\r\nContent-Type: application/json\r\n", 400],
      ["after OPTIONS", "OPTIONS /health HTTP/1.1\r\n", 204],
    ] as const) {
      it(what, async () => {
        const body = `Host: x\r\nContent-Length: ${smuggled.length}\r\n\r\n${smuggled}`;
        expect(statusesIn((await raw(head + body + next)).heard)).to.deep.equal([status, 200]);
      });
    }

    it("when sends and a request that is none come in one packet: all are stored, in order, and answered", async () => {
      const path = `/v1/chats/${member.chatId}/messages`;
      const head = `POST ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${member.token}\r\nContent-Type: application/json\r\n`;
      const texts = ["first of the packet", "second of the packet", "third of the packet"];
      const sends = texts.map((text) => JSON.stringify({ text }));
      const packet = sends.map((body) => `${head}Content-Length: ${body.length}\r\n\r\n${body}`).join("");
      const { heard, isClosed } = await raw(`${packet}\x00garbage\r\n\r\n`, 3_000);
      expect(statusesIn(heard)).to.deep.equal([201, 201, 201, 400]);
      expect([...heard.matchAll(/"text":"([^"]+)"/g)].map(([, text]) => text)).to.deep.equal(texts);
      const seqs = [...heard.matchAll(/"seq":(\d+)/g)].map(([, seq]) => Number(seq));
      expect(seqs).to.deep.equal([...seqs].sort((one, other) => one - other));
      expect(isClosed).to.equal(true);
    });

    it("when its client closes its half behind a request, which is answered", async () => {
      for (const head of ["GET /health HTTP/1.1\r\nHost: x\r\n\r\n", "GET /openapi.json HTTP/1.0\r\n\r\n"]) {
        const { heard, isClosed } = await raw(head, 3_000, true);
        expect(statusesIn(heard)).to.deep.equal([200]);
        expect(isClosed).to.equal(true);
      }
    });

    it("when a transfer coding is unknown, by closing it, with one answer", async () => {
      for (const coding of ["foo", "foo, chunked", "chunked, foo"]) {
        const head = `GET /health HTTP/1.1\r\nHost: x\r\n\r\nPOST /v1/auth/login HTTP/1.1\r\nHost: x\r\n`;
        const { heard, isClosed } = await raw(`${head}Transfer-Encoding: ${coding}\r\n\r\n0\r\n\r\n`, 3_000);
        expect(statusesIn(heard), coding).to.include.members([200, 400]).and.to.have.length(2);
        expect(heard).to.contain("MALFORMED_REQUEST");
        expect(isClosed, coding).to.equal(true);
      }
    });

    it("after 413, by closing it", async () => {
      const head = "POST /v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";
      const { heard, isClosed } = await raw(`${head}Content-Length: 9999999\r\n\r\n${next}`, 2_000);
      expect(statusesIn(heard)).to.deep.equal([413]);
      expect(isClosed).to.equal(true);
    });

    it("when a refused body does not end, by closing it, with one answer", async () => {
      const head =
        "POST /v1/chats HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{";
      const { heard, isClosed } = await raw(head, 3_000);
      expect(statusesIn(heard)).to.deep.equal([401]);
      expect(isClosed).to.equal(true);
    });

    it("when a body comes too late, by closing it, with one answer", async () => {
      const head = "POST /v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";
      const { heard, isClosed } = await raw(`${head}Content-Length: 100\r\n\r\n{`, 14_000);
      expect(statusesIn(heard)).to.deep.equal([408]);
      expect(heard).to.match(/\r\nConnection: close\r\n/);
      expect(isClosed).to.equal(true);
    });
  });
});
