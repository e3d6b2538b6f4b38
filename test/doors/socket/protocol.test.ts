// The protocol of web sockets at the real endpoint: what is right is answered, what is wrong closes with the code that says why.
import { expect } from "chai";
import type { ServerFrame } from "../../../src/gen/lyceum/v1/realtime.js";
import { newPerson, type Person } from "../../resilience/person.js";
import { testServer, type TestServer } from "../../support/server.js";
import { frameLimit, type ProtocolCase, protocolCases } from "./protocol-cases.js";
import { RawSocket, type Received } from "./raw-socket.js";

/** The id of the call that follows each case: what comes until its result has come of the case. */
const lastId = "the last";

describe("the protocol of web sockets", () => {
  let server: TestServer;
  let person: Person;

  before(async () => {
    server = await testServer({ BODY_LIMIT: `${frameLimit}` });
    person = await newPerson(() => server.url);
  });
  after(() => server.close());

  const textOf = ({ payload }: Received): ServerFrame => JSON.parse(payload.toString()) as ServerFrame;

  async function play({
    parts,
    code,
    ids = [],
  }: ProtocolCase): Promise<{ frames: readonly Received[]; code: number | undefined }> {
    const socket = await RawSocket.open(server.port, person.token);
    try {
      for (const part of parts) {
        socket.write(part);
        if (parts.length > 1) await new Promise(setImmediate);
      }
      if (code !== undefined) return await socket.untilClosed();
      const frames: Received[] = [];
      const after = (id: string): void =>
        socket.send({ opcode: 1, payload: JSON.stringify({ call: { id, method: "GetMe" } }) });
      after(lastId);
      // The results of calls come in any order, each from the database.
      const due = new Set(ids);
      for (let asked = 0; ;) {
        const frame = await socket.frame();
        if (!frame || frame.opcode === 8) return { frames, code: frame?.payload.readUInt16BE(0) ?? 0 };
        frames.push(frame);
        const id = frame.opcode === 1 ? textOf(frame).result?.id : undefined;
        if (id !== undefined) due.delete(id);
        const isComplete = asked >= (due.size > 0 ? 1_000 : 3);
        if (id?.startsWith(lastId) && !isComplete) after(`${lastId} ${(asked += 1)}`);
        else if (id?.startsWith(lastId)) return { frames, code: undefined };
      }
    } finally {
      socket.destroy();
    }
  }

  for (const section of new Set(protocolCases.map((each) => each.section))) {
    it(`is kept: ${section}`, async () => {
      const cases = protocolCases.filter((each) => each.section === section);
      for (let from = 0; from < cases.length; from += 20) await Promise.all(cases.slice(from, from + 20).map(check));
    });
  }

  async function check(played: ProtocolCase): Promise<void> {
    const { frames, code } = await play(played);
    const what = `${played.section}: ${played.name}`;
    expect(code, what).to.equal(played.code);
    expect(
      frames.every(({ isFinal, reserved }) => isFinal && reserved === 0),
      what,
    ).to.equal(true);
    const pongs = frames.filter(({ opcode }) => opcode === 10).map(({ payload }) => payload.toString("hex"));
    expect(pongs, what).to.deep.equal((played.pongs ?? []).map((payload) => payload.toString("hex")));
    const texts = frames.filter(({ opcode }) => opcode === 1).map(textOf);
    expect(
      texts.every(({ refused }) => !refused),
      what,
    ).to.equal(true);
    expect(
      texts.filter(({ heartbeat }) => heartbeat),
      what,
    ).to.have.length(played.heartbeats ?? 0);
    if (played.code !== undefined) return;
    const ids = texts.flatMap(({ result }) => (result && !result.id.startsWith(lastId) ? [result.id] : []));
    expect(ids.sort(), what).to.deep.equal([...(played.ids ?? [])].sort());
  }

  it("closes text in a socket of bytes, and after ten frames that cannot be read", async () => {
    const ofBytes = await RawSocket.open(server.port, person.token, "lyceum.v1.protobuf");
    ofBytes.send({ opcode: 1, payload: "{}" });
    expect((await ofBytes.untilClosed()).code).to.equal(1003);
    const socket = await RawSocket.open(server.port, person.token);
    for (let count = 0; count < 12; count++) socket.send({ opcode: 1, payload: "{" });
    const { frames, code } = await socket.untilClosed();
    expect(code).to.equal(1007);
    const refusals = frames.map(textOf).filter(({ refused }) => refused);
    expect(refusals).to.have.length(10);
    expect(new Set(refusals.map(({ refused }) => refused!.problem.reason))).to.deep.equal(
      new Set(["MALFORMED_REQUEST"]),
    );
    await socket.untilEnded();
  });

  it("ends the connection of who answers no close", async () => {
    const socket = await RawSocket.open(server.port, person.token);
    socket.send({ opcode: 3 });
    expect((await socket.untilClosed()).code).to.equal(1002);
    await socket.untilEnded();
    socket.destroy();
  });
});
