// Logins beside a flood of guesses: whoever guesses a lot waits, and nobody else does; nothing is cut off without an answer.
import { connect } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { expect } from "chai";
import { exchange } from "../../runner/client/exchange.js";
import { testDatabase } from "../support/database.js";
import { upTo } from "../support/numbers.js";
import { end, serve, type Server } from "../support/program.js";
import { newPerson, type Person } from "./person.js";

describe("logins", function () {
  this.timeout(120_000);
  let database: Awaited<ReturnType<typeof testDatabase>>;
  let server: Server;
  let person: Person;

  before(async () => {
    database = await testDatabase();
    // A client is known by the address that its proxy reports.
    const env = { TRUST_PROXY: "1", PASSWORD_COST: "8", SECRET_KEY: "s".repeat(32), DATABASE_URL: database.url };
    server = await serve({ env });
    person = await newPerson(() => server.url);
  });
  after(async () => {
    await end(server);
    await database.drop();
  });

  interface Reply {
    readonly status: number;
    readonly retryAfter: number;
  }
  const send = async (address: string, email: string, password: string): Promise<Reply> => {
    const { status, headers } = await exchange(server.url, {
      verb: "POST",
      path: "/v1/auth/login",
      headers: [
        ["Content-Type", "application/json"],
        ["X-Forwarded-For", address],
      ],
      body: JSON.stringify({ email, password }),
    });
    return { status, retryAfter: Number(headers["retry-after"]) };
  };
  const honest = (address: string) => send(address, person.email, person.password);

  /** Guesses on 150 connections, with a pause after a refusal alone. `isFull` resolves when one was refused, `stop` with the replies. */
  function flood(address: (index: number) => string): { isFull(): Promise<void>; stop(): Promise<Reply[]> } {
    const replies: Reply[] = [];
    let isOver = false;
    const guessing = upTo(150).map(async (index) => {
      for (let guess = 0; !isOver; guess++) {
        const reply = await send(address(index), `${index}-${guess}@example.org`, "a guess");
        replies.push(reply);
        if (reply.status === 503) await delay(100);
      }
    });
    return {
      isFull: async () => {
        while (!replies.some(({ status }) => status === 503)) await delay(10);
      },
      stop: async () => {
        isOver = true;
        await Promise.all(guessing);
        return replies;
      },
    };
  }

  for (const [source, address] of [
    ["one address", () => "10.0.0.1"],
    ["ten addresses", (index: number) => `10.0.0.${index % 10}`],
  ] as const)
    it(`all succeed beside a flood from ${source}, each guess of which is answered`, async () => {
      const { isFull, stop } = flood(address);
      await isFull();
      for (const index of upTo(10)) expect(await honest(`10.1.1.${index}`)).to.include({ status: 200 });
      const replies = await stop();
      expect(new Set(replies.map(({ status }) => status))).to.deep.equal(new Set([401, 503]));
      for (const { status, retryAfter } of replies) if (status === 503) expect(retryAfter).to.be.within(1, 11);
    });

  it("do not wait for clients that have hung up", async () => {
    const timeOf = async (address: string): Promise<number> => {
      const begun = performance.now();
      expect(await honest(address)).to.include({ status: 200 });
      return performance.now() - begun;
    };
    const alone = Math.max(await timeOf("10.3.0.1"), await timeOf("10.3.0.2"));
    const body = JSON.stringify({ email: "nobody@example.org", password: "a guess" });
    const request = `POST /v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n`;
    const sockets = upTo(99).map((index) => {
      const socket = connect(server.port, "127.0.0.1").on("error", () => undefined);
      // Each of them has had nothing yet, as the honest one.
      socket.write(`${request}X-Forwarded-For: 10.2.0.${index}\r\n\r\n${body}`);
      return socket;
    });
    await delay(5 * alone);
    for (const socket of sockets) socket.destroy();
    // Far less than the 99 would take.
    expect(await timeOf("10.3.1.1")).to.be.below(30 * alone);
  });

  it("that are wrong are evaluated up to the limit, of 300 that come at once, and no right one more", async () => {
    const other = await newPerson(() => server.url);
    const replies = await Promise.all(upTo(300).map(() => send("10.4.1.1", other.email, "a guess")));
    const count = (status: number) => replies.filter((reply) => reply.status === status).length;
    expect({ 401: count(401), 429: count(429) }).to.deep.equal({ 401: 20, 429: 280 });
    for (const { status, retryAfter } of replies) if (status === 429) expect(retryAfter).to.be.within(1, 300);
    expect((await send("10.4.1.1", other.email, other.password)).status).to.equal(429);
    expect((await send("10.4.1.2", other.email, other.password)).status).to.equal(200);
  });
});
