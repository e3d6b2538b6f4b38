// What a server of web sockets must take and refuse (RFC 6455), as the sections of the Autobahn test suite have it: framing, pings, reserved
// bits, opcodes, fragmentation, UTF-8, closing, limits. Each case is sent to a socket of lyceum.v1.json.
import { closePayload, frameBytes, type RawFrame } from "./raw-socket.js";

export interface ProtocolCase {
  readonly section: string;
  readonly name: string;
  /** What is sent, each part by itself. */
  readonly parts: readonly Buffer[];
  /** The payloads of the pongs, in order. */
  readonly pongs?: readonly Buffer[];
  /** The ids of the results of calls, in any order. */
  readonly ids?: readonly string[];
  /** How many heartbeats come. */
  readonly heartbeats?: number;
  /** The code with which the server closes; it stays open without one. */
  readonly code?: number;
}

const text = 1;
const bytes = 2;
const close = 8;
const ping = 9;
const pong = 10;

const sent = (...frames: readonly RawFrame[]): Buffer[] => frames.map(frameBytes);
const octets = (frame: RawFrame): Buffer[] => Array.from(frameBytes(frame), (byte) => Buffer.from([byte]));
const callOf = (id: string): string => JSON.stringify({ call: { id, method: "GetMe" } });
/** A frame that asks for a heartbeat, so many bytes long. */
const pingFrame = (length: number): string => `{"ping":{}}`.padEnd(length);

/** Data in frames: the first with the opcode, the others continue it. */
function fragments(opcode: number, payloads: readonly (Buffer | string)[]): RawFrame[] {
  return payloads.map((payload, at) => ({
    opcode: at === 0 ? opcode : 0,
    payload,
    isFinal: at === payloads.length - 1,
  }));
}

/** The largest frame, in bytes, as the tests set it. */
export const frameLimit = 128 * 1024;

const framing: ProtocolCase[] = [11, 125, 126, 127, 128, 65_535, 65_536, frameLimit].map((length) => ({
  section: "framing",
  name: `text of ${length} bytes`,
  parts: sent({ opcode: text, payload: pingFrame(length) }),
  heartbeats: 1,
}));
framing.push(
  {
    section: "framing",
    name: "octet by octet",
    parts: octets({ opcode: text, payload: pingFrame(300) }),
    heartbeats: 1,
  },
  {
    section: "framing",
    name: "without a mask",
    parts: sent({ opcode: text, payload: "{}", isMasked: false }),
    code: 1002,
  },
  { section: "framing", name: "bytes in a socket of text", parts: sent({ opcode: bytes, payload: "{}" }), code: 1003 },
  {
    section: "framing",
    name: "many in one piece",
    parts: [
      Buffer.concat(Array.from({ length: 100 }, (_, at) => frameBytes({ opcode: text, payload: callOf(`${at}`) }))),
    ],
    ids: Array.from({ length: 100 }, (_, at) => `${at}`),
  },
);

const limits: ProtocolCase[] = [
  {
    section: "limits",
    name: "one byte more",
    parts: sent({ opcode: text, payload: pingFrame(frameLimit + 1) }),
    code: 1009,
  },
  {
    section: "limits",
    name: "one byte more in fragments",
    parts: sent(...fragments(text, [pingFrame(frameLimit), " "])),
    code: 1009,
  },
  { section: "limits", name: "a length of four gigabytes", parts: sent({ opcode: text, length: 2 ** 32 }), code: 1009 },
  { section: "limits", name: "a length beyond 2^53", parts: sent({ opcode: text, length: 2n ** 62n }), code: 1009 },
  {
    section: "limits",
    name: "a length with its highest bit",
    parts: sent({ opcode: text, length: 2n ** 64n - 1n }),
    code: 1009,
  },
];

