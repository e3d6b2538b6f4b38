// The order in which a request is refused, on which the security of the server depends. And cross-origin access.
import { createConnection } from "node:net";
import { expect } from "chai";
import { mediaTypes } from "../../../runner/client/encoding.js";
import { openMember, type HeaderList, type Member } from "./member.js";

const preflight = (from: string): HeaderList => [
  ["Origin", from],
  ["Access-Control-Request-Method", "PATCH"],
  ["Access-Control-Request-Headers", "authorization, content-type, if-match"],
];

describe("the order of refusals, over a real port", function () {
  this.timeout(30_000);
  let member: Member;
  let list: string;
  const origin = "https://school.example";
  before(async () => {
    member = await openMember({ CORS_ORIGINS: `${origin}, http://localhost:3000` });
    list = `/v1/chats/${member.chatId}/messages`;
  });
  after(() => member?.close());

  const json: HeaderList = [["Content-Type", "application/json"]];
  const statusOf = async (verb: string, path: string, headers: HeaderList, body?: string): Promise<number> =>
    (await member.sendBare({ verb, path, headers, ...(body === undefined ? {} : { body }) })).status;

  /** Sends raw bytes. Resolves with the bytes received until the server closed, or sent nothing for a second. */
  function raw(...parts: string[]): Promise<string> {
    return new Promise((resolve, reject) => {
      const socket = createConnection(member.server.port, "127.0.0.1");
      let heard = "";
      socket.setTimeout(1_000, () => socket.destroy());
      socket
        .on("data", (chunk) => (heard += chunk.toString("latin1")))
        .on("error", reject)
        .on("close", () => resolve(heard));
      for (const part of parts) socket.write(part);
    });
  }

  it("404 for a missing route comes before 401", async () => {
    expect(await statusOf("GET", "/v1/nothing", [])).to.equal(404);
  });

  it("405 for a wrong verb comes before 401, 406 and 415", async () => {
    expect(await statusOf("PUT", list, [["Accept", "text/html"]])).to.equal(405);
  });

  it("406 comes before 415, and both before 401", async () => {
    expect(
      await statusOf(
        "POST",
        list,
        [
          ["Content-Type", "text/plain"],
          ["Accept", "text/html"],
        ],
        "x",
      ),
    ).to.equal(406);
    expect(await statusOf("POST", list, [["Content-Type", "text/plain"]], "x")).to.equal(415);
  });

  it("413 for a Content-Length comes before 401, and before a byte of the body is sent", async () => {
    const head = `POST ${list} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 99999999\r\n\r\n`;
    expect(await raw(head)).to.match(/^HTTP\/1\.1 413 /);
  });

  it("413 for a chunked body comes while it is read, and the connection is closed", async () => {
    const chunk = `10000\r\n${" ".repeat(0x10000)}\r\n`;
    const head = `POST ${list} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${member.token}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`;
    const heard = await raw(head, ...Array<string>(5).fill(chunk));
    expect(heard)
      .to.match(/^HTTP\/1\.1 413 /)
      .and.match(/\r\nconnection: close\r\n/i)
      .and.contain("BODY_TOO_LARGE");
  });

  it("401 comes with a challenge, without waiting for the body", async () => {
    const head = `POST ${list} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n`;
    expect(await raw(head))
      .to.match(/^HTTP\/1\.1 401 /)
      .and.match(/\r\nwww-authenticate: Bearer/i);
    expect(await statusOf("POST", list, json, "{broken")).to.equal(401);
  });

  it("100 Continue is sent only when the body will be read", async () => {
    const head = `POST ${list} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: 12\r\nExpect: 100-continue\r\n`;
    expect(await raw(`${head}\r\n`)).to.match(/^HTTP\/1\.1 401 /);
    expect(await raw(`${head}Authorization: Bearer ${member.token}\r\n\r\n`, '{"text":"x"}')).to.match(
      /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 201 /,
    );
  });

  it("400 comes before 422, and 422 before 404", async () => {
    const auth = ["Authorization", `Bearer ${member.token}`] as const;
    expect(await statusOf("POST", "/v1/chats/0/messages", [...json, auth], "{broken")).to.equal(400);
    expect(await statusOf("POST", "/v1/chats/999999/messages", [...json, auth], '{"text":""}')).to.equal(422);
    expect(await statusOf("POST", "/v1/chats/999999/messages", [...json, auth], '{"text":"x"}')).to.equal(404);
  });

  for (const [name, values] of [
    ["Host", ["127.0.0.1", "evil.example"]],
    ["Content-Type", ["application/json", "application/protobuf"]],
    ["Authorization", ["Bearer one", "Bearer two"]],
  ] as const) {
    it(`two ${name} headers are refused`, async () => {
      const headers = values.map((value) => [name, value] as const);
      const others = name === "Content-Type" ? [] : json;
      expect(await statusOf("POST", list, [...others, ...headers], '{"text":"x"}')).to.equal(400);
    });
  }

  it("a request without Host, and bytes that are not HTTP, are refused, and the server goes on", async () => {
    expect(await raw("GET /health HTTP/1.1\r\n\r\n")).to.match(/^HTTP\/1\.1 400 /);
    expect(await raw("nonsense\r\n\r\n"))
      .to.match(/^HTTP\/1\.1 400 /)
      .and.match(/application\/problem\+json/);
    expect(
      await raw(
        "POST /v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      ),
    ).to.match(/^HTTP\/1\.1 400 /);
    expect(await statusOf("GET", "/health", [])).to.equal(200);
  });

  it("a request target in absolute form is the same request (RFC 9112, section 3.2.2)", async () => {
    expect(await raw("GET http://x/health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")).to.match(
      /^HTTP\/1\.1 200 /,
    );
    expect(await raw("GET http://x/health?verbose HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")).to.match(
      /^HTTP\/1\.1 400 /,
    );
  });

  it("an unknown expectation is ignored (RFC 9110, section 10.1.1)", async () => {
    const heard = await raw("GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\nExpect: the impossible\r\n\r\n");
    expect(heard)
      .to.match(/^HTTP\/1\.1 200 /)
      .and.match(/\r\nx-content-type-options: nosniff\r\n/i);
  });

  it("errors have no stack, no SQL and no text of a library", async () => {
    for (const codec of ["json", "protojson", "protobuf"] as const) {
      const types: HeaderList = [
        ["Content-Type", mediaTypes[codec]],
        ["Accept", mediaTypes[codec]],
      ];
      const answer = await member.send("POST", list, types, Buffer.from([0xff, 0xff]));
      expect(answer.status).to.equal(400);
      expect(answer.body.toString("latin1")).not.to.match(
        /\n +at |node_modules|protobufjs|select |SyntaxError|RangeError/,
      );
    }
  });

  describe("for other origins", () => {
    it("a listed origin may send the headers that clients send", async () => {
      const { status, headers } = await member.sendBare({ verb: "OPTIONS", path: list, headers: preflight(origin) });
      expect(status).to.equal(204);
      expect(headers["access-control-allow-origin"]).to.equal(origin);
      for (const verb of ["GET", "POST", "PATCH", "DELETE"])
        expect(headers["access-control-allow-methods"]).to.contain(verb);
      for (const name of ["authorization", "content-type", "accept", "if-match", "if-none-match"])
        expect(headers["access-control-allow-headers"]!.toLowerCase()).to.contain(name);
      expect(headers["access-control-allow-credentials"]).to.equal("true");
    });

    it("a listed origin may read the exposed headers, of errors too", async () => {
      for (const path of [`/v1/chats/${member.chatId}`, "/v1/chats/999999", "/nothing", "/livez"]) {
        const { headers } = await member.send("GET", path, [["Origin", origin]]);
        expect(headers["access-control-allow-origin"], path).to.equal(origin);
        expect(headers["vary"]).to.match(/\bOrigin\b/);
        for (const name of ["ETag", "Location", "X-Request-Id", "X-Protobuf-Message"])
          expect(headers["access-control-expose-headers"]).to.contain(name);
      }
    });

    it("any other origin gets no CORS headers", async () => {
      for (const from of ["https://evil.example", "null", `${origin}.evil.example`, "https://SCHOOL.example:444"]) {
        const answer = await member.sendBare({ verb: "OPTIONS", path: list, headers: preflight(from) });
        expect(answer.headers["access-control-allow-origin"], from).to.equal(undefined);
        expect((await member.send("GET", list, [["Origin", from]])).headers["access-control-allow-origin"]).to.equal(
          undefined,
        );
      }
    });
  });

  it("Helmet's headers are on every answer", async () => {
    for (const path of ["/health", "/nothing", "/livez"]) {
      const { headers } = await member.sendBare({ verb: "GET", path });
      expect(headers).to.include({ "x-content-type-options": "nosniff", "referrer-policy": "no-referrer" });
      expect(headers["content-security-policy"]).to.match(/default-src/);
      expect(headers["x-powered-by"]).to.equal(undefined);
    }
  });
});
