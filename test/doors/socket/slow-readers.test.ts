// Sockets whose clients read slowly or not at all: what is held for them is bounded, they are told to come back, miss nothing then, and
// delay nobody.
import { expect } from "chai";
import type { Person } from "../../resilience/person.js";
import { chatOf, done, sendMany } from "./two-servers.js";
import { newPerson } from "../../resilience/person.js";
import { fairNow } from "../../support/fair-clock.js";
import { upTo } from "../../support/numbers.js";
import { testServer, type TestServer } from "../../support/server.js";
import { LiveClient } from "./live-client.js";
import { frameBytes, RawSocket } from "./raw-socket.js";

describe("slow readers", function () {
  this.timeout(60_000);
  let server: TestServer;
  let owner: Person;

  before(async () => {
    server = await testServer({ BODY_LIMIT: "4MiB" });
    owner = await newPerson(() => server.url);
  });
  after(() => server.close());

  const connect = (): Promise<LiveClient> => LiveClient.open(server.url, { token: owner.token });

  it("are closed when too much is held for them, and miss nothing when they come back", async () => {
    const chat = await chatOf(owner);
    const topic = `chat:${chat}`;
    const [slow, watcher] = [await connect(), await connect()];
    const { topics } = await slow.subscribe("s", [{ topic }]);
    const began = topics[0]!.pts;
    await watcher.subscribe("s", [{ topic }]);
    slow.pause();
    const text = "ж".repeat(4_900);
    for (const count of upTo(8)) {
      await sendMany(owner, chat, 100, text);
      await watcher.until(() => watcher.pts(topic).length === 100 * count);
    }
    slow.resume();
    const { code } = await slow.closed;
    // Who has not read for two seconds after it finds the connection ended, in place of the code.
    expect(code).to.be.oneOf([4000, 1006]);
    const heard = slow.pts(topic);
    expect(heard.length).to.be.lessThan(800);
    expect(heard).to.deep.equal(upTo(heard.length).map((at) => began + at));
    const back = await connect();
    const { topics: starts } = await back.subscribe("s", [{ topic, pts: began + 300 }]);
    expect(starts[0]).to.include({ is_too_long: false });
    await back.until(() => back.pts(topic).length === 500);
    expect(back.pts(topic)).to.deep.equal(upTo(500).map((at) => began + 300 + at));
    for (const client of [watcher, back]) await client.close();
  });

  it("delay nobody who reads", async () => {
    const chat = await chatOf(owner);
    const topic = `chat:${chat}`;
    const reader = await connect();
    await reader.subscribe("s", [{ topic }]);
    const latencies = async (): Promise<number> => {
      const all: number[] = [];
      for (const count of upTo(40)) {
        const before = reader.pts(topic).length;
        const began = fairNow();
        await done(owner.call("POST", `/v1/chats/${chat}/messages`, { text: `${count}`.padEnd(4_000) }));
        await reader.until(() => reader.pts(topic).length > before);
        all.push(fairNow() - began);
      }
      return all.sort((a, b) => a - b)[36]!;
    };
    await latencies();
    const alone = await latencies();
    const slow = await Promise.all(upTo(20).map(connect));
    for (const client of slow) {
      await client.subscribe("s", [{ topic }]);
      client.pause();
    }
    const beside = await latencies();
    slow.forEach(({ webSocket }) => webSocket.terminate());
    await reader.close();
    expect(beside, `${alone} ms alone`).to.be.lessThan(4 * alone + 40);
  });

  it("are not answered each ping while they do not read", async () => {
    const socket = await RawSocket.open(server.port, owner.token);
    await socket.frame();
    socket.socket.pause();
    const count = 90_000;
    // A thousand of each, so that they are made soon.
    for (let at = 1_000; at <= count; at += 1_000) {
      const ping = frameBytes({ opcode: 9, payload: "x".repeat(119) + `${at}`.padStart(6) });
      if (!socket.socket.write(Buffer.concat(upTo(1_000).map(() => ping))))
        await new Promise((resolve) => setTimeout(resolve, 1));
    }
    while (socket.socket.writableLength > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    socket.socket.resume();
    const pongs: string[] = [];
    while (pongs.at(-1) !== `${count}`) {
      const frame = await socket.frame();
      expect(frame).to.include({ opcode: 10 });
      pongs.push(frame!.payload.toString().slice(119).trim());
    }
    expect(pongs.length).to.be.lessThan(count);
    socket.destroy();
  });

  it("have no more than a bounded number of calls run at once, and each is answered", async () => {
    const socket = await RawSocket.open(server.port, owner.token);
    await socket.frame();
    const call = (id: number): string => JSON.stringify({ call: { id: `${id}`, method: "ListUpdates" } });
    socket.write(Buffer.concat(upTo(1_000).map((id) => frameBytes({ opcode: 1, payload: call(id) }))));
    const ids = new Set<string>();
    while (ids.size < 1_000) {
      const frame = JSON.parse(String((await socket.frame())!.payload)) as { result: { id: string; status: number } };
      expect(frame.result.status).to.equal(200);
      ids.add(frame.result.id);
    }
    socket.destroy();
  });
});
