// What a client may send to do harm: each is refused, none stops the others, and nothing of it stays.
import { once } from "node:events";
import { createConnection, type Socket } from "node:net";
import { gzipSync } from "node:zlib";
import { expect } from "chai";
import { measuredServer, type MeasuredServer } from "../support/measured-server.js";
import { mediaTypes, type CodecName } from "./encoding.js";
import type { RawAnswer } from "./exchange.js";
import { moveIn, type HeaderList, type House } from "./house.js";

const KiB = 1024;
const usual = 256 * KiB;
/** What batchSendMessages reads. */
const large = 2048 * KiB;
/** The event loop may stand still for so long. */
const stallMs = 50;

interface Attack {
  readonly what: string;
  readonly path: "chats" | "messages" | "batch" | "register";
  readonly codec: CodecName;
  readonly body: () => Buffer | string;
  readonly status: 400 | 413 | 422;
  readonly headers?: HeaderList;
}

/** `piece` as often as fits between `before` and `after`, with commas between. */
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
  { what: "braces, one in the other", path: "batch", body: () => '{"messages":'.repeat(large / 12 - 1), status: 400 },
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
    what: "a hundred thousand keys that nobody knows",
    path: "batch",
    body: () => `{${Array.from({ length: 100_000 }, (_, at) => `"k${at}":0`).join()}}`,
    status: 400,
  },
  {
    what: "one key a hundred thousand times",
    path: "batch",
    body: () => list(large, "{", '"messages":[]', "}"),
    status: 422,
  },
  {
    what: "one text of two million letters",
    path: "batch",
    body: () => `{"messages":[{"text":"${"a".repeat(large - 27)}"}]}`,
    status: 422,
  },
  {
    what: "a text of escapes alone",
    path: "batch",
    body: () => `{"messages":[{"text":"${"\\u0430".repeat(340_000)}"}]}`,
    status: 422,
  },
  {
    what: "blanks between two letters",
    path: "batch",
    body: () => `{"messages":[{"text":"a${" ".repeat(2_000_000)}a"}]}`,
    status: 422,
  },
  {
    what: "a number of a million digits",
    path: "messages",
    body: () => `{"text":"x","reply_to_id":${"9".repeat(usual - 30)}}`,
    status: 400,
  },
  { what: "white space alone", path: "batch", body: () => " ".repeat(large), status: 400 },
  {
    what: "an address made to keep a matcher busy",
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

const protobufBodies: readonly Omit<Attack, "codec">[] = [
  {
    what: "hundreds of thousands of packed numbers",
    path: "chats",
    body: () => delimited(2, usual, (content) => content.fill(1)),
    status: 422,
  },
  {
    what: "hundreds of thousands of single numbers",
    path: "chats",
    body: () => Buffer.alloc(usual, Buffer.from([0x10, 0x01])),
    status: 422,
  },
  {
    what: "a million empty items",
    path: "batch",
    body: () => Buffer.alloc(large, Buffer.from([0x12, 0x00])),
    status: 422,
  },
  {
    what: "a million items of the wrong type",
    path: "batch",
    body: () => Buffer.alloc(large, Buffer.from([0x12, 0x01, 0x00])),
    status: 400,
  },
  {
    what: "a million fields that nobody knows",
    path: "batch",
    body: () => Buffer.alloc(large, Buffer.from([0x78, 0x01])),
    status: 422,
  },
  { what: "groups, one in the other", path: "batch", body: () => Buffer.alloc(large, 0x7b), status: 400 },
  {
    what: "groups beside each other",
    path: "batch",
    body: () => Buffer.alloc(large, Buffer.from([0x7b, 0x7c])),
    status: 422,
  },
  {
    what: "one text of two million letters",
    path: "batch",
    body: () => delimited(2, large, (content) => content.fill("a")),
    status: 400,
  },
  { what: "bytes of zero", path: "batch", body: () => Buffer.alloc(large), status: 400 },
  { what: "varints that never end", path: "batch", body: () => Buffer.alloc(large, 0xff), status: 400 },
];

/** 64 MiB in as many KiB. */
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

const attacks: readonly Attack[] = [
  ...bodies.flatMap((attack) => [
    { ...attack, codec: "json" as const },
    { ...attack, codec: "protojson" as const },
  ]),
  ...protobufBodies.map((attack) => ({ ...attack, codec: "protobuf" as const })),
  ...bombs,
];

describe("what a hostile client sends", function () {
  this.timeout(60_000);
  this.slow(5_000);
  let server: MeasuredServer;
  let house: House;
  let slow: Promise<string>[];
  before(async () => {
    server = await measuredServer();
    house = await moveIn(server);
    // These take as long as the server is patient; they go on while the others run.
    slow = [
      drip("GET /health HTTP/1.1\r\nHost: x\r\n", "X-Slow: 1\r\n"),
      drip(upload(1000), " "),
      drip(upload(1000, "Content-Encoding: gzip\r\n"), " "),
    ];
  });
  after(() => house?.close());

  const upload = (length: number, more = ""): string =>
    `POST /v1/chats/${house.chatId}/messages HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${house.token}\r\nContent-Type: application/json\r\n${more}Content-Length: ${length}\r\n\r\n`;

  /** Sends `start`, then `drop` each second, until the server ends it. Answers with what it said. */
  async function drip(start: string, drop: string): Promise<string> {
    const socket = createConnection(server.port, "127.0.0.1");
    let heard = "";
    socket.on("data", (chunk) => (heard += chunk.toString("latin1"))).on("error", () => undefined);
    socket.write(start);
    const timer = setInterval(() => socket.write(drop), 1_000);
    await once(socket, "close");
    clearInterval(timer);
    return heard;
  }

  const pathOf = (path: Attack["path"]): string =>
    ({
      chats: "/v1/chats",
      messages: `/v1/chats/${house.chatId}/messages`,
      batch: `/v1/chats/${house.chatId}/messages/batch`,
      register: "/v1/auth/register",
    })[path];

  function send({ path, codec, body, headers = [] }: Attack): Promise<RawAnswer> {
    return house.send("POST", pathOf(path), [["Content-Type", mediaTypes[codec]], ...headers], body());
  }

  /** The least of three tries: what the machine does besides is not the server's. */
  async function leastStall(work: () => Promise<void>): Promise<number> {
    let least = Infinity;
    for (let round = 0; round < 3 && least >= stallMs; round++) {
      await server.ask("reset");
      await work();
      least = Math.min(least, (await server.ask("stall")).stallMs);
    }
    return least;
  }

  for (const attack of attacks) {
    it(`${attack.what} (${attack.codec}): refused with ${attack.status}, and nobody waits for it`, async () => {
      const stall = await leastStall(async () => {
        const answer = await send(attack);
        expect(answer.status).to.equal(attack.status);
        expect(answer.body.length).to.be.lessThan(64 * KiB);
        await house.problem(answer);
      });
      expect(stall).to.be.lessThan(stallMs);
    });
  }

  it("uploads that break off leave nothing behind", async () => {
    const volley = async (): Promise<void> => {
      const sockets = Array.from({ length: 50 }, (_, at) => {
        const socket = createConnection(server.port, "127.0.0.1").on("error", () => undefined);
        socket.write(upload(usual, at % 2 ? "Content-Encoding: gzip\r\n" : "") + " ".repeat(64 * KiB));
        return socket;
      });
      await new Promise((resolve) => setTimeout(resolve, 100));
      for (const socket of sockets) socket.destroy();
      await Promise.all(sockets.map((socket) => closed(socket)));
      await new Promise((resolve) => setTimeout(resolve, 200));
    };
    await volley();
    const before = await server.ask("memory");
    for (let round = 0; round < 4; round++) await volley();
    const after = await server.ask("memory");
    expect(after.sockets).to.be.at.most(before.sockets);
    expect(after.bytes - before.bytes).to.be.lessThan(8 * KiB * KiB);
  });

  it("memory is where it was after all of it once more", async () => {
    const round = async (): Promise<void> => {
      for (const attack of attacks) await send(attack);
    };
    await round();
    const before = await server.ask("memory");
    await round();
    await round();
    const after = await server.ask("memory");
    expect(after.bytes - before.bytes).to.be.lessThan(8 * KiB * KiB);
  });

  it("twenty of the worst at once do not keep anyone else waiting for a second", async () => {
    const worst = attacks.filter(({ path }) => path === "batch").slice(0, 20);
    const all = Promise.all(worst.map((attack) => send(attack)));
    let longest = 0;
    let isDone = false;
    const end = all.then(() => (isDone = true));
    while (!isDone) {
      const start = performance.now();
      expect((await house.sendBare({ verb: "GET", path: "/health" })).status).to.equal(200);
      longest = Math.max(longest, performance.now() - start);
    }
    await end;
    expect(longest).to.be.lessThan(1_000);
  });

  it("who sends byte by byte is told that it took too long", async () => {
    const [head, body, zipped] = await Promise.all(slow);
    expect(head).to.match(/^HTTP\/1\.1 408 /);
    expect(body)
      .to.match(/^HTTP\/1\.1 408 /)
      .and.contain("REQUEST_TIMEOUT");
    expect(zipped)
      .to.match(/^HTTP\/1\.1 408 /)
      .and.contain("REQUEST_TIMEOUT");
  });

  it("and the server serves on", async () => {
    const { status } = await house.call("sendMessage", { chat_id: house.chatId, text: "still here" });
    expect(status).to.equal(201);
  });
});

async function closed(socket: Socket): Promise<void> {
  if (!socket.closed) await once(socket, "close");
}
