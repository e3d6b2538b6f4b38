// Where a client goes on: whatever breaks in between, each update comes once, in order, and none is left out; what cannot be told as a whole
// is told to be too long.
import { expect } from "chai";
import { Client } from "pg";
import { LiveClient, type Opening } from "../doors/socket/live-client.js";
import type { Person } from "../resilience/person.js";
import { upTo } from "../support/numbers.js";
import { chatOf, done, EventReader, poll, sendMany, type TwoServers, twoServers } from "../doors/socket/two-servers.js";

describe("going on where one was", function () {
  this.timeout(60_000);
  let servers: TwoServers;
  let owner: Person;
  let database: Client;
  const open: LiveClient[] = [];

  before(async () => {
    servers = await twoServers();
    owner = await servers.person();
    database = new Client({ connectionString: servers.here.databaseUrl });
    await database.connect();
  });
  afterEach(() => open.splice(0).forEach(({ webSocket }) => webSocket.terminate()));
  after(async () => {
    await database.end();
    await servers.close();
  });

  const send = (chat: number, text: string) => done(owner.call("POST", `/v1/chats/${chat}/messages`, { text }));
  async function connect(server = servers.there, opening: Opening = { token: owner.token }): Promise<LiveClient> {
    const client = await LiveClient.open(server.url, opening);
    open.push(client);
    return client;
  }
  async function newest(topic: string): Promise<number> {
    const { rows } = await database.query<{ pts: string }>("select pts from update_topics where topic = $1", [topic]);
    return Number(rows[0]?.pts ?? 0);
  }

  it("misses nothing and takes nothing twice, through cuts, at one server and the other, while twenty write", async () => {
    const chat = await chatOf(owner);
    const topic = `chat:${chat}`;
    const began = await newest(topic);
    let isWriting = true;
    const writers = Promise.all(
      upTo(20).map(async (writer) => {
        for (let at = 0; at < 15; at++) await send(chat, `${writer} ${at}`);
      }),
    ).finally(() => (isWriting = false));
    const heard: number[] = [];
    for (let round = 0; isWriting || heard.length < 300; round++) {
      const client = await connect([servers.here, servers.there][round % 2]);
      const last = heard.at(-1) ?? began;
      const { topics } = await client.subscribe("s", [{ topic, pts: last }]);
      expect(topics).to.deep.equal([{ topic, pts: last, is_too_long: false }]);
      const end = Math.min(began + 300, last + 25);
      await client.until(() => (client.pts(topic).at(-1) ?? 0) >= end);
      client.webSocket.terminate();
      heard.push(...client.pts(topic));
    }
    await writers;
    expect(heard).to.deep.equal(upTo(300).map((at) => began + at));
  });

  it("follows from now, twice the same topic, not after an unsubscribe, and again from where it was", async () => {
    const chat = await chatOf(owner);
    const topic = `chat:${chat}`;
    const client = await connect();
    const { topics } = await client.subscribe("now", [{ topic }]);
    expect(topics).to.deep.equal([{ topic, pts: await newest(topic), is_too_long: false }]);
    const at = topics[0]!.pts;
    await client.subscribe("twice", [
      { topic, pts: 0 },
      { topic, pts: at },
    ]);
    await send(chat, "one");
    await client.until(() => client.pts(topic).includes(at + 1));
    await client.subscribe("back", [{ topic, pts: at }]);
    await client.until(() => client.pts(topic).length === 2);
    client.send({ unsubscribe: { topics: [topic, "school"] } });
    expect((await client.call("GetMe")).status).to.equal(200);
    client.send({ ping: {} });
    await client.until((frames) => frames.find(({ heartbeat }) => heartbeat?.topics.length === 0));
    await send(chat, "two");
    const other = await connect();
    await other.subscribe("s", [{ topic, pts: at }]);
    await other.until(() => other.pts(topic).length === 2);
    expect(client.pts(topic)).to.deep.equal([at + 1, at + 1]);
    await client.subscribe("on", [{ topic, pts: at + 1 }]);
    await client.until(() => client.pts(topic).at(-1) === at + 2);
  });

  it("says too long beyond 500, for what is deleted, and for a place that is not there yet; never tells a part", async () => {
    const chat = await chatOf(owner);
    const topic = `chat:${chat}`;
    await sendMany(owner, chat, 510);
    const last = await newest(topic);
    const client = await connect();
    const start = async (pts: number) => (await client.subscribe(`from ${pts}`, [{ topic, pts }])).topics[0];
    const whole = (pts: number) => ({ topic, pts, is_too_long: false });
    const tooLong = { topic, pts: last, is_too_long: true };
    for (const pts of [0, last - 501, last + 1, Number.MAX_SAFE_INTEGER]) {
      expect(await start(pts)).to.deep.equal(tooLong);
      const { body } = await poll(servers.there.url, owner.token, `cursor=${topic}=${pts}`);
      expect(body).to.deep.include({ updates: [], topics: [tooLong], cursor: `${topic}=${last}` });
    }
    expect(client.pts(topic)).to.deep.equal([]);
    expect(await start(last - 500)).to.deep.equal(whole(last - 500));
    await client.until(() => client.pts(topic).length === 500);
    expect(client.pts(topic)).to.deep.equal(upTo(500).map((at) => last - 500 + at));

    await database.query("delete from updates where topic = $1 and pts <= $2", [topic, last - 10]);
    const later = await connect(servers.here);
    const from = async (pts: number) => (await later.subscribe(`from ${pts}`, [{ topic, pts }])).topics[0];
    expect(await from(last - 11)).to.deep.equal(tooLong);
    expect(await from(last - 10)).to.deep.equal(whole(last - 10));
    await later.until(() => later.pts(topic).length === 10);
    await database.query("delete from updates where topic = $1", [topic]);
    expect(await from(last - 1)).to.deep.equal(tooLong);
    expect(await from(last)).to.deep.equal(whole(last));
    await send(chat, "after all were deleted");
    await later.until(() => later.pts(topic).at(-1) === last + 1);
  });

  it("tells a long poll and a stream what was missed in many topics, in parts, each once", async () => {
    const chats: number[] = [];
    for (let count = 0; count < 6; count++) {
      const chat = await chatOf(owner);
      await sendMany(owner, chat, 480);
      chats.push(chat);
    }
    const begun = chats.map((chat) => `chat:${chat}=1`).join(",");
    const ends: number[] = [];
    for (const chat of chats) ends.push(await newest(`chat:${chat}`));
    const expected = chats.flatMap((chat, at) =>
      upTo(ends[at]!)
        .slice(1)
        .map((pts) => `chat:${chat} ${pts}`),
    );
    const polled: string[] = [];
    for (let cursor = begun; polled.length < expected.length;) {
      const { status, body } = await poll(servers.there.url, owner.token, `cursor=${cursor}`);
      expect(status).to.equal(200);
      const updates = body["updates"] as { topic: string; pts: number }[];
      expect(updates).not.to.deep.equal([]);
      polled.push(...updates.map(({ topic, pts }) => `${topic} ${pts}`));
      cursor = String(body["cursor"]);
    }
    expect(polled.sort()).to.deep.equal([...expected].sort());
    const events = await EventReader.open(servers.there.url, owner.token, `cursor=${begun}`);
    const streamed = () => events.events.flatMap(({ data }) => data.updates.map(({ topic, pts }) => `${topic} ${pts}`));
    await events.until(() => streamed().length >= expected.length);
    expect(streamed().sort()).to.deep.equal([...expected].sort());
    events.close();
  });

  it("goes on in a stream with the id of its last event, and in one that is cut", async () => {
    const chat = await chatOf(owner);
    const topic = `chat:${chat}`;
    let cursor = `${topic}=${await newest(topic)}`;
    const heard: number[] = [];
    for (let round = 0; round < 6; round++) {
      const events = await EventReader.open(
        [servers.here, servers.there][round % 2]!.url,
        owner.token,
        `cursor=${cursor}`,
      );
      await send(chat, `in ${round}`);
      const event = await events.until(({ events: all }) => all.find(({ data }) => data.updates.length > 0));
      heard.push(...event.data.updates.map(({ pts }) => pts));
      cursor = event.id;
      events.close();
      await send(chat, `between ${round}`);
    }
    const { body } = await poll(servers.here.url, owner.token, `cursor=${cursor}`);
    heard.push(...(body["updates"] as { pts: number }[]).map(({ pts }) => pts));
    expect(heard).to.deep.equal(upTo(12).map((at) => heard[0]! - 1 + at));
  });

  it("gives an API key without SCOPE_MESSAGES_READ no message, over a socket, a long poll and a stream", async () => {
    const chat = await chatOf(owner);
    const topic = `chat:${chat}`;
    const keyOf = async (...scopes: string[]): Promise<string> =>
      String((await done(owner.call("POST", "/v1/auth/api-keys", { name: "Key", scopes })))["secret"]);
    const [without, whole] = [await keyOf("SCOPE_REALTIME"), await keyOf("SCOPE_REALTIME", "SCOPE_MESSAGES_READ")];
    const pts = await newest(topic);
    await send(chat, "before");
    const texts = async (key: string): Promise<(string | undefined)[]> => {
      const client = await connect(servers.there, { headers: { "X-Api-Key": key } });
      await client.subscribe("s", [{ topic, pts }]);
      await send(chat, "live");
      await client.until(() => client.updates(topic).length >= 2);
      const answer = await fetch(`${servers.there.url}/v1/updates?cursor=${topic}=${pts}`, {
        headers: { "X-Api-Key": key },
      });
      const { updates } = (await answer.json()) as { updates: { message?: { text: string } }[] };
      return [...client.updates(topic), ...updates].map(({ message }) => message?.text);
    };
    expect(new Set(await texts(without))).to.deep.equal(new Set([undefined]));
    expect(new Set(await texts(whole))).to.deep.equal(new Set(["before", "live"]));
  });

  it("tells the newest pts of all topics after a Ping, also of one without any update", async () => {
    const chat = await chatOf(owner);
    await send(chat, "one");
    const client = await connect();
    const own = `user:${(await servers.person()).id}`;
    const { missing } = await client.subscribe("s", [
      { topic: `chat:${chat}` },
      { topic: `user:${owner.id}` },
      { topic: own },
    ]);
    expect(missing).to.deep.equal([own]);
    await send(chat, "two");
    client.send({ ping: {} });
    const { topics } = await client.until((frames) => frames.find(({ heartbeat }) => heartbeat)?.heartbeat);
    expect(topics).to.deep.equal([
      { topic: `chat:${chat}`, pts: await newest(`chat:${chat}`) },
      { topic: `user:${owner.id}`, pts: await newest(`user:${owner.id}`) },
    ]);
  });
});
