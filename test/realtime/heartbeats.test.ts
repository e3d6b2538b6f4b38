// What the time does to a socket. The clock of the process, by which sockets are counted as idle or old, is set forward: nothing waits a day.
import { expect } from "chai";
import { heartbeatSeconds } from "../../src/doors/socket/live-socket.js";
import { LiveClient } from "../doors/socket/live-client.js";
import { newPerson, type Person } from "../resilience/person.js";
import { testServer, type TestServer } from "../support/server.js";

describe("a web socket over time", () => {
  let server: TestServer;
  let person: Person;
  let aheadSeconds = 0;
  const clock = performance.now.bind(performance);

  before(async () => {
    server = await testServer();
    person = await newPerson(() => server.url);
    performance.now = () => clock() + aheadSeconds * 1_000;
  });
  beforeEach(() => {
    aheadSeconds = 0;
  });
  after(async () => {
    performance.now = clock;
    await server.close();
  });

  it("is told the newest pts of its topics with each heartbeat, and only those that have changed", async () => {
    const chat = await person.chat("Beats");
    const topic = `chat:${chat}`;
    const client = await LiveClient.open(server.url, { token: person.token });
    const { heartbeat_seconds } = await client.until((frames) => frames[0]?.welcome);
    expect(heartbeat_seconds).to.equal(heartbeatSeconds);
    const { topics } = await client.subscribe("a", [{ topic }]);
    const beats = (): unknown[] => client.received.flatMap(({ heartbeat }) => heartbeat?.topics ?? []);
    const beat = async (): Promise<void> => {
      const had = client.received.filter(({ heartbeat }) => heartbeat).length;
      aheadSeconds += heartbeatSeconds;
      await client.until((frames) => frames.filter(({ heartbeat }) => heartbeat).length > had);
    };
    await beat();
    expect(beats()).to.deep.equal([{ topic, pts: topics[0]!.pts }]);
    await beat();
    expect(beats()).to.have.length(1);
    expect((await person.call("POST", `/v1/chats/${chat}/messages`, { text: "one more" })).status).to.equal(201);
    await beat();
    expect(beats().at(-1)).to.deep.equal({ topic, pts: topics[0]!.pts + 1 });
    await client.close();
  });

  it("is closed when nothing is heard for two heartbeats and a half, not even the answer to a ping", async () => {
    const [silent, other] = await Promise.all(
      [true, false].map((isSilent) => LiveClient.open(server.url, { token: person.token, isSilent })),
    );
    for (const client of [silent!, other!]) await client.until((frames) => frames[0]?.welcome);
    const pinged = new Promise((resolve) => other!.webSocket.once("ping", resolve));
    aheadSeconds = 2 * heartbeatSeconds;
    await pinged;
    // The answer has come when that to a later frame has.
    other!.send({ ping: {} });
    await other!.until((frames) => frames.filter(({ heartbeat }) => heartbeat).length > 1);
    expect(silent!.end).to.equal(undefined);
    aheadSeconds = 3 * heartbeatSeconds;
    expect(await silent!.closed).to.deep.equal({ code: 4408, reason: "nothing was heard" });
    const { status } = await other!.call("GetMe");
    expect([status, other!.end]).to.deep.equal([200, undefined]);
    await other!.close();
  });

  it("is closed after a day, with the code that says to come back", async () => {
    const client = await LiveClient.open(server.url, { token: person.token });
    await client.until((frames) => frames[0]?.welcome);
    aheadSeconds = 24 * 3_600 + 1;
    expect(await client.closed).to.deep.equal({ code: 4000, reason: "connect again" });
  });
});
