// Sessions in cookies over HTTP: what the cases cannot say, because it takes time, another configuration or a look at the database.
import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import pg from "pg";
import { createAccessTokens } from "../../src/accounts/sessions/access-tokens.js";
import { createRefreshTokens } from "../../src/accounts/sessions/refresh-tokens.js";
import { derivedSigningKey, fixedSigningKeys } from "../../src/accounts/signing-keys/signing-keys.js";
import type { Tokens } from "../../src/gen/lyceum/v1/auth.js";
import type { Role } from "../../src/gen/lyceum/v1/user.js";
import { appoint, testServer, type TestServer } from "../support/server.js";

const secretKey = randomBytes(32).toString("hex");
const keys = fixedSigningKeys([await derivedSigningKey(secretKey)]);
const refreshTokens = createRefreshTokens(keys);
const json = { "Content-Type": "application/json" };
const pages = "https://pages.school.example";
const settings = { SECRET_KEY: secretKey, ACCESS_TOKEN_MINUTES: "1", CORS_ORIGINS: pages };

/** A session, as its cookie has it. */
interface Held {
  readonly id: string;
  readonly refresh: string;
  /** A cookie with an access token that was issued so many seconds ago. */
  cookie(secondsAgo: number): Promise<string>;
}

describe("a session in a cookie", () => {
  let server: TestServer;
  let database: pg.Client;

  before(async () => {
    server = await testServer(settings);
    database = new pg.Client(server.databaseUrl);
    await database.connect();
  });
  after(async () => {
    await database.end();
    await server.close();
  });

  const post = (path: string, body: object, headers: Record<string, string> = {}) =>
    fetch(server.url + path, { method: "POST", headers: { ...json, ...headers }, body: JSON.stringify(body) });
  const me = (cookie: string, headers: Record<string, string> = {}) =>
    fetch(`${server.url}/v1/auth/me`, { headers: { cookie, ...headers } });

  async function session(role: Role = "ROLE_STUDENT"): Promise<Held> {
    const account = await appoint(server.databaseUrl, role);
    const { refresh_token: refresh } = (await (await post("/v1/auth/login", account)).json()) as Required<Tokens>;
    const { sessionId: id } = (await refreshTokens.read(refresh))!;
    const { rows } = await database.query<{ user_id: string }>("select user_id from sessions where id = $1", [id]);
    const caller = { id: Number(rows[0]!.user_id), role, sessionId: id, means: "bearer" } as const;
    return {
      id,
      refresh,
      async cookie(secondsAgo) {
        const now = () => Date.now() - secondsAgo * 1000;
        const token = await createAccessTokens({ keys, minutes: 1, now }).issue(caller);
        return `lyceum_session=${token}~${refresh}`;
      },
    };
  }

  const stateOf = async (id: string) =>
    (
      await database.query<{ generation: string; is_over: boolean }>(
        "select generation::text, revoked_at is not null as is_over from sessions where id = $1",
        [id],
      )
    ).rows[0]!;
  const age = (id: string, seconds: number) =>
    database.query("update sessions set rotated_at = rotated_at - make_interval(secs => $2) where id = $1", [
      id,
      seconds,
    ]);

  it("is not renewed while its access token is valid", async () => {
    const held = await session();
    const answer = await me(await held.cookie(30));
    expect([answer.status, answer.headers.getSetCookie()]).to.deep.equal([200, []]);
    expect(await stateOf(held.id)).to.deep.equal({ generation: "1", is_over: false });
  });

  it("is renewed once by twenty requests at the same time whose access token has expired", async () => {
    const held = await session();
    const expired = await held.cookie(120);
    const answers = await Promise.all(Array.from({ length: 20 }, () => me(expired)));
    expect(answers.map(({ status }) => status)).to.deep.equal(Array(20).fill(200));
    expect(await stateOf(held.id)).to.deep.equal({ generation: "2", is_over: false });
    const refreshed = answers.map(({ headers }) => /~([^;]+);/.exec(headers.getSetCookie()[0]!)![1]);
    expect(new Set(refreshed)).to.deep.equal(new Set([refreshTokens.write({ sessionId: held.id, generation: 2 })]));
  });

  it("survives an answer that was lost, for thirty seconds, and no longer", async () => {
    const held = await session();
    const expired = await held.cookie(120);
    await me(expired);
    await age(held.id, 25);
    expect((await me(expired)).status).to.equal(200);
    await age(held.id, 31);
    const late = await me(expired);
    expect([late.status, late.headers.getSetCookie()]).to.deep.equal([
      401,
      ["lyceum_session=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax"],
    ]);
    expect(await stateOf(held.id)).to.have.property("is_over", true);
  });

  it("keeps its cookie while the database cannot say whether it goes on", async () => {
    const held = await session();
    const expired = await held.cookie(120);
    await database.query("begin");
    try {
      // The row is locked, so that the exchange takes longer than a statement may.
      await database.query("select from sessions where id = $1 for update", [held.id]);
      const answer = await me(expired);
      expect([answer.status, answer.headers.getSetCookie()]).to.deep.equal([503, []]);
    } finally {
      await database.query("rollback");
    }
    expect((await me(expired)).status).to.equal(200);
  });

  it("opens a stream, which ends with its access token and exchanges none: no cookie could be set any more", async () => {
    const held = await session("ROLE_SUPER_ADMIN");
    // The last of its 60 seconds and of the 5 that clocks may differ.
    const cookie = await held.cookie(62);
    const answer = await fetch(`${server.url}/health/db/watch`, { headers: { cookie } });
    expect(answer.status).to.equal(200);
    const text = await answer.text();
    expect(text)
      .to.match(/^data: .*"is_available":true/)
      .and.match(/event: problem\ndata: .*"reason":"INVALID_TOKEN"/);
    expect(await stateOf(held.id)).to.deep.equal({ generation: "1", is_over: false });
    // The browser connects again, which renews the cookie.
    const again = await fetch(`${server.url}/health/db/watch`, { headers: { cookie } });
    expect([again.status, again.headers.getSetCookie().length]).to.deep.equal([200, 1]);
    await again.body!.cancel();
  });

  it("serves pages of the named origins, and lets them read the answers, with credentials", async () => {
    const held = await session();
    const cookie = await held.cookie(0);
    const read = await me(cookie, { origin: pages, "sec-fetch-site": "same-site" });
    expect(read.headers.get("access-control-allow-origin")).to.equal(pages);
    expect(read.headers.get("access-control-allow-credentials")).to.equal("true");
    expect(read.headers.get("vary")).to.include("Origin");
    const change = await post("/v1/chats", { title: "Tea" }, { cookie, origin: pages, "sec-fetch-site": "same-site" });
    expect(change.status).to.equal(201);
    for (const origin of ["null", `${pages}.evil.example`, "https://school.example"]) {
      const { headers } = await me(cookie, { origin });
      expect(headers.get("access-control-allow-origin")).to.equal(null);
      expect(headers.get("access-control-allow-credentials")).to.equal(null);
    }
  });

  it("is not asked for by a public method, and a nonsense of a header is no failure of the server", async () => {
    expect((await fetch(`${server.url}/health`, { headers: { cookie: "lyceum_session=x" } })).status).to.equal(200);
    for (const cookie of [
      ";;;",
      "=",
      "lyceum_session",
      `a=${"b".repeat(7000)}`,
      "lyceum_session=%",
      `lyceum_session=${"~".repeat(4000)}`,
    ]) {
      expect((await me(cookie)).status, cookie.slice(0, 20)).to.equal(401);
    }
  });
});