const pings: ProtocolCase[] = ["", "Hello", Buffer.from([0, 255, 254, 253]), Buffer.alloc(125, 254)].flatMap(
  (payload) => [
    {
      section: "pings",
      name: `ping of ${payload.length}`,
      parts: sent({ opcode: ping, payload }),
      pongs: [Buffer.from(payload as string)],
    },
    {
      section: "pings",
      name: `ping of ${payload.length} in octets`,
      parts: octets({ opcode: ping, payload }),
      pongs: [Buffer.from(payload as string)],
    },
    { section: "pings", name: `pong of ${payload.length}`, parts: sent({ opcode: pong, payload }) },
  ],
);
pings.push(
  {
    section: "pings",
    name: "a ping of 126 bytes",
    parts: sent({ opcode: ping, payload: Buffer.alloc(126) }),
    code: 1002,
  },
  {
    section: "pings",
    name: "a pong of 126 bytes",
    parts: sent({ opcode: pong, payload: Buffer.alloc(126) }),
    code: 1002,
  },
  {
    section: "pings",
    name: "ten pings",
    parts: [Buffer.concat(Array.from({ length: 10 }, (_, at) => frameBytes({ opcode: ping, payload: `${at}` })))],
    pongs: Array.from({ length: 10 }, (_, at) => Buffer.from(`${at}`)),
  },
);

const reserved: ProtocolCase[] = [1, 2, 3, 4, 5, 6, 7].flatMap((bits) =>
  [text, bytes, close, ping, pong].map((opcode) => ({
    section: "reserved bits",
    name: `${bits} in opcode ${opcode}`,
    parts: sent({ opcode: text, payload: callOf("before") }, { opcode, payload: "", reserved: bits }),
    code: 1002,
  })),
);

const opcodes: ProtocolCase[] = [3, 4, 5, 6, 7, 11, 12, 13, 14, 15].flatMap((opcode) =>
  ["", "payload"].map((payload) => ({
    section: "opcodes",
    name: `${opcode} with ${payload.length} bytes`,
    parts: sent({ opcode, payload }),
    code: 1002,
  })),
);

const [whole] = [callOf("κόσμε")];
const fragmentation: ProtocolCase[] = [
  {
    section: "fragments",
    name: "two",
    parts: sent(...fragments(text, [whole.slice(0, 9), whole.slice(9)])),
    ids: ["κόσμε"],
  },
  {
    section: "fragments",
    name: "an empty one at each end",
    parts: sent(...fragments(text, ["", whole, ""])),
    ids: ["κόσμε"],
  },
  {
    section: "fragments",
    name: "each octet, within a character too",
    parts: [
      Buffer.concat(
        fragments(
          text,
          Array.from(Buffer.from(whole), (byte) => Buffer.from([byte])),
        ).map(frameBytes),
      ),
    ],
    ids: ["κόσμε"],
  },
  {
    section: "fragments",
    name: "pings in between",
    parts: sent(
      { opcode: text, payload: whole.slice(0, 9), isFinal: false },
      { opcode: ping, payload: "1" },
      { opcode: 0, payload: whole.slice(9, 20), isFinal: false },
      { opcode: ping, payload: "2" },
      { opcode: 0, payload: whole.slice(20) },
    ),
    pongs: [Buffer.from("1"), Buffer.from("2")],
    ids: ["κόσμε"],
  },
  { section: "fragments", name: "a ping in two", parts: sent(...fragments(ping, ["a", "b"])), code: 1002 },
  { section: "fragments", name: "a pong in two", parts: sent(...fragments(pong, ["a", "b"])), code: 1002 },
  { section: "fragments", name: "a close in two", parts: sent(...fragments(close, ["", ""])), code: 1002 },
  { section: "fragments", name: "the end of nothing", parts: sent({ opcode: 0, payload: "x" }), code: 1002 },
  {
    section: "fragments",
    name: "the middle of nothing",
    parts: sent({ opcode: 0, payload: "x", isFinal: false }),
    code: 1002,
  },
  {
    section: "fragments",
    name: "another text within",
    parts: sent({ opcode: text, payload: "{", isFinal: false }, { opcode: text, payload: whole }),
    code: 1002,
  },
  {
    section: "fragments",
    name: "a close within",
    parts: sent({ opcode: text, payload: "{", isFinal: false }, { opcode: close, payload: closePayload(1000) }),
    code: 1000,
  },
];

