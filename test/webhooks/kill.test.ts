// A server that is killed while it sends: what it has not delivered is sent by the next, with the same id.
import { randomBytes } from "node:crypto";
import { expect } from "chai";
import { Webhook } from "standardwebhooks";
import { testDatabase, temporaryFolder, type TestDatabase } from "../support/database.js";
import { end, serve, type Server } from "../support/program.js";
import { appoint } from "../support/server.js";
import { type Receiver, startReceiver } from "./receiver.js";
import { until } from "./sending-school.js";

describe("a server that is killed while it sends a webhook", function () {
  this.timeout(60_000);
  let database: TestDatabase;
  let receiver: Receiver;
  const servers: Server[] = [];
  before(async () => {
    [database, receiver] = [await testDatabase(), await startReceiver()];
  });
  after(async () => {
    await end(...servers);
    await receiver.close();
    await database.drop();
  });

  it("loses nothing: another one sends it, with the same id and a good signature", async () => {
    const env = {
      DATABASE_URL: database.url,
      DATA_DIR: await temporaryFolder(),
      SECRET_KEY: randomBytes(32).toString("hex"),
      WEBHOOK_ALLOW_PRIVATE: "true",
    };
    const start = async (): Promise<Server> => {
      const server = await serve({ env });
      servers.push(server);
      return server;
    };
    const first = await start();
    const headers: Record<string, string> = { "Content-Type": "application/json" };
    const call = async (method: string, path: string, body?: object): Promise<Record<string, unknown>> => {
      const answer = await fetch(first.url + path, { method, headers, ...(body && { body: JSON.stringify(body) }) });
      expect(answer.status).to.be.below(300);
      return (await answer.json()) as Record<string, unknown>;
    };
    const tokens = await call("POST", "/v1/auth/login", await appoint(database.url, "ROLE_SUPER_ADMIN"));
    headers["Authorization"] = `Bearer ${String(tokens["access_token"])}`;
    receiver.answer("/", () => undefined);
    const { id, secret } = await call("POST", "/v1/webhooks", { url: receiver.at("/"), kinds: ["banner.*"] });
    for (const text of ["one", "two", "three"]) await call("POST", "/v1/banners", { text });
    await until(() => receiver.of("/").length === 2, "two requests, which are not answered");
    const deliveries = `/v1/webhooks/${String(id)}/deliveries`;
    await until(
      async () => ((await call("GET", deliveries))["deliveries"] as unknown[]).length === 3,
      "three deliveries",
    );
    first.child.kill("SIGKILL");
    await first.ended;
    receiver.answer("/", (response) => response.writeHead(200).end());
    await start();
    await until(() => receiver.of("/").length >= 5, "all of them");
    const ids = receiver.of("/").map((each) => String(each.headers["webhook-id"]));
    expect(new Set(ids).size).to.equal(3);
    expect(ids.slice(2)).to.include.members(ids.slice(0, 2));
    const last = receiver.of("/").at(-1)!;
    expect(new Webhook(String(secret)).verify(last.body, last.headers as Record<string, string>)).to.deep.equal(
      last.json,
    );
    const subjects = receiver
      .of("/")
      .slice(2)
      .map(({ json }) => json.data!["kind"]);
    expect(subjects).to.deep.equal(["banner.changed", "banner.changed", "banner.changed"]);
  });
});
