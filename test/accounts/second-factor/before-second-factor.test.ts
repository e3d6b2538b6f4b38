import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { loadContract } from "../../../src/contract/model/load.js";
import type { Method } from "../../../src/contract/model/method.js";
import { appoint, testServer, type TestServer } from "../../support/server.js";

const { methods } = loadContract(fileURLToPath(new URL("../../../proto", import.meta.url)));

describe("a caller who has to set up a second factor", function () {
  this.timeout(60_000);
  let server: TestServer;
  let token: string;

  before(async () => {
    server = await testServer({ REQUIRE_MFA_ROLES: "super_admin, teacher" });
    const account = await appoint(server.databaseUrl, "ROLE_SUPER_ADMIN");
    const body = JSON.stringify(account);
    const headers = { "content-type": "application/json" };
    const response = await fetch(`${server.url}/v1/auth/login`, { method: "POST", headers, body });
    token = ((await response.json()) as { access_token: string }).access_token;
  });
  after(() => server.close());

  /** The reason of an answer to a request with a body that cannot be read; undefined for a success. */
  async function reasonOf({ verb, path, hasBody, bodyField, consumes }: Method): Promise<string | undefined> {
    const takesBody = hasBody || bodyField !== undefined;
    const response = await fetch(`${server.url}${path.replaceAll(/\{\w+\}/g, "1")}`, {
      method: verb,
      headers: {
        authorization: `Bearer ${token}`,
        ...(takesBody && { "content-type": consumes[0] ?? "application/json" }),
      },
      ...(takesBody && { body: "{" }),
    });
    const text = await response.text();
    return response.ok ? undefined : (JSON.parse(text) as { reason: string }).reason;
  }

  const closed = methods.filter(({ beforeSecondFactor }) => !beforeSecondFactor);
  const open = methods.filter(({ beforeSecondFactor, access }) => beforeSecondFactor && access !== "ACCESS_PUBLIC");

  it("calls no method before its body is read, but those that are for it", async () => {
    const reasons = await Promise.all(closed.map(async (method) => [method.name, await reasonOf(method)]));
    expect(reasons).to.deep.equal(closed.map(({ name }) => [name, "MFA_REQUIRED"]));
    for (const method of open)
      expect(await reasonOf(method), method.name).to.be.oneOf([undefined, "MALFORMED_REQUEST"]);
  });

  it("sets it up, reads who they are, logs out, and does nothing else", () => {
    expect(open.map(({ name }) => name).sort()).to.deep.equal([
      "BeginPasskey",
      "BeginTotp",
      "ChangePassword",
      "ConfirmTotp",
      "GetMe",
      "GetTotp",
      "Logout",
      "RegisterPasskey",
    ]);
  });
});
