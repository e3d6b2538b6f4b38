// The stream of the database's state, with a database that becomes unavailable and available again, and with a logout.
import { expect } from "chai";
import { appoint, databaseGate, testServer, type Gate, type TestServer } from "../support/server.js";
import { testDatabase, type TestDatabase } from "../support/database.js";

interface State {
  readonly is_available: boolean;
  readonly since: string;
}

describe("watching the health of the database", function () {
  this.timeout(30_000);
  let database: TestDatabase;
  let gate: Gate;
  let server: TestServer;
  let admin: Awaited<ReturnType<typeof appoint>>;
  let headers: Record<string, string>;

  before(async () => {
    database = await testDatabase();
    gate = await databaseGate(database.url);
    server = await testServer({ DATABASE_URL: gate.url });
    admin = await appoint(database.url, "ROLE_SUPER_ADMIN");
    headers = await login();
  });
  after(async () => {
    await server.close();
    await gate.close();
    await database.drop();
  });

  /** The headers of a new session. */
  async function login(): Promise<Record<string, string>> {
    const response = await fetch(`${server.url}/v1/auth/login`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(admin),
    });
    const { access_token } = (await response.json()) as { access_token: string };
    return { authorization: `Bearer ${access_token}` };
  }

  /** Opens a stream. The function returns its next state; undefined at its end. */
  async function open(): Promise<() => Promise<State | undefined>> {
    const response = await fetch(`${server.url}/health/db/watch`, { headers });
    expect(response.headers.get("content-type")).to.equal("text/event-stream; charset=utf-8");
    const reader = response.body!.getReader();
    let text = "";
    return async () => {
      for (;;) {
        const [event, rest] = text.split(/\n\n(.*)/s);
        if (rest !== undefined) {
          text = rest;
          if (event!.startsWith("data: ")) return JSON.parse(event!.slice(6)) as State;
          continue;
        }
        const { value, done } = await reader.read();
        if (done) return undefined;
        text += Buffer.from(value).toString();
      }
    };
  }

  it("ends with a problem after its caller's logout, and the others go on", async () => {
    const session = await login();
    const response = await fetch(`${server.url}/health/db/watch`, { headers: session });
    const other = await open();
    expect((await other())!.is_available).to.equal(true);
    expect((await fetch(`${server.url}/v1/auth/logout`, { method: "POST", headers: session })).status).to.equal(204);
    expect(await response.text()).to.match(/\n\nevent: problem\ndata: \{.*"reason":"INVALID_TOKEN".*\}\n\n$/);
    gate.shut();
    expect((await other())!.is_available).to.equal(false);
    gate.open();
    expect((await other())!.is_available).to.equal(true);
  });

  it("sends the state at once and each change to every client, and ends when the server stops", async () => {
    const watchers = await Promise.all(Array.from({ length: 20 }, open));
    const next = () => Promise.all(watchers.map((watcher) => watcher()));
    const isAvailable = (states: readonly (State | undefined)[]) => new Set(states.map((state) => state?.is_available));
    const first = await next();
    expect(isAvailable(first)).to.deep.equal(new Set([true]));
    gate.shut();
    const away = await next();
    expect(isAvailable(away)).to.deep.equal(new Set([false]));
    expect(away[0]!.since > first[0]!.since).to.equal(true);
    gate.open();
    expect(isAvailable(await next())).to.deep.equal(new Set([true]));
    const ended = next();
    await server.close();
    expect(new Set(await ended)).to.deep.equal(new Set([undefined]));
  });
});
