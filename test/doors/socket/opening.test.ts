// Who may open a web socket, and with which request: everything else is refused with a Problem over HTTP.
import { expect } from "chai";
import { Client } from "pg";
import { newPerson, type Person } from "../../resilience/person.js";
import { testServer, type TestServer } from "../../support/server.js";
import { LiveClient, type Opening, Refusal } from "./live-client.js";
import { frameBytes, opening, RawSocket } from "./raw-socket.js";

describe("the opening of a web socket", () => {
  let server: TestServer;
  let database: Client;
  let person: Person;

  before(async () => {
    server = await testServer({
      SOCKET_LIMIT: "60",
      TRUST_PROXY: "1",
      PUBLIC_URL: "https://lyceum.example",
    });
    database = new Client({ connectionString: server.databaseUrl });
    await database.connect();
    person = await newPerson(() => server.url);
  });
  after(async () => {
    await database.end();
    await server.close();
  });

  /** Opens a socket and closes it; the welcome, or the answer that is none. */
  async function attempt(options: Opening): Promise<number | Refusal> {
    let client: LiveClient;
    try {
      client = await LiveClient.open(server.url, options);
    } catch (error) {
      if (error instanceof Refusal) return error;
      throw error;
    }
    const { user_id } = await client.until((frames) => frames[0]?.welcome);
    await client.close();
    return user_id;
  }
  async function refused(options: Opening): Promise<Refusal> {
    const outcome = await attempt(options);
    expect(outcome, JSON.stringify(options)).to.be.instanceOf(Refusal);
    return outcome as Refusal;
  }
  const newTicket = async (): Promise<string> => {
    const { status, body } = await person.call("POST", "/v1/realtime/ticket", {});
    expect(status).to.equal(200);
    return body["ticket"] as string;
  };
  async function keyWith(...scopes: string[]): Promise<string> {
    const { body } = await person.call("POST", "/v1/auth/api-keys", { name: "Key", scopes });
    return body["secret"] as string;
  }
  /** The cookie of a session of its own. */
  async function sessionCookie(): Promise<string> {
    const answer = await fetch(`${server.url}/v1/auth/login`, {
      method: "POST",
      headers: { "Content-Type": "application/json", Origin: "https://lyceum.example" },
      body: JSON.stringify({ email: person.email, password: person.password, cookie: true }),
    });
    return answer.headers
      .getSetCookie()
      .map((cookie) => cookie.split(";")[0])
      .join("; ");
  }

  it("takes an access token, an API key with SCOPE_REALTIME and a cookie with an origin of this server", async () => {
    expect(await attempt({ token: person.token })).to.equal(person.id);
    expect(await attempt({ headers: { "X-Api-Key": await keyWith("SCOPE_REALTIME") } })).to.equal(person.id);
    const Cookie = await sessionCookie();
    expect(Cookie).not.to.equal("");
    expect(await attempt({ headers: { Cookie, Origin: "https://lyceum.example" } })).to.equal(person.id);
    // No page sends a request for a socket without its origin.
    expect(await attempt({ headers: { Cookie } })).to.equal(person.id);
    for (const Origin of ["https://evil.example", "null", "https://lyceum.example.evil.example"]) {
      const { status, problem } = await refused({ headers: { Cookie, Origin } });
      expect([status, problem.reason]).to.deep.equal([403, "CROSS_SITE_REQUEST"]);
    }
  });

  it("refuses who does not say who they are, with the schemes that are taken", async () => {
    const { status, headers, problem } = await refused({});
    expect([status, problem.reason]).to.deep.equal([401, "UNAUTHENTICATED"]);
    expect(headers["www-authenticate"]).to.match(/Bearer/);
    expect(headers["content-type"]).to.match(/^application\/problem\+json/);
    expect((await refused({ token: "wrong" })).problem.reason).to.equal("INVALID_TOKEN");
    expect((await refused({ headers: { "X-Api-Key": "lyc_wrong" } })).status).to.equal(401);
    const key = await keyWith("SCOPE_MESSAGES_READ");
    const { problem: lacking } = await refused({ headers: { "X-Api-Key": key } });
    expect(lacking.status).to.equal(403);
  });

  it("knows the client behind a trusted proxy by the address that the proxy tells", async () => {
    const headers = { "X-Forwarded-For": "198.51.100.1, 203.0.113.7" };
    const client = await LiveClient.open(server.url, { token: person.token, headers });
    const { status } = await client.call("CreateApiKey", { name: "Behind a proxy", scopes: ["SCOPE_REALTIME"] });
    expect(status).to.equal(201);
    await client.close();
    const { rows } = await database.query("select action, address from audit_events order by id desc limit 1");
    expect(rows).to.deep.equal([{ action: "api_key.create", address: "203.0.113.7" }]);
  });

  it("takes a ticket once: of twenty at once one", async () => {
    const query = `?ticket=${await newTicket()}`;
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => attempt({ query })));
    expect(outcomes.filter((outcome) => outcome === person.id)).to.have.length(1);
    const refusals = outcomes.filter((outcome) => outcome instanceof Refusal);
    expect(new Set(refusals.map(({ problem }) => problem.reason))).to.deep.equal(new Set(["INVALID_TOKEN"]));
  });

  it("refuses a ticket that is too old, of an ended session or of nobody", async () => {
    const old = await newTicket();
    await database.query("update realtime_tickets set expires_at = now() - interval '1 second'");
    const other = await newPerson(() => server.url);
    const { body } = await other.call("POST", "/v1/realtime/ticket", {});
    expect((await other.call("POST", "/v1/auth/logout", {})).status).to.equal(204);
    for (const ticket of [old, String(body["ticket"]), "", "x", "%00", "%ff", "a".repeat(5_000)])
      expect((await refused({ query: `?ticket=${ticket}` })).problem.reason, ticket).to.equal("INVALID_TOKEN");
  });

  it("refuses a person who has too many, and closes one who sends too many frames", async () => {
    const bounded = await testServer({ RATE_FACTOR: "1" });
    try {
      const one = await newPerson(() => bounded.url);
      const open = await Promise.all(
        Array.from({ length: 50 }, () => LiveClient.open(bounded.url, { token: one.token })),
      );
      const { status, headers, problem } = (await LiveClient.open(bounded.url, { token: one.token }).catch(
        (error: Refusal) => error,
      )) as Refusal;
      expect([status, problem.reason]).to.deep.equal([429, "RATE_LIMITED"]);
      expect(Number(headers["retry-after"])).to.be.greaterThan(0);
      // Another person has room, and so has this one as soon as a socket is closed.
      const other = await newPerson(() => bounded.url);
      await (await LiveClient.open(bounded.url, { token: other.token })).close();
      await open[0]!.close();
      await (await LiveClient.open(bounded.url, { token: one.token })).close();
      for (const client of open) client.webSocket.terminate();
      // Frames are counted too, pings among them, of all sockets of a person together.
      const many = await RawSocket.open(bounded.port, other.token);
      many.write(Buffer.concat(Array.from({ length: 9_000 }, () => frameBytes({ opcode: 9 }))));
      expect((await many.untilClosed()).code).to.equal(1008);
      many.destroy();
    } finally {
      await bounded.close();
    }
  });

  it("refuses everybody when the process has too many", async () => {
    const open = await Promise.all(
      Array.from({ length: 60 }, () => LiveClient.open(server.url, { token: person.token })),
    );
    const { status, headers, problem } = await refused({ token: person.token });
    expect([status, problem.reason]).to.deep.equal([503, "OVERLOADED"]);
    expect(Number(headers["retry-after"])).to.be.greaterThan(0);
    await Promise.all(open.map((client) => client.close()));
    expect(await attempt({ token: person.token })).to.equal(person.id);
  });

  it("chooses the first serialization that it has, and no compression", async () => {
    const protocols = ["graphql-ws", "lyceum.v1.protojson", "lyceum.v1.json"];
    const client = await LiveClient.open(server.url, {
      token: person.token,
      protocols,
      headers: { "Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits" },
    });
    expect(client.webSocket.protocol).to.equal("lyceum.v1.protojson");
    expect(client.webSocket.extensions).to.equal("");
    await client.close();
  });

  const wrong: readonly {
    readonly what: string;
    readonly headers?: Readonly<Record<string, string | undefined>>;
    readonly request?: Parameters<typeof opening>[1];
    readonly status: number;
    readonly reason: string;
  }[] = [
    { what: "another path", request: { target: "/v1/auth/me" }, status: 404, reason: "ROUTE_NOT_FOUND" },
    { what: "a path with dots", request: { target: "/v1/./realtime" }, status: 404, reason: "ROUTE_NOT_FOUND" },
    { what: "two slashes", request: { target: "//" }, status: 404, reason: "ROUTE_NOT_FOUND" },
    { what: "a host in the path", request: { target: "//x/v1/realtime" }, status: 404, reason: "ROUTE_NOT_FOUND" },
    {
      what: "an address with a wrong host",
      request: { target: "http://[/v1/realtime" },
      status: 400,
      reason: "MALFORMED_REQUEST",
    },
    { what: "another query", request: { target: "/v1/realtime?token=x" }, status: 400, reason: "MALFORMED_REQUEST" },
    {
      what: "two tickets",
      request: { target: "/v1/realtime?ticket=a&ticket=b" },
      status: 400,
      reason: "MALFORMED_REQUEST",
    },
    { what: "POST", request: { verb: "POST" }, status: 405, reason: "METHOD_NOT_ALLOWED" },
    { what: "HTTP/1.0", request: { version: "1.0" }, status: 426, reason: "UPGRADE_REQUIRED" },
    { what: "version 12", headers: { "Sec-WebSocket-Version": "12" }, status: 426, reason: "UPGRADE_REQUIRED" },
    { what: "no version", headers: { "Sec-WebSocket-Version": undefined }, status: 426, reason: "UPGRADE_REQUIRED" },
    { what: "no key", headers: { "Sec-WebSocket-Key": undefined }, status: 400, reason: "MALFORMED_REQUEST" },
    { what: "a short key", headers: { "Sec-WebSocket-Key": "AAAA" }, status: 400, reason: "MALFORMED_REQUEST" },
    {
      what: "no subprotocol",
      headers: { "Sec-WebSocket-Protocol": undefined },
      status: 400,
      reason: "MALFORMED_REQUEST",
    },
    {
      what: "an empty subprotocol",
      headers: { "Sec-WebSocket-Protocol": "" },
      status: 400,
      reason: "MALFORMED_REQUEST",
    },
    {
      what: "an unknown subprotocol",
      headers: { "Sec-WebSocket-Protocol": "mqtt" },
      status: 400,
      reason: "MALFORMED_REQUEST",
    },
    {
      what: "a list that ends in a comma",
      headers: { "Sec-WebSocket-Protocol": "lyceum.v1.json," },
      status: 400,
      reason: "MALFORMED_REQUEST",
    },
    {
      what: "a subprotocol twice",
      headers: { "Sec-WebSocket-Protocol": "lyceum.v1.json, lyceum.v1.json" },
      status: 400,
      reason: "MALFORMED_REQUEST",
    },
    { what: "a body with a length", headers: { "Content-Length": "5" }, status: 400, reason: "MALFORMED_REQUEST" },
    { what: "a body in chunks", headers: { "Transfer-Encoding": "chunked" }, status: 400, reason: "MALFORMED_REQUEST" },
    {
      what: "a length and chunks",
      headers: { "Content-Length": "5", "Transfer-Encoding": "chunked" },
      status: 400,
      reason: "MALFORMED_REQUEST",
    },
    {
      what: "two lengths",
      headers: { "Content-Length": "0", "content-length": "5" },
      status: 400,
      reason: "MALFORMED_REQUEST",
    },
    { what: "no host", headers: { Host: undefined }, status: 400, reason: "MALFORMED_REQUEST" },
    { what: "a wrong host", headers: { Host: "a b" }, status: 400, reason: "MALFORMED_REQUEST" },
    { what: "two hosts", headers: { host: "other" }, status: 400, reason: "MALFORMED_REQUEST" },
    {
      what: "no wish for another protocol",
      headers: { Upgrade: undefined, Connection: undefined },
      status: 426,
      reason: "UPGRADE_REQUIRED",
    },
    { what: "a list of protocols", headers: { Upgrade: "websocket, h2c" }, status: 426, reason: "UPGRADE_REQUIRED" },
  ];

  for (const { what, headers = {}, request, status, reason } of wrong) {
    it(`refuses ${what} with ${status}`, async () => {
      const socket = await RawSocket.connect(server.port);
      socket.write(opening({ Authorization: `Bearer ${person.token}`, ...headers }, request));
      const answer = await socket.answer();
      socket.destroy();
      expect(answer.status, answer.body).to.equal(status);
      const problem = JSON.parse(answer.body) as { reason: string; status: number; request_id: string };
      expect([problem.reason, problem.status]).to.deep.equal([reason, status]);
      expect(problem.request_id).to.have.length(36);
      if (status === 426) expect(answer.headers).to.include({ upgrade: "websocket" });
      if (status === 405) expect(answer.headers).to.include({ allow: "GET" });
    });
  }

  it("takes nothing behind a refused request for a request", async () => {
    const socket = await RawSocket.connect(server.port);
    const head = opening({ Authorization: `Bearer ${person.token}`, "Content-Length": "3" });
    socket.write(`${head}abcGET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    expect((await socket.answer()).status).to.equal(400);
    await socket.untilEnded();
    expect(socket.rest.toString()).to.equal("");
    socket.destroy();
  });

  it("answers HEAD, OPTIONS and the question of a browser for another origin without a socket", async () => {
    for (const [method, headers] of [
      ["HEAD", {}],
      ["OPTIONS", {}],
      ["OPTIONS", { Origin: "https://evil.example", "Access-Control-Request-Method": "GET" }],
    ] as const) {
      const answer = await fetch(`${server.url}/v1/realtime`, { method, headers });
      expect(answer.status, method).to.equal(426);
      expect(await answer.text()).to.have.length.greaterThan(method === "HEAD" ? -1 : 10);
      expect(answer.headers.get("access-control-allow-credentials")).to.equal(null);
    }
  });
});
