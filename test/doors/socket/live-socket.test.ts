// One open socket whose client does not read, over a real connection: what is held of a topic that ends is not sent.
import { once } from "node:events";
import type { AddressInfo, Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { WebSocket, WebSocketServer } from "ws";
import { loadContract } from "../../../src/contract/model/load.js";
import { framesOf } from "../../../src/doors/socket/frames.js";
import { LiveSocket } from "../../../src/doors/socket/live-socket.js";
import { ApiError } from "../../../src/errors.js";
import type { ServerFrame } from "../../../src/gen/lyceum/v1/realtime.js";
import type { Hub } from "../../../src/realtime/hub.js";
import { batchesOf } from "../../../src/realtime/topic-batch.js";
import { upTo } from "../../support/numbers.js";

describe("an open socket", () => {
  let server: WebSocketServer;
  let reader: WebSocket;
  let socket: Socket;
  let live: LiveSocket;
  let heard: ServerFrame[];

  before(async () => {
    server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
    await once(server, "listening");
  });
  beforeEach(async () => {
    const contract = loadContract(fileURLToPath(new URL("../../../proto", import.meta.url)));
    reader = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const [webSocket, { socket: connection }] = (await once(server, "connection")) as [WebSocket, { socket: Socket }];
    [socket, heard] = [connection, []];
    reader.on("message", (data) => heard.push(JSON.parse(String(data)) as ServerFrame));
    live = new LiveSocket(
      {
        webSocket,
        caller: { id: 1, role: "ROLE_STUDENT", sessionId: "", means: "bearer" },
        frames: framesOf(contract).get("lyceum.v1.json")!,
        scope: { ip: "127.0.0.1", headers: {}, socket, codec: "json", requireLive: () => undefined },
      },
      {
        contract,
        // Nobody subscribes here: what is told comes from the test.
        hub: {} as Hub,
        presence: undefined,
        typing: undefined,
        runCall: async () => undefined,
        admitFrame: () => true,
        explain: (error) => error as ApiError,
        onClosed: () => undefined,
      },
    );
    await once(reader, "open");
  });
  afterEach(() => reader.terminate());
  after(() => server.close());

  /** Tells one update. */
  function tell(topic: string, pts: number, length = 1): void {
    const update = {
      id: pts,
      topic,
      pts,
      kind: "x".repeat(length),
      subject_id: 1,
      happened_at: "2026-01-01T00:00:00Z",
      message: undefined,
    };
    for (const batch of batchesOf({ whole: [update], withoutMessages: [update] })) live.updates(batch);
  }
  async function fill(): Promise<number> {
    reader.pause();
    let pts = 0;
    for (let rest = 0; rest < 5; rest = socket.writableNeedDrain ? rest + 1 : 0) {
      while (!socket.writableNeedDrain) tell("chat:2", ++pts, 60_000);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    return pts;
  }
  const ptsOf = (topic: string): number[] =>
    heard.flatMap(({ updates }) => updates?.updates ?? []).flatMap((each) => (each.topic === topic ? [each.pts] : []));

  it("sends nothing of a topic that has ended, and all of the others", async () => {
    const filled = await fill();
    for (const pts of upTo(100)) tell(pts % 2 === 0 ? "chat:1" : "chat:3", pts);
    live.ended(["chat:1"]);
    tell("chat:3", 101);
    reader.resume();
    while (ptsOf("chat:3").at(-1) !== 101) await once(reader, "message");
    expect(ptsOf("chat:1")).to.deep.equal([]);
    expect(ptsOf("chat:2")).to.deep.equal(upTo(filled));
    expect(ptsOf("chat:3")).to.deep.equal(upTo(101).filter((pts) => pts % 2 === 1));
    expect(heard.filter(({ topics_ended }) => topics_ended)).to.deep.equal([{ topics_ended: { topics: ["chat:1"] } }]);
  });

  it("is closed with 4000 when more is held than may be, and nothing of it is sent", async () => {
    const filled = await fill();
    for (let pts = 1; !live.isOver; pts++) {
      tell("chat:1", pts);
      expect(pts).to.be.at.most(513);
    }
    reader.resume();
    const [code] = (await once(reader, "close")) as [number];
    expect(code).to.equal(4000);
    expect(ptsOf("chat:1")).to.deep.equal([]);
    expect(ptsOf("chat:2")).to.deep.equal(upTo(filled));
  });
});
