// Clients that do not speak as clients do: some send garbage, others never read what they asked for.
import { connect } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { upTo } from "../../support/numbers.js";
import type { Site } from "../site.js";
import { over, type Fault, type Play } from "./fault.js";

const unreading = 200;
const askedAhead = 20;
/** The memory of a server grows no more when it has not for so long, in milliseconds; after `patienceMs` it is not waited for. */
const quietMs = 4_000;
const patienceMs = 40_000;

export const hostile: readonly Fault[] = [
  {
    kind: "garbage",
    what: "twenty connections at a time send garbage, half requests, and garbage behind requests",
    isHarmless: true,
    async play({ site, random, hold }) {
      const hours = new AbortController();
      const flood = upTo(20).map(async () => {
        while (!hours.signal.aborted) await sendGarbage(site.servers[random(2)]!.port, garbage(random));
      });
      await hold(4_000, 1_000);
      hours.abort();
      await Promise.all(flood);
      return over();
    },
  },
  {
    kind: "unread-answers",
    what: "200 connections ask for two megabytes, twenty times each, and read nothing",
    async play({ site, load }) {
      const [owner] = load.writers;
      await givePicture(site, owner!.chatId);
      const before = await site.memoryOf(0);
      const request =
        `GET /v1/chats/${owner!.chatId}/picture HTTP/1.1\r\nHost: x\r\n` +
        `Authorization: Bearer ${owner!.token}\r\n\r\n`;
      const sockets = upTo(unreading).map(() => {
        const socket = connect(site.servers[0].port, "127.0.0.1").on("error", () => undefined);
        socket.pause();
        socket.write(request.repeat(askedAhead));
        return socket;
      });
      const most = await mostMemory(site, before);
      for (const socket of sockets) socket.destroy();
      return over(Number.isNaN(most) ? {} : { memoryRatio: most / before });
    },
  },
];

/** The resident memory of the first server at its most, when it has not grown for a while. */
async function mostMemory(site: Site, before: number): Promise<number> {
  const begunAt = performance.now();
  let [most, grownAt] = [before, begunAt];
  for (; performance.now() - grownAt < quietMs && performance.now() - begunAt < patienceMs; await delay(50)) {
    const now = await site.memoryOf(0);
    if (now > most * 1.01) grownAt = performance.now();
    most = Math.max(most, now);
  }
  return most;
}

/** Gives a chat a picture of two megabytes, which costs the server little but its memory. */
async function givePicture(site: Site, chatId: number): Promise<void> {
  await site.query(
    `insert into chat_pictures (chat_id, content_type, data)
     values ($1, 'image/png', decode(repeat('89504e47', 524288), 'hex')) on conflict do nothing`,
    [chatId],
  );
}

function garbage(random: Play["random"]): Buffer {
  const noise = Buffer.from(Array.from({ length: 1 + random(2_000) }, () => random(256)));
  const kinds: readonly (readonly (Buffer | string)[])[] = [
    [noise],
    ["GET /livez HTTP/1.1\r\nHost: x\r\n\r\n", noise],
    [
      "POST /v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2000\r\n\r\n",
      noise,
    ],
    ["POST /v1/auth/login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n", noise],
    [`GET /${"a".repeat(20_000)} HTTP/1.1\r\n\r\n`],
    ["GET /livez HTTP/1.1\r\nHost: x\r\n"],
    [Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01]), noise],
  ];
  return Buffer.concat(kinds[random(kinds.length)]!.map((part) => Buffer.from(part)));
}

/** Sends the bytes on a connection of their own, and hangs up when an answer begins or after a moment. */
function sendGarbage(port: number, bytes: Buffer): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => socket.write(bytes));
    const timer = setTimeout(() => socket.destroy(), 100);
    socket.on("data", () => socket.destroy()).on("error", () => undefined);
    socket.on("close", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
