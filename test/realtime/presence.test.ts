// Who is connected and who is writing, over two servers: told to those who share a chat and look, switched off by a person, and by the operator.
import { expect } from "chai";
import { LiveClient } from "../doors/socket/live-client.js";
import { chatOf, done, type TwoServers, twoServers } from "../doors/socket/two-servers.js";
import { newPerson, type Person } from "../resilience/person.js";
import { testServer } from "../support/server.js";

describe("presence and typing", function () {
  this.timeout(60_000);
  let servers: TwoServers;
  let anna: Person;
  let boris: Person;
  let stranger: Person;
  let chat: number;
  const open: LiveClient[] = [];

  before(async () => {
    servers = await twoServers();
    [anna, boris, stranger] = await Promise.all([servers.person(), servers.person(), servers.person()]);
    chat = await chatOf(anna, boris);
  });
  afterEach(() => open.splice(0).forEach(({ webSocket }) => webSocket.terminate()));
  after(() => servers.close());

  async function connect({ token }: Person, at: "here" | "there"): Promise<LiveClient> {
    const client = await LiveClient.open(servers[at].url, { token });
    open.push(client);
    return client;
  }
  /** What a client was told of a person, in order. */
  const told = (client: LiveClient, { id }: Person): boolean[] =>
    client.received.flatMap(({ presence }) =>
      (presence?.people ?? []).flatMap(({ user_id, is_online }) => (user_id === id ? [is_online] : [])),
    );
  const untilTold = (client: LiveClient, person: Person, isOnline: boolean): Promise<unknown> =>
    client.until(() => told(client, person).at(-1) === isOnline);
  const settings = (person: Person, changed: object): Promise<unknown> =>
    done(person.call("PATCH", "/v1/me/realtime", { ...changed }));

  it("tells who is connected at another server, and who hides it", async () => {
    const watcher = await connect(anna, "here");
    watcher.send({ watch_presence: { user_ids: [boris.id, stranger.id] } });
    await untilTold(watcher, boris, false);
    await Promise.all([connect(boris, "there"), connect(stranger, "there")]);
    await untilTold(watcher, boris, true);
    await settings(boris, { shows_presence: false });
    await untilTold(watcher, boris, false);
    await settings(boris, { shows_presence: true });
    await untilTold(watcher, boris, true);
    // Nothing is ever told of somebody who shares no chat.
    expect(told(watcher, stranger)).to.deep.equal([]);
  });

  it("tells no more of who shares no chat any more", async () => {
    const person = await servers.person();
    await done(anna.call("POST", `/v1/chats/${chat}/members`, { user_id: person.id }));
    const watcher = await connect(anna, "here");
    await connect(person, "there");
    watcher.send({ watch_presence: { user_ids: [person.id] } });
    await untilTold(watcher, person, true);
    const before = told(watcher, person);
    await done(person.call("POST", `/v1/chats/${chat}/leave`, {}));
    // Asked anew, in place of waiting for the next round.
    watcher.send({ watch_presence: { user_ids: [boris.id, person.id] } });
    await watcher.until(() => told(watcher, boris).length > 0);
    expect(told(watcher, person)).to.deep.equal(before);
  });

  it("tells the other members who is writing, once in a while, and not whom it does not concern", async () => {
    const [reader, other, writer] = await Promise.all([
      connect(anna, "here"),
      connect(stranger, "there"),
      connect(boris, "there"),
    ]);
    await Promise.all([reader, writer].map((each) => each.subscribe("s", [{ topic: `chat:${chat}` }])));
    expect((await other.subscribe("s", [{ topic: `chat:${chat}` }])).missing).to.deep.equal([`chat:${chat}`]);
    for (let times = 0; times < 5; times++) writer.send({ typing: { chat_id: chat } });
    await reader.until((frames) => frames.find(({ typing }) => typing));
    other.send({ typing: { chat_id: chat } });
    const { refused } = await other.until((frames) => frames.find((frame) => frame.refused));
    expect(refused!.problem).to.include({ reason: "CHAT_NOT_FOUND" });
    const shown = [reader, writer, other].map(({ received }) => received.flatMap(({ typing }) => typing ?? []));
    expect(shown).to.deep.equal([[{ chat_id: chat, user_id: boris.id }], [], []]);
  });

  it("does not tell of who hides that they are writing", async () => {
    const [reader, writer] = await Promise.all([connect(boris, "here"), connect(anna, "there")]);
    await Promise.all([reader, writer].map((each) => each.subscribe("s", [{ topic: `chat:${chat}` }])));
    await settings(anna, { shows_typing: false });
    writer.send({ typing: { chat_id: chat } });
    const { id } = await done(anna.call("POST", `/v1/chats/${chat}/messages`, { text: "written" }));
    await reader.until(() => reader.updates(`chat:${chat}`).some(({ subject_id }) => subject_id === id));
    expect(reader.received.flatMap(({ typing }) => typing ?? [])).to.deep.equal([]);
  });

  it("is switched off by the operator", async () => {
    const server = await testServer({ PRESENCE: "off" });
    try {
      const [one, two] = [await newPerson(() => server.url), await newPerson(() => server.url)];
      const shared = await chatOf(one, two);
      const [watcher, writer] = [one, two].map(({ token }) => LiveClient.open(server.url, { token }));
      const [here, there] = [await watcher!, await writer!];
      open.push(here, there);
      await Promise.all([here, there].map((each) => each.subscribe("s", [{ topic: `chat:${shared}` }])));
      here.send({ watch_presence: { user_ids: [two.id] } });
      there.send({ typing: { chat_id: shared } });
      const { id } = await done(two.call("POST", `/v1/chats/${shared}/messages`, { text: "written" }));
      await here.until(() => here.updates(`chat:${shared}`).some(({ subject_id }) => subject_id === id));
      expect(here.received.filter(({ presence, typing }) => presence || typing)).to.deep.equal([]);
    } finally {
      await server.close();
    }
  });
});
