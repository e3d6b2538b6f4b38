// Guesses at the password of one account from many addresses, which a trusted proxy names.
import { expect } from "chai";
import { testServer, type TestServer } from "../support/server.js";

const password = "correct horse battery";

describe("guesses at a password", function () {
  this.timeout(60_000);
  let server: TestServer;
  before(async () => {
    server = await testServer({ TRUST_PROXY: "1" });
  });
  after(() => server.close());

  async function post(path: string, address: string, body: object): Promise<Response> {
    return fetch(server.url + path, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-Forwarded-For": address },
      body: JSON.stringify(body),
    });
  }
  const login = async (email: string, address: string, more: object = {}): Promise<number> =>
    (await post("/v1/auth/login", address, { email, password, ...more })).status;
  const guess = (email: string, address: string): Promise<number> => login(email, address, { password: "a guess" });

  async function register(name: string): Promise<string> {
    const email = `${name}@example.org`;
    const answer = await post("/v1/auth/register", "192.0.2.1", { email, password, first_name: name, last_name: "A" });
    expect(answer.status).to.equal(201);
    return email;
  }

  it("from many addresses make new addresses wait, and neither a device of the account nor an address that it has used", async () => {
    const email = await register("owner");
    const first = await post("/v1/auth/login", "198.51.100.1", { email, password });
    const { device_token } = (await first.json()) as { device_token: string };
    const addresses = Array.from({ length: 5 }, (_, at) => `203.0.113.${at + 1}`);
    for (const address of addresses)
      for (let turn = 0; turn < 20; turn++) expect(await guess(email, address)).to.equal(401);
    expect(await login(email, "203.0.113.77"), "a new address").to.equal(429);
    expect(await login(email, "203.0.113.78", { device_token }), "a device of the account").to.equal(200);
    expect(await login(email, "203.0.113.79"), "another new address").to.equal(429);
    expect(await login(email, "198.51.100.1"), "an address that it has used").to.equal(200);
    const other = await register("other");
    expect(await login(other, "203.0.113.1"), "another account at an address of the guesses").to.equal(200);
  });

  it("make an address wait twice as long after each one beyond the limit, and the owner's device never", async () => {
    const email = await register("waiting");
    const first = await post("/v1/auth/login", "198.51.100.2", { email, password });
    const { device_token } = (await first.json()) as { device_token: string };
    const address = "198.51.100.3";
    for (let turn = 0; turn < 20; turn++) expect(await guess(email, address)).to.equal(401);
    const waits: number[] = [];
    while (waits.length < 2) {
      const answer = await post("/v1/auth/login", address, { email, password: "a guess" });
      const seconds = Number(answer.headers.get("Retry-After"));
      if (answer.status === 401) continue;
      expect(answer.status).to.equal(429);
      // What is refused now counts for nothing.
      if (waits.length === 0 || seconds > waits[0]!) waits.push(seconds);
      else await new Promise((resolve) => setTimeout(resolve, 200));
    }
    expect(waits[0]).to.be.within(9, 10);
    expect(waits[1]).to.be.within(19, 20);
    expect(await login(email, address), "a right password there").to.equal(429);
    expect(await login(email, address, { device_token }), "a device of the account there").to.equal(200);
    expect(await guess(email, address), "after the owner was there").to.equal(401);
  });

  it("from one address make that address wait, whatever its spelling, and no other", async () => {
    for (const [one, same, other] of [
      ["2001:db8:0:7::1", "2001:0db8::7:ffff:1:2:3", "2001:db8:0:8::1"],
      ["::ffff:10.0.0.9", "10.0.0.9", "::ffff:10.0.0.8"],
    ] as const) {
      const email = await register(`at.${one.replaceAll(":", "-")}`);
      for (let turn = 0; turn < 20; turn++) expect(await guess(email, one)).to.equal(401);
      expect(await login(email, same)).to.equal(429);
      expect(await login(email, other)).to.equal(200);
    }
  });
});