describe("the log of the start", () => {
  it("says once that cookies are not Secure, where PUBLIC_URL is not https", async () => {
    const folder = await mkdtemp(join(tmpdir(), "lyceum-"));
    try {
      for (const [publicUrl, times] of [
        ["http://school.local", 1],
        ["https://lyceum.school.example", 0],
      ] as const) {
        const file = join(folder, `${times}.log`);
        const options = { PUBLIC_URL: publicUrl, LOG_LEVEL: "info", LOG_FORMAT: "json", LOG_FILE: file };
        const server = await testServer({ ...settings, ...options });
        await fetch(`${server.url}/v1/auth/me`, { headers: { cookie: "lyceum_session=x" } });
        await server.close();
        const lines = (await readFile(file, "utf8")).split("\n").filter((line) => line.includes("__Host-"));
        expect(lines, publicUrl).to.have.length(times);
      }
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe("the cookie of a session behind https", () => {
  let server: TestServer;
  before(async () => (server = await testServer({ ...settings, PUBLIC_URL: "https://lyceum.school.example" })));
  after(() => server.close());

  it("is Secure, for this host alone, and no script reads it; without the prefix it is none", async () => {
    const account = await appoint(server.databaseUrl, "ROLE_STUDENT");
    const origin = "https://lyceum.school.example";
    const body = JSON.stringify({ ...account, cookie: true });
    const login = (headers: object) =>
      fetch(`${server.url}/v1/auth/login`, { method: "POST", headers: { ...json, ...headers }, body });
    const answer = await login({ origin });
    const [set, ...others] = answer.headers.getSetCookie();
    expect(others).to.deep.equal([]);
    expect(set).to.match(
      /^__Host-lyceum_session=[\w.-]+~[\w-]{72}; Max-Age=2592000; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
    );
    expect(Object.keys((await answer.json()) as object)).to.deep.equal(["expires_in", "device_token"]);
    const pair = set!.split(";")[0]!;
    const me = async (cookie: string) => (await fetch(`${server.url}/v1/auth/me`, { headers: { cookie } })).status;
    expect(await me(pair)).to.equal(200);
    // A page of another host of the domain, or one over http, can set a cookie of this name, and none with the prefix.
    expect(await me(pair.replace("__Host-", ""))).to.equal(401);
    expect((await login({ origin: "http://lyceum.school.example" })).status).to.equal(403);
  });
});
