// What is held for a reader who does not read: within bounds, in order, and taken back when it may not be sent any more. Over real connections.
import { once } from "node:events";
import type { AddressInfo, Socket } from "node:net";
import { expect } from "chai";
import { WebSocket, WebSocketServer } from "ws";
import { framed } from "../../../src/doors/socket/frames.js";
import { Outbox } from "../../../src/doors/socket/outbox.js";
import { upTo } from "../../support/numbers.js";

describe("the outbox of a socket", () => {
  let server: WebSocketServer;
  let reader: WebSocket;
  let writer: WebSocket;
  let socket: Socket;
  let outbox: Outbox;
  let overflows: number;
  let heard: string[];
  let pongs: string[];

  before(async () => {
    server = new WebSocketServer({ port: 0, host: "127.0.0.1", autoPong: false });
    await once(server, "listening");
  });
  beforeEach(async () => {
    reader = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const [ofServer, { socket: connection }] = (await once(server, "connection")) as [WebSocket, { socket: Socket }];
    [writer, socket, overflows, heard, pongs] = [ofServer, connection, 0, [], []];
    outbox = new Outbox(writer, socket, () => overflows++);
    reader.on("message", (data: Buffer) => heard.push(data.subarray(0, 20).toString().trim()));
    reader.on("pong", (data) => pongs.push(String(data)));
    await once(reader, "open");
  });
  afterEach(() => reader.terminate());
  after(() => server.close());

  const frame = (name: string, length = 20): Buffer => framed(Buffer.from(name.padEnd(length)), false);
  /** Sends until the network takes nothing any more; returns what was sent. */
  async function fill(): Promise<string[]> {
    reader.pause();
    const names: string[] = [];
    for (let rest = 0; rest < 5; rest = outbox.isFull ? rest + 1 : 0) {
      while (!outbox.isFull) {
        names.push(`fill ${names.length}`);
        outbox.send(frame(names.at(-1)!, 64 * 1024));
      }
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    return names;
  }
  const untilHeard = async (count: number): Promise<void> => {
    while (heard.length < count) await once(reader, "message");
  };

  it("sends at once while the network takes it", async () => {
    for (const name of ["a", "b", "c"]) outbox.send(frame(name), "topic");
    expect(outbox.isFull).to.equal(false);
    await untilHeard(3);
    expect(heard).to.deep.equal(["a", "b", "c"]);
  });

  it("holds what the network does not take, and sends it in order as soon as that does", async () => {
    const filled = await fill();
    for (const count of upTo(300)) outbox.send(frame(`held ${count}`), "topic");
    let isEmpty = false;
    const empty = outbox.untilEmpty().then(() => (isEmpty = true));
    expect(isEmpty).to.equal(false);
    reader.resume();
    await empty;
    outbox.send(frame("last"));
    await untilHeard(filled.length + 301);
    expect(heard).to.deep.equal([...filled, ...upTo(300).map((count) => `held ${count}`), "last"]);
    expect(overflows).to.equal(0);
    await outbox.untilEmpty();
  });

  it("takes back what it holds about a topic, and that alone", async () => {
    const filled = await fill();
    for (const count of upTo(100))
      outbox.send(frame(`held ${count}`), count % 3 === 0 ? "chat:1" : count % 3 === 1 ? "chat:2" : undefined);
    outbox.drop("chat:1");
    outbox.drop("chat:3");
    outbox.send(frame("ended"));
    reader.resume();
    const kept = upTo(100).filter((count) => count % 3 !== 0);
    await untilHeard(filled.length + kept.length + 1);
    expect(heard).to.deep.equal([...filled, ...kept.map((count) => `held ${count}`), "ended"]);
  });

  it("is empty when all that it held was taken back", async () => {
    const filled = await fill();
    outbox.send(frame("gone", 500_000), "chat:1");
    outbox.drop("chat:1");
    for (const count of upTo(3)) outbox.send(frame(`big ${count}`, 100_000));
    expect(overflows).to.equal(0);
    reader.resume();
    await outbox.untilEmpty();
    await untilHeard(filled.length + 3);
    expect(heard.slice(filled.length)).to.deep.equal(["big 1", "big 2", "big 3"]);
  });

  for (const [what, count, length] of [
    ["513 frames", 513, 20],
    ["a mebibyte", 17, 64 * 1024],
  ] as const) {
    it(`overflows with more than ${what}, says so once, and holds nothing then`, async () => {
      const filled = await fill();
      let sent = 0;
      while (overflows === 0) {
        outbox.send(frame(`held ${++sent}`, length));
        expect(sent).to.be.at.most(count);
      }
      if (length === 20) expect(sent).to.equal(513);
      else expect(socket.writableLength + (sent - 1) * length).to.be.at.most(1024 * 1024);
      expect(overflows).to.equal(1);
      await Promise.race([outbox.untilEmpty(), new Promise(setImmediate)]);
      reader.resume();
      await outbox.untilEmpty();
      outbox.send(frame("after"));
      await untilHeard(filled.length + 1);
      expect(heard.at(-1)).to.equal("after");
    });
  }

  it("wakes who waits when all is taken back", async () => {
    await fill();
    outbox.send(frame("held"));
    const empty = outbox.untilEmpty();
    outbox.clear();
    await empty;
  });

  it("answers a ping at once, and of those that came while it could not the last alone", async () => {
    outbox.pong(Buffer.from("at once"));
    while (pongs.length < 1) await once(reader, "pong");
    await fill();
    for (const count of upTo(1_000)) outbox.pong(Buffer.from(`${count}`));
    expect(socket.writableLength).to.be.at.most(1024 * 1024);
    reader.resume();
    while (pongs.length < 2) await once(reader, "pong");
    outbox.pong(Buffer.from("again"));
    while (pongs.length < 3) await once(reader, "pong");
    expect(pongs).to.deep.equal(["at once", "1000", "again"]);
  });
});
