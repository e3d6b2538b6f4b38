// A socket whose caller may not stay any more: calls that run are answered before it is closed. Over real connections.
import { once } from "node:events";
import type { AddressInfo, Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { WebSocket, WebSocketServer } from "ws";
import { loadContract } from "../../../src/contract/model/load.js";
import { anonymous } from "../../../src/call.js";
import { closeCodes } from "../../../src/doors/socket/close-codes.js";
import { framesOf } from "../../../src/doors/socket/frames.js";
import { LiveSocket, type SocketDeps } from "../../../src/doors/socket/live-socket.js";
import { ApiError } from "../../../src/errors.js";
import type { Hub } from "../../../src/realtime/hub.js";

describe("a socket whose caller may not stay", () => {
  const contract = loadContract(fileURLToPath(new URL("../../../proto", import.meta.url)));
  const frames = framesOf(contract).get("lyceum.v1.json")!;
  let server: WebSocketServer;
  let client: WebSocket;
  let live: LiveSocket;
  let heard: string[];
  let answer: () => void;

  before(async () => {
    server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
    await once(server, "listening");
  });
  after(() => server.close());
  afterEach(() => client.terminate());
  beforeEach(async () => {
    client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const opened = once(client, "open");
    heard = [];
    client.on("message", (data: Buffer) => heard.push(Object.keys(JSON.parse(String(data)) as object).join()));
    client.on("close", (code) => heard.push(String(code)));
    const [webSocket, { socket }] = (await once(server, "connection")) as [WebSocket, { socket: Socket }];
    const answered = new Promise<void>((resolve) => (answer = resolve));
    const deps: SocketDeps = {
      contract,
      hub: { leave: () => undefined } as unknown as Hub,
      presence: undefined,
      typing: undefined,
      runCall: async (_scope, _caller, { id }) => {
        await answered;
        return { id, status: 204, location: "", etag: "", is_replayed: false };
      },
      admitFrame: () => true,
      explain: (error) => (error instanceof ApiError ? error : new ApiError("INTERNAL", "Broken")),
      onClosed: () => undefined,
    };
    const scope = { ip: "127.0.0.1", headers: {}, socket, codec: "json", requireLive: () => undefined } as const;
    live = new LiveSocket({ webSocket, scope, caller: anonymous, frames }, deps);
    await opened;
    client.send('{"call":{"id":"1","method":"DeleteMe"}}');
    await once(webSocket, "message");
  });
  const untilClosed = async (): Promise<void> => {
    if (client.readyState !== WebSocket.CLOSED) await once(client, "close");
  };

  it("is closed after the call that has ended the session is answered, and takes and tells nothing else", async () => {
    live.close(closeCodes.unauthenticated, "the session has ended");
    live.started("2", [], []);
    client.send('{"ping":{}}');
    answer();
    await untilClosed();
    expect(heard).to.deep.equal(["welcome", "result", "4401"]);
  });

  it("is closed at once for another reason", async () => {
    live.close(closeCodes.resume, "read faster");
    answer();
    await untilClosed();
    expect(heard).to.deep.equal(["welcome", "4000"]);
  });
});
