// Idempotency-Key on two servers with one database: a request that is sent again, at once, with another message, by another caller,
// after a failure, and after a kill.
import { randomBytes, randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { expect } from "chai";
import { pino } from "pino";
import pg from "pg";
import { Mailbox } from "../../../runner/cases/mailbox.js";
import { openDatabase } from "../../../src/platform/database/database.js";
import { sweepIdempotencyKeys } from "../../../src/policy/idempotency/sweep.js";
import { appoint, testServer, type TestServer } from "../../support/server.js";
import { end, serve } from "../../support/program.js";

type Json = Record<string, unknown>;

interface Sent {
  readonly key?: string;
  readonly token?: string | undefined;
  readonly address?: string;
}

interface Reply {
  readonly status: number;
  readonly isReplayed: boolean;
  readonly headers: Headers;
  readonly body: Json;
}

const secretKey = randomBytes(32).toString("hex");

describe("Idempotency-Key", function () {
  this.timeout(120_000);
  let servers: TestServer[];
  let client: pg.Client;
  let token: string;

  before(async () => {
    const first = await testServer({ SECRET_KEY: secretKey, TRUST_PROXY: "1" });
    const other = { SECRET_KEY: secretKey, TRUST_PROXY: "1", DATABASE_URL: first.databaseUrl };
    servers = [first, await testServer(other)];
    client = new pg.Client({ connectionString: first.databaseUrl });
    await client.connect();
    // A chat with such a title waits while there is an obstacle, or fails; one that waits for its commit does so there.
    await client.query(`
      create table obstacle ();
      create function wait_or_fail() returns trigger language plpgsql as $$
      begin
        if new.title = 'broken' and exists (select from obstacle) then raise 'broken'; end if;
        while exists (select from obstacle) loop perform pg_sleep(0.02); end loop;
        return new;
      end $$;
      create trigger wait_or_fail before insert on chats for each row when (new.title in ('slow', 'broken'))
        execute function wait_or_fail();
      create constraint trigger wait_at_commit after insert on chats deferrable initially deferred for each row
        when (new.title = 'slow at its commit') execute function wait_or_fail()`);
    token = await newPerson();
  });
  after(async () => {
    await client.end();
    await servers[1]!.close();
    await servers[0]!.close();
  });
  afterEach(() => client.query("delete from obstacle"));

  async function post(path: string, body: Json, { key, token: by, address }: Sent, server = 0): Promise<Reply> {
    return postTo(servers[server]!.url, path, body, { key, token: by, address } as Sent);
  }
  async function postTo(url: string, path: string, body: Json, { key, token: by, address }: Sent): Promise<Reply> {
    const headers = new Headers({ "Content-Type": "application/json", Accept: "application/json" });
    if (key !== undefined) headers.set("Idempotency-Key", key);
    if (by !== undefined) headers.set("Authorization", `Bearer ${by}`);
    if (address !== undefined) headers.set("X-Forwarded-For", address);
    const answer = await fetch(url + path, { method: "POST", headers, body: JSON.stringify(body) });
    return {
      status: answer.status,
      isReplayed: answer.headers.get("idempotency-replayed") === "true",
      headers: answer.headers,
      body: (await answer.json()) as Json,
    };
  }
  const account = (email = `${randomUUID()}@example.org`): Json => ({
    email,
    password: "a long password",
    first_name: "Augusta",
    last_name: "Lovelace",
  });
  async function newPerson(): Promise<string> {
    const person = account();
    expect((await post("/v1/auth/register", person, {})).status).to.equal(201);
    const { email, password } = person;
    return (await post("/v1/auth/login", { email, password }, {})).body["access_token"] as string;
  }
  async function newChat(title = "A chat"): Promise<number> {
    return (await post("/v1/chats", { title }, { token })).body["id"] as number;
  }
  async function count(text: string, values: unknown[] = []): Promise<number> {
    return Number(
      (await client.query<{ count: string }>(`select count(*) as count from ${text}`, values)).rows[0]!.count,
    );
  }
  const chats = (title: string): Promise<number> => count("chats where title = $1", [title]);
  const isWaiting = async (): Promise<boolean> =>
    (await count("pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'")) > 0;
  const block = (): Promise<unknown> => client.query("insert into obstacle default values");
  const unblock = (): Promise<unknown> => client.query("delete from obstacle");

  it("gives the same answer again, on each server, with the key in quotes or without", async () => {
    const [key, title] = [randomUUID(), randomUUID()];
    const first = await post("/v1/chats", { title }, { key, token });
    expect([first.status, first.isReplayed]).to.deep.equal([201, false]);
    for (const [server, same] of [
      [0, `"${key}"`],
      [1, key],
      [1, `"${key}"`],
    ] as const) {
      const again = await post("/v1/chats", { title }, { key: same, token }, server);
      expect([again.status, again.isReplayed, again.body]).to.deep.equal([201, true, first.body]);
      for (const name of ["location", "etag"]) expect(again.headers.get(name), name).to.equal(first.headers.get(name));
    }
    expect(await chats(title)).to.equal(1);
  });

  it("is of one request: another message, chat or method with it is refused", async () => {
    const key = randomUUID();
    const [chat, other] = [await newChat(), await newChat()];
    const send = (path: string, body: Json): Promise<Reply> => post(path, body, { key, token });
    expect((await send(`/v1/chats/${chat}/messages`, { text: "one" })).status).to.equal(201);
    for (const [path, body] of [
      [`/v1/chats/${chat}/messages`, { text: "two" }],
      [`/v1/chats/${other}/messages`, { text: "one" }],
      [`/v1/chats/${chat}/messages/batch`, { messages: [{ text: "one" }] }],
      ["/v1/chats", { title: "one" }],
    ] as const) {
      const { status, body: problem } = await send(path, body);
      expect([status, problem["reason"]], path).to.deep.equal([422, "IDEMPOTENCY_KEY_REUSED"]);
    }
    // What is spelled otherwise and means the same is the same.
    const same = { text: "  one ", chat_id: String(chat) };
    expect((await send(`/v1/chats/${chat}/messages`, same)).isReplayed).to.equal(true);
  });

  it("is another key for another caller", async () => {
    const [key, title, other] = [randomUUID(), randomUUID(), await newPerson()];
    const mine = await post("/v1/chats", { title }, { key, token });
    const theirs = await post("/v1/chats", { title }, { key, token: other });
    expect([theirs.status, theirs.isReplayed]).to.deep.equal([201, false]);
    expect(theirs.body["id"]).not.to.equal(mine.body["id"]);
  });

  it("never gives a stranger the answer to somebody's registration, from another address or from the same", async () => {
    const key = "1";
    const [mine, theirs] = [account(), account()];
    const register = (body: Json, address: string): Promise<Reply> => post("/v1/auth/register", body, { key, address });
    expect((await register(mine, "192.0.2.1")).status).to.equal(201);
    const elsewhere = await register(theirs, "192.0.2.2");
    expect([elsewhere.status, elsewhere.body["email"]]).to.deep.equal([201, theirs["email"]]);
    for (const guess of [account(), { ...mine, password: "a guessed password" }])
      expect((await register(guess, "192.0.2.1")).body["reason"]).to.equal("IDEMPOTENCY_KEY_REUSED");
    expect((await register(mine, "192.0.2.3")).body["reason"]).to.equal("EMAIL_TAKEN");
    expect((await register(mine, "192.0.2.1")).isReplayed).to.equal(true);
  });

  it("is refused when it is malformed, empty, too long or sent twice, and then nothing is made", async () => {
    const title = randomUUID();
    for (const key of ['"', '""', "a b", "a, b", '"a"; b', "x".repeat(256)]) {
      const { status, body } = await post("/v1/chats", { title }, { key, token });
      expect([status, body["reason"]], key.slice(0, 20)).to.deep.equal([400, "MALFORMED_REQUEST"]);
    }
    expect(await chats(title)).to.equal(0);
  });

  it("is ignored by a method that creates nothing", async () => {
    const chat = await newChat();
    for (let turn = 0; turn < 2; turn++) {
      const { status, isReplayed } = await post(`/v1/chats/${chat}/read`, {}, { key: '"', token });
      expect([status, isReplayed]).to.deep.equal([200, false]);
    }
  });

  it("keeps no refusal: the same request may succeed later", async () => {
    const key = randomUUID();
    const { body: friend } = await post("/v1/auth/register", account(), {});
    const chat = await newChat();
    const add = (): Promise<Reply> => post(`/v1/chats/${chat}/members`, { user_id: friend["id"] }, { key, token });
    await client.query("update chat_members set role = 'CHAT_ROLE_MEMBER' where chat_id = $1", [chat]);
    expect((await add()).body["reason"]).to.equal("PERMISSION_DENIED");
    await client.query("update chat_members set role = 'CHAT_ROLE_OWNER' where chat_id = $1", [chat]);
    expect((await add()).status).to.equal(201);
    expect((await add()).isReplayed).to.equal(true);
  });

  it("keeps no failure of the server, which has made nothing", async () => {
    const key = randomUUID();
    const create = (): Promise<Reply> => post("/v1/chats", { title: "broken" }, { key, token });
    await block();
    expect((await create()).status).to.equal(500);
    expect(await chats("broken")).to.equal(0);
    await unblock();
    expect([(await create()).status, (await create()).isReplayed]).to.deep.equal([201, true]);
    expect(await chats("broken")).to.equal(1);
  });

  it("makes nothing where its answer cannot be stored", async () => {
    const [key, title] = [randomUUID(), randomUUID()];
    await client.query("alter table idempotency_keys add constraint full_table check (false) not valid");
    expect((await post("/v1/chats", { title }, { key, token })).status).to.equal(500);
    await client.query("alter table idempotency_keys drop constraint full_table");
    expect(await chats(title)).to.equal(0);
    expect((await post("/v1/chats", { title }, { key, token })).status).to.equal(201);
  });

  it("mails nobody the link of an account that was not stored in the end", async () => {
    const admin = await appoint(servers[0]!.databaseUrl, "ROLE_SUPER_ADMIN");
    const login = await post("/v1/auth/login", { email: admin.email, password: admin.password }, {});
    const [key, email] = [randomUUID(), `${randomUUID()}@example.org`];
    const invite = { email, first_name: "Ada", last_name: "Lovelace" };
    const by = login.body["access_token"] as string;
    await client.query("alter table idempotency_keys add constraint full_table check (false) not valid");
    expect((await post("/v1/users", invite, { key, token: by })).status).to.equal(500);
    await client.query("alter table idempotency_keys drop constraint full_table");
    expect(await count("users where email = $1", [email])).to.equal(0);
    expect((await post("/v1/users", invite, { key, token: by })).status).to.equal(201);
    // Either process delivers it.
    const boxes = servers.map(({ mailFolder }) => new Mailbox(mailFolder));
    const sent = async () => {
      const mails = await Promise.all(boxes.map((box) => box.find(email, /accept-invite/, new Set(), 0)));
      return mails.filter((mail) => mail !== undefined);
    };
    while ((await sent()).length === 0) await delay(20);
    while ((await count("graphile_worker.jobs where task_identifier = 'mail'")) > 0) await delay(20);
    expect(await sent()).to.have.length(1);
  });

  const races: Record<string, () => Promise<readonly [path: string, body: Json, made: () => Promise<number>]>> = {
    "a chat": async () => {
      const title = randomUUID();
      return ["/v1/chats", { title }, () => chats(title)];
    },
    "a message": async () => {
      const text = randomUUID();
      return [`/v1/chats/${await newChat()}/messages`, { text }, () => count("messages where text = $1", [text])];
    },
    "a batch": async () => {
      const chat = await newChat();
      const messages = [{ text: "one" }, { text: "two", client_message_id: randomUUID() }];
      return [
        `/v1/chats/${chat}/messages/batch`,
        { messages },
        async () => (await count("messages where chat_id = $1", [chat])) / 2,
      ];
    },
    "a membership": async () => {
      const { body } = await post("/v1/auth/register", account(), {});
      const chat = await newChat();
      const made = async (): Promise<number> => (await count("chat_members where chat_id = $1", [chat])) - 1;
      return [`/v1/chats/${chat}/members`, { user_id: body["id"] }, made];
    },
    "an account": async () => {
      const person = account();
      return ["/v1/auth/register", person, () => count("users where email = $1", [person["email"]])];
    },
  };
  for (const [what, prepare] of Object.entries(races))
    it(`makes ${what} once when twenty send it at once to two servers`, async () => {
      const [path, body, made] = await prepare();
      const sent = { key: randomUUID(), token: path === "/v1/auth/register" ? undefined : token };
      const all = await Promise.all(Array.from({ length: 20 }, (_, at) => post(path, body, sent, at % 2)));
      const outcomes = new Set(all.map(({ status, body: { reason } }) => `${status} ${String(reason ?? "")}`));
      expect([...outcomes]).to.include("201 ");
      expect([...outcomes].filter((one) => one !== "201 " && one !== "409 IDEMPOTENCY_IN_PROGRESS")).to.deep.equal([]);
      expect(all.filter(({ status, isReplayed }) => status === 201 && !isReplayed)).to.have.length(1);
      expect(new Set(all.filter(({ status }) => status === 201).map((one) => JSON.stringify(one.body))).size).to.equal(
        1,
      );
      expect(await made()).to.equal(1);
      expect((await post(path, body, sent, 1)).isReplayed).to.equal(true);
    });

  it("says on each server that the first request is not answered yet, and when to come back", async () => {
    const key = randomUUID();
    const create = (server: number): Promise<Reply> => post("/v1/chats", { title: "slow" }, { key, token }, server);
    const before = await chats("slow");
    await block();
    const first = create(0);
    while (!(await isWaiting())) await delay(10);
    for (const server of [0, 1]) {
      const { status, headers, body } = await create(server);
      expect([status, body["reason"]]).to.deep.equal([409, "IDEMPOTENCY_IN_PROGRESS"]);
      expect([headers.get("retry-after"), body["retry_after_seconds"]]).to.deep.equal(["1", 1]);
    }
    await unblock();
    expect((await first).status).to.equal(201);
    expect((await create(1)).body).to.deep.equal((await first).body);
    expect(await chats("slow")).to.equal(before + 1);
  });

  const kills = { slow: "before anything is stored", "slow at its commit": "while Postgres commits" };
  for (const [title, when] of Object.entries(kills))
    it(`makes one thing, and is free again, when its server is killed ${when}`, async () => {
      const key = randomUUID();
      const before = await chats(title);
      const killed = await serve({ env: { DATABASE_URL: servers[0]!.databaseUrl, SECRET_KEY: secretKey } });
      try {
        await block();
        const interrupted = postTo(killed.url, "/v1/chats", { title }, { key, token }).then(
          ({ status }) => `answered ${status}`,
          () => "cut",
        );
        while (!(await isWaiting()))
          expect(await Promise.race([delay(10), interrupted]), "it was not interrupted").to.equal(undefined);
        killed.child.kill("SIGKILL");
        await killed.ended;
        expect(await interrupted).to.equal("cut");
      } finally {
        await end(killed);
      }
      // Postgres goes on with the statement of the killed process.
      expect((await post("/v1/chats", { title }, { key, token }, 1)).status).to.equal(409);
      await unblock();
      let again: Reply;
      do again = await post("/v1/chats", { title }, { key, token }, 1);
      while (again.status === 409);
      expect([again.status, again.isReplayed]).to.deep.equal([201, title !== "slow"]);
      expect(await chats(title)).to.equal(before + 1);
    });

  it("goes with a client_message_id, which is recognized beside it", async () => {
    const chat = await newChat();
    const id = randomUUID();
    const send = (key: string | undefined, text = "one", server = 0): Promise<Reply> =>
      post(`/v1/chats/${chat}/messages`, { text, client_message_id: id }, { ...(key && { key }), token }, server);
    const all = await Promise.all(
      Array.from({ length: 20 }, (_, at) => send(at % 3 ? randomUUID() : undefined, "one", at % 2)),
    );
    expect(new Set(all.map(({ status, body }) => `${status} ${String(body["id"])}`)).size).to.equal(1);
    expect((await send(randomUUID(), "other")).body["reason"]).to.equal("CLIENT_MESSAGE_ID_REUSED");
    const batch = { messages: [{ text: "one", client_message_id: id }, { text: "more" }] };
    const answer = await post(`/v1/chats/${chat}/messages/batch`, batch, { key: randomUUID(), token });
    expect(answer.status).to.equal(201);
    expect(await count("messages where chat_id = $1", [chat])).to.equal(2);
  });

  it("stores nothing without the header, and with it nothing that can be read", async () => {
    await client.query("delete from idempotency_keys");
    const person = account();
    expect((await post("/v1/auth/register", account(), {})).status).to.equal(201);
    expect(await count("idempotency_keys")).to.equal(0);
    const key = randomUUID();
    expect((await post("/v1/auth/register", person, { key, address: "192.0.2.77" })).status).to.equal(201);
    const { rows } = await client.query<Record<string, unknown>>("select * from idempotency_keys");
    expect(rows).to.have.length(1);
    const stored = Buffer.concat(Object.values(rows[0]!).filter((value) => Buffer.isBuffer(value))).toString("latin1");
    for (const text of [key, "192.0.2.77", ...Object.values(person).map(String)])
      expect(stored, text).not.to.contain(Buffer.from(text).toString("latin1"));
  });

  it("counts for 24 hours, and then its answer is swept", async () => {
    const [old, fresh, title] = [randomUUID(), randomUUID(), randomUUID()];
    const create = (key: string): Promise<Reply> => post("/v1/chats", { title }, { key, token });
    await client.query("delete from idempotency_keys");
    await create(old);
    const age = (interval: string): Promise<unknown> =>
      client.query("update idempotency_keys set created_at = now() - $1::interval", [interval]);
    await age("23 hours 59 minutes");
    expect((await create(old)).isReplayed).to.equal(true);
    await age("24 hours 1 minute");
    expect([(await create(old)).isReplayed, (await create(old)).isReplayed]).to.deep.equal([false, true]);
    await age("24 hours 1 minute");
    await create(fresh);
    const server = await openDatabase({ url: servers[0]!.databaseUrl, pool: 1, log: pino({ level: "silent" }) });
    const swept = await sweepIdempotencyKeys.run(server.database, new AbortController().signal);
    await server.close();
    expect([swept.rows, await count("idempotency_keys")]).to.deep.equal([1, 1]);
    expect((await create(fresh)).isReplayed).to.equal(true);
  });

  it("is refused when the caller has used ten thousand others in 24 hours, which still count", async () => {
    const [by, title] = [await newPerson(), randomUUID()];
    const create = (key: string, who = by): Promise<Reply> => post("/v1/chats", { title }, { key, token: who });
    await client.query("delete from idempotency_keys");
    const [known, last] = [randomUUID(), randomUUID()];
    await create(known);
    await client.query(
      `insert into idempotency_keys (id, owner, fingerprint, answer)
       select sha256(n::text::bytea), owner, fingerprint, answer from idempotency_keys, generate_series(1, 9998) n`,
    );
    expect((await create(last)).status).to.equal(201);
    const refused = await create(randomUUID());
    expect([refused.status, refused.body["reason"]]).to.deep.equal([429, "RATE_LIMITED"]);
    expect(Number(refused.headers.get("retry-after"))).to.be.above(0);
    for (const key of [known, last]) expect((await create(key)).isReplayed).to.equal(true);
    expect((await create(randomUUID(), token)).status).to.equal(201);
  });
});
