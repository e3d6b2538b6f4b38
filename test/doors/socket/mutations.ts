// Frames for the fuzz of sockets: valid ones of the contract, with random requests, and what becomes of them at random.
import { Enum, type Root, Type } from "protobufjs";
import { type CodecName, codecs, defaults } from "../../../src/contract/codecs/codec.js";
import { isCallable } from "../../../src/contract/call-method.js";
import type { Contract } from "../../../src/contract/model/load.js";
import { closePayload, frameBytes, type RawFrame } from "./raw-socket.js";

export type Random = (bound: number) => number;

/** Those that end the session with which they are called, or wait. */
const passedOver =
  /^(?:Logout|Revoke.*|DeleteMe|ChangePassword|DeleteUser|SuspendUser|UpdateUser|UpdateMe|ListUpdates|.*Password.*|.*SecondFactor.*|.*Email.*)$/;

const strings = [
  "",
  "x",
  "school",
  "chat:1",
  "user:1",
  "group:1",
  "GetMe",
  "0",
  "\u0000",
  "ё\u202e",
  "x".repeat(300),
  "2026-01-01T00:00:00Z",
];
const numbers = [0, 1, 2, 3, -1, 25, 500, 2_147_483_647, -2_147_483_648, Number.MAX_SAFE_INTEGER];

/** Makes random frames of one serialization, as bytes. */
export function frameMaker({ root, methods }: Contract, codec: CodecName, random: Random): () => Buffer {
  const frame = root.lookupType("lyceum.v1.ClientFrame");
  const write = codecs[codec].writer(frame);
  const callable = methods.filter((method) => isCallable(method) && !passedOver.test(method.name));
  const any = (plain: object, type: Type): object => ({
    "@type": `type.googleapis.com${type.fullName.replace(".", "/")}`,
    ...plain,
  });
  const call = (): object => {
    const method = callable[random(callable.length)]!;
    const type = random(20) === 0 ? callable[random(callable.length)]!.request : method.request;
    const asked = { id: `${random(1_000)}`, method: method.name, request: any(messageOf(type, random, 3), type) };
    return {
      call: {
        ...asked,
        ...(random(3) === 0 && { idempotency_key: `key ${random(50)}` }),
        ...(random(3) === 0 && { if_match: `"${random(3)}.call"` }),
      },
    };
  };
  const topic = (): object => ({
    topic: strings[random(6)]!,
    ...(random(2) === 0 && { pts: numbers[random(numbers.length)]! }),
  });
  const makers = [
    call,
    call,
    call,
    () => ({ subscribe: { id: strings[random(strings.length)]!, topics: Array.from({ length: random(5) }, topic) } }),
    () => ({ unsubscribe: { topics: [strings[2 + random(4)]!] } }),
    () => ({ typing: { chat_id: random(4) } }),
    () => ({ watch_presence: { user_ids: [random(4)] } }),
    () => ({ ping: {} }),
  ];
  return () => {
    try {
      return write(makers[random(makers.length)]!());
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      // Values were drawn that their type does not have.
      return write({ ping: {} });
    }
  };
}

/** A message with random values in some of its fields. */
function messageOf(type: Type, random: Random, depth: number): object {
  const message: Record<string, unknown> = { ...defaults(type) };
  const isOneof = new Set<string>();
  for (const field of type.fieldsArray) {
    if (random(3) === 0) continue;
    if (field.partOf && !field.options?.["proto3_optional"]) {
      if (isOneof.has(field.partOf.name)) continue;
      isOneof.add(field.partOf.name);
    }
    const of = field.resolve().resolvedType;
    const value = (): unknown => {
      if (of instanceof Enum) return Object.keys(of.values)[random(Object.keys(of.values).length)];
      if (of instanceof Type) {
        if (of.fullName.startsWith(".google.protobuf"))
          return of.name === "Timestamp" ? "2026-01-01T00:00:00Z" : undefined;
        return depth > 0 ? messageOf(of, random, depth - 1) : undefined;
      }
      if (field.type === "string") return strings[random(strings.length)];
      if (field.type === "bool") return random(2) === 0;
      if (field.type === "bytes") return Buffer.from("AAAA").toString("base64");
      return numbers[random(4)];
    };
    const drawn = field.repeated
      ? Array.from({ length: random(3) }, value).filter((each) => each !== undefined)
      : value();
    if (drawn !== undefined && !field.map) message[field.name] = drawn;
  }
  return message;
}

/** A frame, and the code with which the server may or must close after it. */
export interface Mutated {
  readonly bytes: Buffer;
  /** It must close, with this code; undefined where it may stay open. */
  readonly code?: number;
}

