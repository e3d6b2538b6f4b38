// Rates over real HTTP, on a server that takes few requests.
import { connect } from "node:net";
import { expect } from "chai";
import { codecNames, mediaTypes } from "../../runner/client/encoding.js";
import { loadContract } from "../../src/contract/model/load.js";
import type { Method } from "../../src/contract/model/method.js";
import { protoDirectory } from "../../src/config.js";
import { createMember, type HeaderList, type Member } from "../engine/http/member.js";
import { repeats, upTo } from "../support/numbers.js";
import { appoint, testServer, type TestServer } from "../support/server.js";

const contract = loadContract(protoDirectory);
const reads = 5;
const writes = 4;

describe("rates", function () {
  this.timeout(60_000);
  let server: TestServer;
  let member: Member;
  let count = 0;
  before(async () => {
    const settings = { RATE_FACTOR: "1", READ_RATE: String(reads), WRITE_RATE: String(writes) };
    server = await testServer({ ...settings, TRUST_PROXY: "1", CORS_ORIGINS: "https://school.example" });
    member = await createMember(server);
  });
  after(() => server.close());

  /** An address that nobody has used. */
  const newAddress = (): string => `10.${(count += 1) >> 8}.${count & 255}.1`;
  /** An access token of a new person. */
  async function newToken(): Promise<string> {
    const account = await appoint(server.databaseUrl, "ROLE_SUPER_ADMIN");
    const answer = await post("/v1/auth/login", newAddress(), JSON.stringify(account));
    return (JSON.parse(answer.body.toString("utf8")) as { access_token: string }).access_token;
  }
  const post = (path: string, address: string, body: string, headers: HeaderList = []) =>
    send("POST", path, [["Content-Type", "application/json"], ["X-Forwarded-For", address], ...headers], body);
  const send = (verb: string, path: string, headers: HeaderList, body?: string) =>
    member.sendBare({ verb, path, headers, ...(body === undefined ? {} : { body }) });

  const numberOf = ({ rate, verb, access }: Method): number => {
    if (rate.length > 0) return rate[0]!.requests;
    return (verb === "GET" ? reads : writes) * (access === "ACCESS_PUBLIC" ? 10 : 1);
  };
  /** A request that is refused later than by a rate, if not before it. */
  const requestOf = (method: Method, more: HeaderList) =>
    send(
      method.verb,
      method.path.replaceAll(/\{\w+\}/g, "999999999"),
      [["X-Forwarded-For", "10.255.0.1"], ...more],
      method.hasBody ? "{}" : undefined,
    );

  // Those with a rate of their own, and of the others as many however many there are.
  const every = repeats(Math.ceil(contract.methods.length / 40), 1);
  contract.methods.forEach((method, index) => {
    if (method.isStream || (method.rate.length === 0 && index % every !== 0)) return;
    const codec = codecNames[index % codecNames.length]!;
    it(`hold for ${method.name}, in ${codec}: beyond the number it is refused, and tells what is left before`, async () => {
      const isPublic = method.access === "ACCESS_PUBLIC";
      const most = numberOf(method);
      const who: HeaderList = [
        ["X-Forwarded-For", newAddress()],
        ...(isPublic ? [] : ([["Authorization", `Bearer ${await newToken()}`]] as const)),
      ];
      const accept = method.produces.length > 0 ? method.produces[0]! : mediaTypes[codec];
      const headers: HeaderList = [
        ...who,
        ["Accept", accept],
        ["Content-Type", method.consumes[0] ?? "application/json"],
      ];
      const path = method.path.replaceAll(/\{\w+\}/g, "999999999");
      let last = most;
      let refused: Awaited<ReturnType<typeof send>> | undefined;
      // Within the time that the requests take, a share may pass.
      for (let turn = 0; turn < 2 * most + 20 && !refused; turn++) {
        const body = method.verb === "GET" || method.verb === "DELETE" ? undefined : '{"unknown field":1}';
        const answer = await send(method.verb, path, headers, body);
        const left = Number(/r=(\d+)/.exec(answer.headers["ratelimit"] ?? "")?.[1]);
        if (answer.status === 429) refused = answer;
        // DeleteMe has ended the account.
        else if (answer.status === 401 && !isPublic) return;
        else expect(left, `${answer.status} after ${turn}`).to.be.within(last - 1, most);
        last = left;
      }
      expect(refused?.status).to.equal(429);
      const problem = await member.problem(refused!);
      expect(problem).to.include({ reason: "RATE_LIMITED", code: "RESOURCE_EXHAUSTED", status: 429 });
      const seconds = Number(refused!.headers["retry-after"]);
      expect(seconds).to.be.within(1, 60);
      expect(problem["retry_after_seconds"]).to.equal(seconds);
      expect(refused!.headers["ratelimit"]).to.match(new RegExp(`;r=0;t=${seconds}$`));
      expect(refused!.headers["ratelimit-policy"]).to.contain(`;q=${most};w=60`);
    });
  });

  it("count a person and not the address, where there is a login", async () => {
    const [one, other] = [await newToken(), await newToken()];
    const ask = async (token: string, address: string): Promise<number> =>
      (
        await send("GET", "/v1/auth/me", [
          ["X-Forwarded-For", address],
          ["Authorization", `Bearer ${token}`],
        ])
      ).status;
    const school = newAddress();
    for (const _ of upTo(reads)) expect(await ask(one, school)).to.equal(200);
    expect(await ask(one, school)).to.equal(429);
    expect(await ask(one, newAddress()), "the same person at another address").to.equal(429);
    expect(await ask(other, school), "another person at the address").to.equal(200);
  });

  it("do not count for a person what others send without a token or with a wrong one", async () => {
    const token = await newToken();
    for (const _ of upTo(3 * reads)) {
      const answer = await send("GET", "/v1/auth/me", [["Authorization", "Bearer wrong"]]);
      expect(answer.status).to.equal(401);
      expect(answer.headers["ratelimit-policy"]).to.equal(`"reads";q=${reads};w=60`);
      expect(answer.headers["ratelimit"]).to.equal(undefined);
    }
    expect((await send("GET", "/v1/auth/me", [["Authorization", `Bearer ${token}`]])).status).to.equal(200);
  });

  it("count an address whatever its spelling, and of IPv6 its network", async () => {
    const ask = async (address: string): Promise<number> =>
      (await post("/v1/auth/refresh", address, '{"refresh_token":"none"}')).status;
    for (const index of upTo(10 * writes)) expect(await ask(`2001:db8:0:1::${index}`)).to.equal(401);
    expect(await ask("2001:0db8::1:ffff:0:0:1")).to.equal(429);
    expect(await ask("2001:db8:0:2::1")).to.equal(200 + 201);
  });

  it("refuse before a byte of the body is read, and before anything else", async () => {
    const address = newAddress();
    const { requests } = contract.methods.find(({ name }) => name === "Register")!.rate[0]!;
    const flood = () => post("/v1/auth/register", address, "{}");
    for (let turn = 0; turn < 2 * requests && (await flood()).status !== 429; turn++);
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(server.port, "127.0.0.1");
      let heard = "";
      socket.on("error", reject).on("data", (bytes: Buffer) => {
        heard += bytes.toString("latin1");
        if (heard.includes("\r\n\r\n")) socket.destroy();
      });
      socket.on("close", () => resolve(heard));
      // The body never comes.
      socket.write(
        `POST /v1/auth/register HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: ${address}\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n`,
      );
    });
    expect(answer).to.match(/^HTTP\/1\.1 429 /);
    const others: HeaderList = [["Accept", "image/png"]];
    expect((await post("/v1/auth/register", address, "{}", others)).status).to.equal(429);
  });

  it("let a device of the account log in while others at its address are refused, and no other device", async () => {
    const address = newAddress();
    const { email, password } = await appoint(server.databaseUrl, "ROLE_STUDENT");
    const login = (device_token?: string) =>
      post("/v1/auth/login", address, JSON.stringify({ email, password, device_token }));
    const first = await login();
    const { device_token } = JSON.parse(first.body.toString("utf8")) as { device_token: string };
    const { requests } = contract.methods.find(({ name }) => name === "Login")!.rate[0]!;
    const flood = () => post("/v1/auth/login", address, "{}");
    const isOver = async (): Promise<boolean> => (await flood()).status === 429;
    for (let turn = 0; turn < 2 * requests && !(await isOver()); turn++);
    // Between two requests a share may pass.
    await Promise.all(upTo(40).map(flood));
    const [known, unknown, wrong] = await Promise.all([login(device_token), login(), login("none")]);
    expect([known!.status, unknown!.status, wrong!.status]).to.deep.equal([200, 429, 429]);
  });

  it("are told to pages of other origins, also by a refusal, and do not count a preflight", async () => {
    const address = newAddress();
    const headers: HeaderList = [
      ["Origin", "https://school.example"],
      ["X-Forwarded-For", address],
    ];
    for (const _ of upTo(20 * writes)) {
      const preflight: HeaderList = [...headers, ["Access-Control-Request-Method", "POST"]];
      expect((await send("OPTIONS", "/v1/auth/refresh", preflight)).status).to.equal(204);
    }
    for (const turn of [...upTo(10 * writes), Infinity]) {
      const answer = await post("/v1/auth/refresh", address, "{}", [headers[0]!]);
      expect(answer.status).to.equal(turn === Infinity ? 429 : 422);
      const exposed = answer.headers["access-control-expose-headers"]!.split(", ");
      expect(exposed).to.include.members(["RateLimit", "RateLimit-Policy", "Retry-After"]);
    }
  });

  it("count a request that is refused, as long as its caller is known", async () => {
    const token = await newToken();
    const lost = () =>
      requestOf(
        contract.methods.find(({ name }) => name === "GetChat")!,
        [["Authorization", `Bearer ${token}`]],
      );
    for (const _ of upTo(reads)) expect((await lost()).status).to.equal(404);
    expect((await lost()).status).to.equal(429);
  });
});
