// The address that is counted when a login fails: that of the client as a trusted proxy reports it, else that of the
// connection. A header of the client itself has no effect.
import { expect } from "chai";
import { testServer, type TestServer } from "../../support/server.js";
import { exchange } from "../../../runner/client/exchange.js";

describe("the address of a caller", function () {
  this.timeout(30_000);
  let server: TestServer | undefined;
  afterEach(async () => {
    await server?.close();
    server = undefined;
  });

  /** A login that fails, with this value of X-Forwarded-For. */
  async function login(forwardedFor: string): Promise<number> {
    const answer = await exchange(server!.url, {
      verb: "POST",
      path: "/v1/auth/login",
      headers: [
        ["Content-Type", "application/json"],
        ["X-Forwarded-For", forwardedFor],
      ],
      body: '{"email":"nobody@example.org","password":"a guess"}',
    });
    return answer.status;
  }

  async function failFrom(addresses: (at: number) => string): Promise<void> {
    const statuses = await Promise.all(Array.from({ length: 20 }, (_, at) => login(addresses(at))));
    expect(new Set(statuses)).to.deep.equal(new Set([401]));
  }

  it("is the address of the connection where no proxy is trusted", async () => {
    server = await testServer();
    await failFrom((at) => `10.0.0.${at}`);
    expect(await login("10.0.1.1")).to.equal(429);
  });

  it("is the entry of the trusted proxy, not the entries that the client sent", async () => {
    server = await testServer({ TRUST_PROXY: "1" });
    await failFrom((at) => `10.0.0.${at}, 192.0.2.7`);
    expect(await login("10.0.1.1, 192.0.2.7")).to.equal(429);
    expect(await login("192.0.2.7, 192.0.2.8")).to.equal(401);
  });

  it("is found behind several trusted proxies", async () => {
    server = await testServer({ TRUST_PROXY: "2" });
    await failFrom((at) => `10.0.0.${at}, 192.0.2.7, 198.51.100.${at}`);
    expect(await login("10.0.1.1, 192.0.2.7, 198.51.100.99")).to.equal(429);
    expect(await login("192.0.2.7, 192.0.2.8, 198.51.100.1")).to.equal(401);
  });
});
