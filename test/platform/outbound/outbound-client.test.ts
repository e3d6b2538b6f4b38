// The client for addresses that users name, against a server on loopback. No name is looked up outside: each test says what a name
// leads to. 2fff::1 stands for a public address: it is given to nobody.
import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { LookupAddress } from "node:dns";
import { createServer as createSocketServer, isIP, type AddressInfo } from "node:net";
import { expect } from "chai";
import {
  type NameLookup,
  outboundClient,
  OutboundError,
  type OutboundOptions,
} from "../../../src/platform/outbound/outbound-client.js";
import { selfSigned } from "../protocol/self-signed.js";
import { readOutboundUrl } from "../../../src/platform/outbound/outbound-url.js";

const open = { isPrivateAllowed: true, isHttpAllowed: true };
const strict = { isPrivateAllowed: false, isHttpAllowed: true };

const addressesOf = (...addresses: string[]): LookupAddress[] =>
  addresses.map((address) => ({ address, family: isIP(address) }));

describe("a request to an address that a user has named", () => {
  let canary: Server;
  let port: number;
  let hits = 0;
  let answer: RequestListener;

  before(async () => {
    canary = createServer((request, response) => {
      hits++;
      answer(request, response);
    });
    // On all of loopback.
    await new Promise<void>((resolve) => canary.listen(0, "127.0.0.1", resolve));
    ({ port } = canary.address() as AddressInfo);
  });
  beforeEach(() => {
    hits = 0;
    answer = (_, response) => response.end("ok");
  });
  after(() => {
    canary.closeAllConnections();
    canary.close();
  });

  const names: Record<string, LookupAddress[]> = {};
  const lookup: NameLookup = (name, callback) => {
    const found = names[name];
    if (found) callback(null, found);
    else callback(Object.assign(new Error("none"), { code: "ENOTFOUND" }), []);
  };
  const post = (url: string, options: Partial<OutboundOptions> = {}) =>
    outboundClient({ ...strict, lookup, ...options }).post({
      url,
      headers: { "content-type": "text/plain" },
      body: Buffer.from("body"),
    });
  const failureOf = (sent: Promise<unknown>): Promise<string> =>
    sent.then(
      () => "answered",
      (error: unknown) => (error instanceof OutboundError ? error.failure : String(error)),
    );

  const literals =
    `127.0.0.1 2130706433 0x7f000001 0x7f.1 017700000001 127.1 127.0.1 0 [::1] [::ffff:127.0.0.1] [::ffff:7f00:1]
    [0:0:0:0:0:0:0:1] 127.0.0.1. [::7f00:1] %31%32%37.0.0.1 １２７.0.0.1`.split(/\s+/);
  for (const host of literals)
    it(`does not reach ${host}`, async () => {
      expect(await failureOf(post(`http://${host}:${port}/`))).to.equal("address_refused");
      expect(hits).to.equal(0);
    });

  const inside: Record<string, string[]> = {
    loopback: ["127.0.0.1"],
    "all of loopback": ["127.9.9.9"],
    private: ["10.0.0.1"],
    "private, in the middle": ["172.20.0.1"],
    "at home": ["192.168.0.1"],
    mapped: ["::ffff:127.0.0.1"],
    compatible: ["::127.0.0.1"],
    nat64: ["64:ff9b::7f00:1"],
    "6to4": ["2002:7f00:1::1"],
    teredo: ["2001:0:7f00:1::1"],
    "unique local": ["fd00::1"],
    "link-local": ["fe80::1"],
    "site-local": ["fec0::1"],
    "of a provider": ["100.64.0.1"],
    metadata: ["169.254.169.254"],
    "metadata in IPv6": ["fd00:ec2::254"],
    benchmark: ["198.18.0.1"],
    documentation: ["192.0.2.1"],
    multicast: ["224.0.0.1"],
    unspecified: ["0.0.0.0"],
    "public and private": ["2fff::1", "127.0.0.1"],
    "private and public": ["127.0.0.1", "2fff::1"],
  };
  for (const [what, addresses] of Object.entries(inside))
    it(`does not reach a name that is ${what}`, async () => {
      names["inside.example"] = addressesOf(...addresses);
      expect(await failureOf(post(`http://inside.example:${port}/`))).to.equal("address_refused");
      expect(hits).to.equal(0);
    });

  it("asks for the addresses of a name once, so that a second answer changes nothing", async () => {
    let asked = 0;
    const rebinding: NameLookup = (_, callback) =>
      callback(null, addressesOf(++asked === 1 ? "127.0.0.1" : "169.254.169.254"));
    const client = outboundClient({ ...open, lookup: rebinding });
    const request = { url: `http://rebinding.example:${port}/`, headers: {}, body: Buffer.alloc(0) };
    expect((await client.post(request)).status).to.equal(200);
    expect(asked).to.equal(1);
    expect(await failureOf(client.post(request))).to.equal("address_refused");
    expect([asked, hits]).to.deep.equal([2, 1]);
  });

  it("goes to loopback where that is allowed, and the answer is what the server said", async () => {
    names["hooks.example"] = addressesOf("127.0.0.1");
    answer = (request, response) => {
      expect([request.method, request.url, request.headers.host]).to.deep.equal([
        "POST",
        "/in?a=1",
        `hooks.example:${port}`,
      ]);
      response.writeHead(429, { "Retry-After": "7" }).end("later");
    };
    const { status, headers, body } = await post(`http://hooks.example:${port}/in?a=1#part`, open);
    expect([status, headers["retry-after"], String(body)]).to.deep.equal([429, "7", "later"]);
  });

  for (const [what, url] of Object.entries({
    "another scheme": "ftp://a.example/",
    "plain http in production": "http://a.example/",
    "a name before the host": "https://me@a.example/",
    "a password before the host": "https://me:secret@a.example/",
    "the port of SSH": "https://a.example:22/",
    "the port of SMTP": "https://a.example:25/",
    "the port of http over https": "https://a.example:80/",
    "no URL at all": "a.example",
    "a loopback literal": "https://2130706433/",
  }))
    it(`refuses ${what}`, () => {
      expect(readOutboundUrl(url, { isPrivateAllowed: false, isHttpAllowed: false })).to.be.a("string");
    });

  for (const url of [
    "https://a.example/",
    "https://a.example:443/x",
    "https://a.example:8443/x?y=1",
    "https://8.8.8.8/",
  ])
    it(`takes ${url}`, () => {
      expect(readOutboundUrl(url, { isPrivateAllowed: false, isHttpAllowed: false })).to.be.an.instanceOf(URL);
    });

  it("follows no redirect", async () => {
    answer = (_, response) => response.writeHead(302, { Location: `http://127.0.0.1:${port}/elsewhere` }).end();
    expect((await post(`http://127.0.0.1:${port}/`, open)).status).to.equal(302);
    expect(hits).to.equal(1);
  });

  it("uses no proxy of the environment", async () => {
    const before = { ...process.env };
    for (const name of ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY"])
      process.env[name] = "http://127.0.0.1:9";
    process.env["NODE_USE_ENV_PROXY"] = "1";
    try {
      expect((await post(`http://127.0.0.1:${port}/`, open)).status).to.equal(200);
    } finally {
      process.env = before;
    }
  });

  it("ends after its time, whether nothing comes or the head takes for ever", async () => {
    answer = () => undefined;
    expect(await failureOf(post(`http://127.0.0.1:${port}/`, { ...open, timeoutMs: 50 }))).to.equal("timeout");
    const dripping = createSocketServer((socket) => {
      const timer = setInterval(() => socket.write("X"), 10);
      socket.on("error", () => undefined).on("close", () => clearInterval(timer));
    });
    await new Promise<void>((resolve) => dripping.listen(0, "127.0.0.1", resolve));
    const at = (dripping.address() as AddressInfo).port;
    expect(await failureOf(post(`http://127.0.0.1:${at}/`, { ...open, timeoutMs: 100 }))).to.be.oneOf([
      "timeout",
      "connection",
    ]);
    dripping.close();
  });

  it("reads 64 KiB of an answer that goes on for ever, and the status of one that never ends", async () => {
    answer = (_, response) => {
      const flood = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(16_384)));
      };
      response.on("drain", flood);
      flood();
    };
    const { status, body } = await post(`http://127.0.0.1:${port}/`, open);
    expect([status, body.length]).to.deep.equal([200, 65_536]);
    answer = (_, response) => response.write("begun");
    const begun = await post(`http://127.0.0.1:${port}/`, { ...open, timeoutMs: 100 });
    expect([begun.status, String(begun.body)]).to.deep.equal([200, "begun"]);
  });

  it("trusts a server only with a certificate that is trusted, for its own name", async () => {
    const pair = selfSigned();
    const secure = createTlsServer(pair, (_, response) => response.end("secret"));
    await new Promise<void>((resolve) => secure.listen(0, "127.0.0.1", resolve));
    const at = (secure.address() as AddressInfo).port;
    names["localhost"] = names["other.example"] = addressesOf("127.0.0.1");
    const url = `https://localhost:${at}/`;
    expect(await failureOf(post(url, open))).to.equal("tls");
    const before = process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
    process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = "0";
    expect(await failureOf(post(url, open))).to.equal("tls");
    if (before === undefined) delete process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
    expect(await failureOf(post(`https://other.example:${at}/`, { ...open, ca: pair.cert }))).to.equal("tls");
    expect(String((await post(url, { ...open, ca: pair.cert })).body)).to.equal("secret");
    secure.closeAllConnections();
    await new Promise((resolve) => secure.close(resolve));
  });

  it("fails by class: no such name, nobody there, what breaks off, no TLS, stopped", async () => {
    expect(await failureOf(post("https://nowhere.example/", open))).to.equal("name_not_found");
    expect(await failureOf(post("http://127.0.0.1:9/", open))).to.equal("address_refused");
    const free = createServer();
    await new Promise<void>((resolve) => free.listen(0, "127.0.0.1", resolve));
    const freePort = (free.address() as AddressInfo).port;
    await new Promise((resolve) => free.close(resolve));
    expect(await failureOf(post(`http://127.0.0.1:${freePort}/`, open))).to.equal("connection");
    answer = (request) => request.socket.destroy();
    expect(await failureOf(post(`http://127.0.0.1:${port}/`, open))).to.equal("connection");
    expect(await failureOf(post(`https://127.0.0.1:${port}/`, open))).to.equal("tls");
    answer = () => stop.abort();
    const stop = new AbortController();
    const stopped = outboundClient(open).post({
      url: `http://127.0.0.1:${port}/`,
      headers: {},
      body: Buffer.alloc(0),
      signal: stop.signal,
    });
    expect(await failureOf(stopped)).to.equal("stopped");
    expect(
      await failureOf(
        outboundClient(open).post({
          url: `http://127.0.0.1:${port}/`,
          headers: {},
          body: Buffer.alloc(0),
          signal: stop.signal,
        }),
      ),
    ).to.equal("stopped");
  });
});