/** What is no UTF-8: a lone continuation, a lost one, overlong, surrogates, beyond U+10FFFF, bytes that never are. */
const wrongTexts = [
  "80",
  "bf",
  "c0af",
  "c1bf",
  "c3",
  "c328",
  "e08080",
  "e282",
  "e28228",
  "eda080",
  "edbfbf",
  "f0808080",
  "f09f98",
  "f4908080",
  "f8888080",
  "fc84808080",
  "fe",
  "ff",
];
const utf8: ProtocolCase[] = wrongTexts.flatMap((hex) => {
  const payload = Buffer.concat([
    Buffer.from('{"call":{"id":"'),
    Buffer.from(hex, "hex"),
    Buffer.from('","method":"GetMe"}}'),
  ]);
  const middle = Buffer.from(hex, "hex").length > 1 ? 16 : 15;
  return [
    { section: "UTF-8", name: hex, parts: sent({ opcode: text, payload }), code: 1007 },
    {
      section: "UTF-8",
      name: `${hex} in fragments`,
      parts: sent(...fragments(text, [payload.subarray(0, middle), payload.subarray(middle)])),
      code: 1007,
    },
    {
      section: "UTF-8",
      name: `${hex} in a close`,
      parts: sent({ opcode: close, payload: closePayload(1000, Buffer.from(hex, "hex")) }),
      code: 1007,
    },
  ];
});
for (const id of ["é", "ﷺ", "𝒳", "\u{10ffff}", "\ufffd", "\ufffe", "\ud7ff\ue000"])
  utf8.push({
    section: "UTF-8",
    name: `the id ${JSON.stringify(id)}`,
    parts: sent({ opcode: text, payload: callOf(id) }),
    ids: [id],
  });

const closing: ProtocolCase[] = [
  ...[1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999].map((code) => ({
    section: "closing",
    name: `with ${code}`,
    parts: sent({ opcode: close, payload: closePayload(code, "why") }),
    code,
  })),
  ...[0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535].map((code) => ({
    section: "closing",
    name: `with ${code}`,
    parts: sent({ opcode: close, payload: closePayload(code) }),
    code: 1002,
  })),
  { section: "closing", name: "without a code", parts: sent({ opcode: close }), code: 1005 },
  { section: "closing", name: "with one byte", parts: sent({ opcode: close, payload: "x" }), code: 1002 },
  {
    section: "closing",
    name: "with 125 bytes",
    parts: sent({ opcode: close, payload: closePayload(1000, "x".repeat(123)) }),
    code: 1000,
  },
  {
    section: "closing",
    name: "with 126 bytes",
    parts: sent({ opcode: close, payload: closePayload(1000, "x".repeat(124)) }),
    code: 1002,
  },
  {
    section: "closing",
    name: "twice",
    parts: sent({ opcode: close, payload: closePayload(1000) }, { opcode: close, payload: closePayload(1001) }),
    code: 1000,
  },
  {
    section: "closing",
    name: "before a ping",
    parts: sent({ opcode: close, payload: closePayload(1000) }, { opcode: ping }),
    pongs: [],
    code: 1000,
  },
  {
    section: "closing",
    name: "before what is wrong",
    parts: sent({ opcode: close, payload: closePayload(1000) }, { opcode: 7, reserved: 7, payload: "x" }),
    code: 1000,
  },
];

export const protocolCases: readonly ProtocolCase[] = [
  ...framing,
  ...limits,
  ...pings,
  ...reserved,
  ...opcodes,
  ...fragmentation,
  ...utf8,
  ...closing,
];
