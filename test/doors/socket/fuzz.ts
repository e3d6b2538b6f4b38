// Sends frames at random to a server of its own, in all three serializations: `tsx test/doors/socket/fuzz.ts --frames 100000 --seed 1`.
// Nothing may crash or be answered with a fault of the server, and what breaks the protocol closes with the code that says so.
import { parseArgs } from "node:util";
import { fileURLToPath } from "node:url";
import { type CodecName, codecs } from "../../../src/contract/codecs/codec.js";
import { type Contract, loadContract } from "../../../src/contract/model/load.js";
import { subprotocols } from "../../../src/doors/socket/frames.js";
import { call } from "../../resilience/person.js";
import { stopDatabases } from "../../support/database.js";
import { seeded } from "../../support/numbers.js";
import { appoint, type TestServer, testServer } from "../../support/server.js";
import { brokenFrame, changedFrame, frameMaker, lastFrame, type Random } from "./mutations.js";
import { RawSocket, type Received } from "./raw-socket.js";

export interface Fuzzed {
  /** How many frames were sent, and in how many sockets. */
  readonly frames: number;
  readonly sockets: number;
  /** How often each close code came, and each status of a result. */
  readonly codes: Readonly<Record<string, number>>;
  readonly statuses: Readonly<Record<string, number>>;
  /** What should not have been. */
  readonly faults: readonly string[];
}

const contract: Contract = loadContract(fileURLToPath(new URL("../../../proto", import.meta.url)));

/** Sends so many frames, the same ones for the same seed. */
export async function fuzz(server: TestServer, frames: number, seed: number): Promise<Fuzzed> {
  const account = await appoint(server.databaseUrl, "ROLE_SUPER_ADMIN");
  const { body } = await call(server.url, "POST", "/v1/auth/login", account);
  const token = body["access_token"] as string;
  const result = { frames: 0, sockets: 0, codes: {}, statuses: {}, faults: [] as string[] };
  const fail = (error: unknown): void => void result.faults.push(`Nobody has caught ${String(error)}`);
  process.on("uncaughtException", fail).on("unhandledRejection", fail);
  try {
    const random = seeded(seed);
    while (result.frames < frames && result.faults.length < 20)
      for (const [protocol, codec] of Object.entries(subprotocols))
        await playOne({ server, token, protocol, codec, random, result });
    const { status } = await call(server.url, "GET", "/v1/auth/me", undefined, token);
    if (status !== 200) result.faults.push(`The server answers ${status} afterwards`);
  } finally {
    process.off("uncaughtException", fail).off("unhandledRejection", fail);
  }
  return result;
}

interface Round {
  readonly server: TestServer;
  readonly token: string;
  readonly protocol: string;
  readonly codec: CodecName;
  readonly random: Random;
  readonly result: {
    frames: number;
    sockets: number;
    codes: Record<string, number>;
    statuses: Record<string, number>;
    faults: string[];
  };
}

/** Some changed frames in one socket; at the end one that breaks the protocol, or a call that must be answered. */
async function playOne({ server, token, protocol, codec, random, result }: Round): Promise<void> {
  const socket = await RawSocket.open(server.port, token, protocol);
  const make = frameMaker(contract, codec, random);
  const sent: Buffer[] = [];
  const count = (of: Record<string, number>, name: unknown): void =>
    void (of[String(name)] = (of[String(name)] ?? 0) + 1);
  const fail = (what: string): void => {
    const frames = sent.map((bytes) => bytes.toString("base64").slice(0, 2_000));
    result.faults.push(`${protocol}: ${what}\n  after ${frames.join("\n        ")}`);
  };
  result.sockets += 1;
  for (let left = 1 + random(12); left > 0; left--) sent.push(changedFrame(make(), codec === "protobuf", random).bytes);
  const isBroken = random(2) === 0;
  const last = isBroken ? brokenFrame(make(), codec === "protobuf", random) : undefined;
  const lastCall = { opcode: codec === "protobuf" ? 2 : 1, payload: lastFrame(contract.root, codec, "last") };
  if (last) sent.push(last.bytes);
  result.frames += sent.length;
  for (const bytes of sent) socket.write(bytes);
  if (!last) socket.send(lastCall);
  try {
    for (;;) {
      const frame = await socket.frame();
      if (!frame) return fail("the connection ended without a close");
      if (frame.opcode === 8) {
        const code = frame.payload.readUInt16BE(0);
        count(result.codes, code);
        // Text that is no UTF-8, and ten frames that cannot be read, close before the last one.
        if (code !== 1007 && code !== last?.code)
          fail(`closed with ${code} in place of ${last?.code ?? "staying open"}`);
        return;
      }
      const told = read(frame, codec);
      if (!told) continue;
      const { result: of, refused } = told;
      const status = of?.problem?.status ?? of?.status ?? refused?.problem.status;
      if (status !== undefined) count(result.statuses, status);
      if (status !== undefined && status >= 500) fail(`answered with ${JSON.stringify(told)}`);
      if (!last && of?.id === "last") return;
    }
  } catch (error) {
    fail(String(error));
  } finally {
    socket.destroy();
  }
}

interface Told {
  readonly result?: { readonly id: string; readonly status: number; readonly problem?: { readonly status: number } };
  readonly refused?: { readonly problem: { readonly status: number } };
}

function read({ opcode, payload }: Received, codec: CodecName): Told | undefined {
  if (opcode > 2) return undefined;
  return codecs[codec].reader(contract.root.lookupType("lyceum.v1.ServerFrame"))(payload) as Told;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({
    options: {
      frames: { type: "string", default: "100000" },
      seed: { type: "string", default: `${Date.now() % 1_000_000}` },
    },
  });
  const server = await testServer();
  const { faults, ...counts } = await fuzz(server, Number(values.frames), Number(values.seed));
  console.log(JSON.stringify({ seed: Number(values.seed), ...counts }));
  for (const fault of faults) console.error(fault);
  await server.close();
  await stopDatabases();
  process.exit(faults.length > 0 ? 1 : 0);
}
