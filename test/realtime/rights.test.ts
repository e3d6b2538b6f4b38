// Rights that end while somebody listens, at another server than the one where they end: it is felt soon, told, and nothing of the topic is
// sent after it, not even what was held.
import { expect } from "chai";
import { LiveClient } from "../doors/socket/live-client.js";
import type { Json, Person, Reply } from "../resilience/person.js";
import { chatOf, done, EventReader, poll, sendMany, type TwoServers, twoServers } from "../doors/socket/two-servers.js";

describe("rights of who listens", function () {
  this.timeout(60_000);
  let servers: TwoServers;
  let admin: (verb: string, path: string, body?: Json) => Promise<Reply>;
  let owner: Person;
  /** A chat in which all are whom the tests make, to see that what came before has come. */
  let marks: number;
  const open: LiveClient[] = [];

  before(async () => {
    servers = await twoServers({ BODY_LIMIT: "4MiB" });
    admin = await servers.admin();
    owner = await servers.person();
    marks = await chatOf(owner);
  });
  afterEach(() => open.splice(0).forEach(({ webSocket }) => webSocket.terminate()));
  after(() => servers.close());

  const send = (chat: number, text: string): Promise<Json> =>
    done(owner.call("POST", `/v1/chats/${chat}/messages`, { text }));
  async function listen(person: Person, ...topics: string[]): Promise<LiveClient> {
    const client = await LiveClient.open(servers.there.url, { token: person.token });
    open.push(client);
    const { missing } = await client.subscribe(
      "s",
      topics.map((topic) => ({ topic })),
    );
    expect(missing).to.deep.equal([]);
    return client;
  }
  async function member(...chats: number[]): Promise<Person> {
    const person = await servers.person();
    for (const chat of [marks, ...chats])
      await done(owner.call("POST", `/v1/chats/${chat}/members`, { user_id: person.id }));
    return person;
  }
  /** Waits until a message of the chat of marks has come, with all that was committed before it. */
  async function mark(client: LiveClient): Promise<void> {
    const { id } = await send(marks, "mark");
    await client.until(() => client.updates(`chat:${marks}`).some(({ subject_id }) => subject_id === id));
  }

  const endings: Readonly<Record<string, (chat: number, person: Person) => Promise<Reply>>> = {
    "is removed": (chat, { id }) => owner.call("DELETE", `/v1/chats/${chat}/members/${id}`),
    leaves: (chat, person) => person.call("POST", `/v1/chats/${chat}/leave`, {}),
    "loses it, since it is deleted": (chat) => owner.call("DELETE", `/v1/chats/${chat}`),
  };
  for (const [what, end] of Object.entries(endings)) {
    it(`ends the topic of a chat for a member who ${what}`, async () => {
      const chat = await chatOf(owner);
      const person = await member(chat);
      const topic = `chat:${chat}`;
      const client = await listen(person, topic, `chat:${marks}`);
      const events = await EventReader.open(servers.there.url, person.token, `topics=${topic}`);
      const { body } = await poll(servers.there.url, person.token, `topics=${topic}`);
      await send(chat, "one");
      await client.until(() => client.pts(topic).length > 0);
      await events.until(({ events: all }) => all.some(({ data }) => data.updates.length > 0));
      const polled = poll(
        servers.there.url,
        person.token,
        `cursor=${await cursorAt(person, chat, body)}&wait_seconds=25`,
      );
      await done(end(chat, person));
      await client.until(() => client.ended.includes(topic));
      await events.until(({ events: all }) => all.some(({ data }) => data.missing.includes(topic)));
      expect((await polled).body["missing"]).to.deep.equal([topic]);
      const heard = client.updates(topic).length;
      if (what !== "loses it, since it is deleted") await send(chat, "two");
      await mark(client);
      expect(client.updates(topic)).to.have.length(heard);
      expect(JSON.stringify(client.received)).not.to.contain('"two"');
      expect(JSON.stringify(events.events)).not.to.contain('"two"');
      expect(events.events.every(({ name }) => name === "")).to.equal(true);
      // Whoever asks again is told nothing, neither by a heartbeat.
      const { missing } = await client.subscribe("again", [{ topic, pts: 0 }]);
      expect(missing).to.deep.equal([topic]);
      events.close();
    });
  }

  /** The cursor after all that has happened in a chat. */
  async function cursorAt(person: Person, chat: number, { cursor }: Json): Promise<string> {
    for (let at = String(cursor); ;) {
      const { body } = await poll(servers.there.url, person.token, `cursor=${at}&wait_seconds=5`);
      at = String(body["cursor"]);
      if ((body["updates"] as object[]).length > 0) return at;
      expect(at).to.contain(`chat:${chat}=`);
    }
  }

  it("ends the topic of a group for who is moved to another one, and those of their chats", async () => {
    const [first, second] = await Promise.all(
      ["10-А", "10-Б"].map((name) => done(admin("POST", "/v1/groups", { name, with_chat: true }))),
    );
    const person = await servers.person();
    await done(admin("POST", `/v1/groups/${String(first!["id"])}/members`, { user_ids: [person.id] }));
    const topics = [`group:${String(first!["id"])}`, `chat:${String(first!["chat_id"])}`];
    const client = await listen(person, ...topics);
    const { missing } = await client.subscribe("other", [{ topic: `group:${String(second!["id"])}` }]);
    expect(missing).to.have.length(1);
    await done(admin("POST", `/v1/groups/${String(second!["id"])}/members`, { user_ids: [person.id] }));
    await client.until(() => topics.every((topic) => client.ended.includes(topic)));
    expect(client.end).to.equal(undefined);
    await client.subscribe("new", [{ topic: `group:${String(second!["id"])}` }]);
  });

  const ends: Readonly<Record<string, (person: Person) => Promise<Reply>>> = {
    "that logs out": (person) => person.call("POST", "/v1/auth/logout", {}),
    "of a person who is suspended": ({ id }) => admin("POST", `/v1/users/${id}/suspend`, {}),
    "of a person who is deleted": ({ id }) => admin("DELETE", `/v1/users/${id}`),
    "of a person who deletes themselves": (person) =>
      person.call("POST", "/v1/auth/me/delete", { password: person.password }),
    "of a person whose role changes": ({ id }) => admin("PATCH", `/v1/users/${id}`, { role: "ROLE_TEACHER" }),
  };
  for (const [whose, end] of Object.entries(ends)) {
    it(`closes the socket of a session ${whose}, and ends its long poll and its stream`, async () => {
      const chat = await chatOf(owner);
      const person = await member(chat);
      const client = await listen(person, `chat:${chat}`);
      const events = await EventReader.open(servers.there.url, person.token, `topics=chat:${chat}`);
      const polled = poll(servers.there.url, person.token, `wait_seconds=25&cursor=${await now(person)}`);
      await done(end(person));
      expect(await client.closed).to.deep.include({ code: 4401 });
      expect((await polled).status).to.equal(401);
      const problem = await events.until(({ events: all }) => all.find(({ name }) => name === "problem"));
      expect(problem.data).to.include({ status: 401 });
      await send(chat, "unheard");
      expect(JSON.stringify([client.received, events.events])).not.to.contain("unheard");
      const again = await LiveClient.open(servers.there.url, { token: person.token }).catch((error: unknown) => error);
      expect(again).to.include({ status: 401 });
    });
  }

  async function now(person: Person): Promise<string> {
    const { body } = await poll(servers.there.url, person.token, `topics=user:${person.id}`);
    return String(body["cursor"]);
  }

  it("closes the sockets of the other sessions when a password changes or all others are ended, and not that of the caller", async () => {
    for (const [path, body] of [
      ["/v1/auth/sessions/revoke-others", {}],
      ["/v1/auth/password", { new_password: "another correct horse" }],
    ] as const) {
      const person = await member();
      const login = await done(
        owner.call("POST", "/v1/auth/login", { email: person.email, password: person.password }),
      );
      const other = await LiveClient.open(servers.there.url, { token: String(login["access_token"]) });
      open.push(other);
      const client = await listen(person, `chat:${marks}`);
      await done(
        person.call("POST", path, path.endsWith("password") ? { ...body, current_password: person.password } : body),
      );
      expect(await other.closed).to.deep.include({ code: 4401 });
      await mark(client);
    }
  });

  it("closes the socket of an API key that is revoked, and of one whose owner is suspended", async () => {
    for (const end of [
      (person: Person, id: unknown) => person.call("DELETE", `/v1/auth/api-keys/${String(id)}`),
      (person: Person) => admin("POST", `/v1/users/${person.id}/suspend`, {}),
    ]) {
      const person = await servers.person();
      const draft = { name: "Key", scopes: ["SCOPE_REALTIME"] };
      const { id, secret } = await done(person.call("POST", "/v1/auth/api-keys", draft));
      const client = await LiveClient.open(servers.there.url, { headers: { "X-Api-Key": String(secret) } });
      open.push(client);
      await client.subscribe("s", [{ topic: `user:${person.id}` }]);
      expect((await client.call("ListChats")).status).to.equal(403);
      await done(end(person, id));
      expect(await client.closed).to.deep.include({ code: 4401 });
    }
  });

  it("tells nothing of a topic by a heartbeat before the right to it is known", async () => {
    const chat = await chatOf(owner);
    await send(chat, "secret");
    const person = await member();
    const client = await listen(person, `chat:${marks}`);
    for (let round = 0; round < 20; round++) {
      client.send({ subscribe: { id: `${round}`, topics: [{ topic: `chat:${chat}` }] } });
      await new Promise(setImmediate);
      client.send({ ping: {} });
    }
    await client.until((frames) => frames.filter(({ heartbeat }) => heartbeat).length === 20);
    const told = client.received.flatMap(({ heartbeat }) => heartbeat?.topics ?? []);
    expect(new Set(told.map(({ topic }) => topic))).to.deep.equal(new Set([`chat:${marks}`]));
  });

  it("sends who does not read nothing of a chat any more after they are removed, whatever was held", async () => {
    const [large, small] = [await chatOf(owner), await chatOf(owner)];
    await sendMany(owner, large, 490, "ж".repeat(4_900));
    await sendMany(owner, small, 20);
    const person = await member(large, small);
    const client = await listen(person, `chat:${marks}`);
    client.pause();
    // Five megabytes, which no system holds for who does not read, and then the small chat.
    const topics = [large, small].map((chat) => ({ topic: `chat:${chat}`, pts: 1 }));
    client.send({ subscribe: { id: "all", topics } });
    const watcher = await listen(person, `chat:${small}`);
    await done(owner.call("DELETE", `/v1/chats/${small}/members/${person.id}`));
    await watcher.until(() => watcher.ended.includes(`chat:${small}`));
    client.resume();
    await client.until(() => client.ended.includes(`chat:${small}`) && client.updates(`chat:${large}`).length >= 490);
    await mark(client);
    expect(client.pts(`chat:${small}`)).to.deep.equal([]);
  });
});
