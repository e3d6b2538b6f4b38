// Hostile bodies: as large as a body may be, with the content that takes the most time to read.
import { gzipSync } from "node:zlib";
import type { CodecName } from "../../../runner/client/encoding.js";
import type { HeaderList } from "./member.js";

export const KiB = 1024;
/** The limit of most methods, in bytes. */
export const usual = 256 * KiB;
/** The limit of batchSendMessages, in bytes. */
const large = 1280 * KiB;
export interface Attack {
  readonly what: string;
  readonly path: "chats" | "messages" | "batch" | "register";
  readonly codec: CodecName;
  readonly body: () => Buffer | string;
  readonly status: 400 | 413 | 422;
  readonly headers?: HeaderList;
}

/** As many repetitions of `piece` as fit between `before` and `after`, separated by commas. */
const list = (limit: number, before: string, piece: string, after: string): string =>
  `${before}${`${piece},`.repeat(Math.floor((limit - before.length - after.length - piece.length) / (piece.length + 1)))}${piece}${after}`;

/** A length-delimited field that fills a body of `limit` bytes. */
function delimited(field: number, limit: number, fill: (content: Buffer) => void): Buffer {
  const content = Buffer.alloc(limit - 5);
  fill(content);
  const length = content.length;
  return Buffer.concat([
    Buffer.from([(field << 3) | 2, (length & 0x7f) | 0x80, ((length >> 7) & 0x7f) | 0x80, (length >> 14) & 0x7f]),
    content,
  ]);
}

const bodies: readonly Omit<Attack, "codec">[] = [
  { what: "brackets without end", path: "batch", body: () => "[".repeat(large), status: 400 },
  {
    what: "brackets inside an unknown key",
    path: "messages",
    body: () => `{"x":${"[".repeat(usual - 6)}`,
    status: 400,
  },
  { what: "nested braces", path: "batch", body: () => '{"messages":'.repeat(large / 12 - 1), status: 400 },
  {
    what: "hundreds of thousands of numbers",
    path: "chats",
    body: () => list(usual, '{"title":"x","member_ids":[', "1", "]}"),
    status: 422,
  },
  {
    what: "hundreds of thousands of wrong numbers",
    path: "chats",
    body: () => list(usual, '{"title":"x","member_ids":[', '""', "]}"),
    status: 400,
  },
  {
    what: "hundreds of thousands of empty items",
    path: "batch",
    body: () => list(large, '{"messages":[', "{}", "]}"),
    status: 422,
  },
  {
    what: "hundreds of thousands of items of the wrong type",
    path: "batch",
    body: () => list(large, '{"messages":[', "0", "]}"),
    status: 400,
  },
  {
    what: "a hundred thousand unknown keys",
    path: "batch",
    body: () => `{${Array.from({ length: 100_000 }, (_, at) => `"k${at}":0`).join()}}`,
    status: 400,
  },
  {
    what: "one key a hundred thousand times",
    path: "batch",
    body: () => list(large, "{", '"messages":[]', "}"),
    status: 400,
  },
  {
    what: "one text of a million letters",
    path: "batch",
    body: () => `{"messages":[{"text":"${"a".repeat(large - 27)}"}]}`,
    status: 422,
  },
  {
    what: "a text of escapes only",
    path: "batch",
    body: () => `{"messages":[{"text":"${"\\u0430".repeat(200_000)}"}]}`,
    status: 422,
  },
  {
    what: "blanks between two letters",
    path: "batch",
    body: () => `{"messages":[{"text":"a${" ".repeat(1_300_000)}a"}]}`,
    status: 422,
  },
  {
    what: "a number of a million digits",
    path: "messages",
    body: () => `{"text":"x","reply_to_id":${"9".repeat(usual - 30)}}`,
    status: 400,
  },
  { what: "white space only", path: "batch", body: () => " ".repeat(large), status: 400 },
  {
    what: "an address for which a regular expression backtracks",
    path: "register",
    body: () => `{"email":"${"a@a.".repeat(60_000)}","password":"long enough","first_name":"a","last_name":"b"}`,
    status: 422,
  },
  {
    what: "an address of dots and dashes",
    path: "register",
    body: () => `{"email":"a@${"a-".repeat(120_000)}","password":"long enough","first_name":"a","last_name":"b"}`,
    status: 422,
  },
];

const protobufBodies: readonly Attack[] = [
  {
    what: "hundreds of thousands of packed numbers",
    path: "chats",
    body: () => delimited(2, usual, (content) => content.fill(1)),
    status: 422,
    codec: "protobuf",
  },
  {
    what: "hundreds of thousands of single numbers",
    path: "chats",
    body: () => Buffer.alloc(usual, Buffer.from([0x10, 0x01])),
    status: 422,
    codec: "protobuf",
  },
  {
    what: "a million empty items",
    path: "batch",
    body: () => Buffer.alloc(large, Buffer.from([0x12, 0x00])),
    status: 422,
    codec: "protobuf",
  },
  {
    what: "a million items of the wrong type",
    path: "batch",
    body: () => Buffer.alloc(large, Buffer.from([0x12, 0x01, 0x00])),
    status: 400,
    codec: "protobuf",
  },
  {
    what: "a million unknown fields",
    path: "batch",
    body: () => Buffer.alloc(large, Buffer.from([0x78, 0x01])),
    status: 422,
    codec: "protobuf",
  },
  {
    what: "nested groups",
    path: "batch",
    body: () => Buffer.alloc(large, 0x7b),
    status: 400,
    codec: "protobuf",
  },
  {
    what: "groups beside each other",
    path: "batch",
    body: () => Buffer.alloc(large, Buffer.from([0x7b, 0x7c])),
    status: 422,
    codec: "protobuf",
  },
  {
    what: "one text of a million letters",
    path: "batch",
    // Read as fields, the letters are tags with values of eight bytes; at this length the last value is truncated.
    body: () => delimited(2, large - 1, (content) => content.fill("a")),
    status: 400,
    codec: "protobuf",
  },
  { what: "bytes of zero", path: "batch", body: () => Buffer.alloc(large), status: 400, codec: "protobuf" },
  {
    what: "varints that never end",
    path: "batch",
    body: () => Buffer.alloc(large, 0xff),
    status: 400,
    codec: "protobuf",
  },
];

/** 40 MiB of spaces, compressed. */
const bomb = gzipSync(Buffer.alloc(32 * large, " "), { level: 9 });

const bombs: readonly Attack[] = [
  {
    what: "a gzip bomb",
    path: "batch",
    codec: "json",
    body: () => bomb,
    status: 413,
    headers: [["Content-Encoding", "gzip"]],
  },
  {
    what: "a gzip bomb in a gzip bomb",
    path: "messages",
    codec: "protobuf",
    body: () => gzipSync(bomb),
    status: 400,
    headers: [["Content-Encoding", "gzip"]],
  },
];

/** All attacks. */
export const attacks: readonly Attack[] = [
  ...bodies.flatMap((attack) => [
    { ...attack, codec: "json" as const },
    { ...attack, codec: "protojson" as const },
  ]),
  ...protobufBodies,
  ...bombs,
];