/** What becomes of the bytes of a message. */
const ofBytes: readonly ((data: Buffer, random: Random) => Buffer)[] = [
  (data, random) => {
    const changed = Buffer.from(data);
    for (let count = random(8); count >= 0 && changed.length > 0; count--)
      changed[random(changed.length)]! ^= 1 << random(8);
    return changed;
  },
  (data, random) => data.subarray(0, random(data.length + 1)),
  (data, random) => Buffer.concat([data.subarray(0, random(data.length + 1)), data]),
  (data, random) => {
    const at = random(data.length + 1);
    const added = Buffer.from(Array.from({ length: 1 + random(20) }, () => random(256)));
    return Buffer.concat([data.subarray(0, at), added, data.subarray(at)]);
  },
  (data, random) => {
    const [open, end] = [
      ['{"subscribe":', "}"],
      ["[", "]"],
      ['{"call":{"request":', "}}"],
      ["\x1a\xff\x01", ""],
    ][random(4)]!;
    const depth = [2, 50, 500, 5_000][random(4)]!;
    return Buffer.concat([Buffer.from(open!.repeat(depth), "latin1"), data, Buffer.from(end!.repeat(depth))]);
  },
  (data, random) =>
    replaced(data, /\d+/g, ["1e999", "99999999999999999999", "-0", "1.5", "9007199254740993", '"7"'], random),
  (data, random) =>
    replaced(
      data,
      /"[^"]*"|\d+|true|\[\]/g,
      ["null", "true", "[]", "{}", '"x"', "-1", '"\\ud800"', '"\\u0000"'],
      random,
    ),
  (_data, random) => Buffer.from(Array.from({ length: random(200) }, () => random(256))),
  (data, random) => Buffer.concat([data.subarray(0, random(data.length + 1)), Buffer.alloc(10, 255), data]),
];

function replaced(data: Buffer, what: RegExp, by: readonly string[], random: Random): Buffer {
  const text = data.toString("latin1");
  const found = [...text.matchAll(what)];
  if (found.length === 0) return data;
  const { index, 0: whole } = found[random(found.length)]!;
  return Buffer.from(text.slice(0, index) + by[random(by.length)]! + text.slice(index + whole.length), "latin1");
}

/** Frames that break the protocol, each with the code that says so. */
const broken: readonly ((frame: RawFrame, random: Random) => Mutated)[] = [
  (frame, random) => ({ bytes: frameBytes({ ...frame, reserved: 1 + random(7) }), code: 1002 }),
  (frame) => ({ bytes: frameBytes({ ...frame, isMasked: false }), code: 1002 }),
  (frame, random) => ({ bytes: frameBytes({ ...frame, opcode: [3, 7, 11, 15][random(4)]! }), code: 1002 }),
  (frame) => ({ bytes: frameBytes({ ...frame, opcode: 0 }), code: 1002 }),
  (frame) => ({ bytes: frameBytes({ ...frame, opcode: 3 - frame.opcode, payload: "{}" }), code: 1003 }),
  (_frame, random) => ({
    bytes: frameBytes({ opcode: 8 + random(3), payload: Buffer.alloc(126 + random(1_000)) }),
    code: 1002,
  }),
  (frame, random) => ({
    bytes: frameBytes({ ...frame, length: [2 ** 20, 2 ** 32, 2n ** 63n][random(3)]! }),
    code: 1009,
  }),
  (_frame, random) => ({
    bytes: frameBytes({ opcode: 8, payload: closePayload([1005, 1016, 2_999][random(3)]!) }),
    code: 1002,
  }),
  (_frame, random) => {
    const code = [1000, 1001, 3_000, 4_999][random(4)]!;
    return { bytes: frameBytes({ opcode: 8, payload: closePayload(code) }), code };
  },
  () => ({ bytes: frameBytes({ opcode: 1, payload: Buffer.from([0xc3, 0x28]) }), code: 1007 }),
];

/** A frame whose message is changed at random: whole or in fragments, with control frames in between. */
export function changedFrame(data: Buffer, isBinary: boolean, random: Random): Mutated {
  const changed = random(3) === 0 ? data : ofBytes[random(ofBytes.length)]!(data, random);
  // Text that is no UTF-8 ends the socket, so there is little of it.
  const payload = isBinary || random(12) === 0 ? changed : Buffer.from(changed.toString("utf8"));
  const opcode = isBinary ? 2 : 1;
  if (random(3) > 0) return { bytes: frameBytes({ opcode, payload }) };
  const frames: RawFrame[] = [];
  for (let from = 0, left = random(4); ; left--) {
    const to = left === 0 ? payload.length : from + random(payload.length - from + 1);
    frames.push({
      opcode: from === 0 && frames.length === 0 ? opcode : 0,
      payload: payload.subarray(from, to),
      isFinal: left === 0,
    });
    if (left === 0) break;
    if (random(2) === 0) frames.push({ opcode: 9 + random(2), payload: Buffer.alloc(random(126), 120) });
    from = to;
  }
  return { bytes: Buffer.concat(frames.map(frameBytes)) };
}

/** A frame that breaks the protocol. */
export function brokenFrame(data: Buffer, isBinary: boolean, random: Random): Mutated {
  return broken[random(broken.length)]!({ opcode: isBinary ? 2 : 1, payload: data }, random);
}

/** What a client sends last, to see whether the server still answers. */
export function lastFrame(root: Root, codec: CodecName, id: string): Buffer {
  return codecs[codec].writer(root.lookupType("lyceum.v1.ClientFrame"))({ call: { id, method: "GetMe" } });
}
