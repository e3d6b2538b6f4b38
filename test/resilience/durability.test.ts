// A message that was answered with 201 is kept when the server or Postgres is killed at any time, and a send that is
// repeated until it is answered makes one message.
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { expect } from "chai";
import { fairNow } from "../support/fair-clock.js";
import { findProcess, signalProcess } from "../../src/platform/embedded/process-table.js";
import { temporaryFolder } from "../support/database.js";
import { end, serve, type Server } from "../support/program.js";
import { allMessages, newPerson, type Json, type Person } from "./person.js";
import { repeats } from "../support/numbers.js";

const writers = 6;
const rounds = repeats(4, 10);

type Victim = "the server" | "Postgres" | "both";
const victims: readonly Victim[] = ["the server", "Postgres", "both", "Postgres"];

describe("messages, while the server and Postgres are killed with -9", function () {
  this.timeout(90_000);
  let directory: string;
  let server: Server;
  let person: Person;
  let desk: Desk | undefined;

  const open = (): Promise<Server> => serve({ env: { DATA_DIR: directory, LOG_LEVEL: "info" } });

  before(async () => {
    directory = await temporaryFolder();
    server = await open();
    person = await newPerson(() => server.url);
  });
  afterEach(() => desk?.close());
  after(async () => {
    await end(server);
    await rm(directory, { recursive: true, force: true });
  });

  /** Kills a process, and starts it again unless it is restarted by itself. */
  async function strike(victim: Victim): Promise<void> {
    if (victim !== "the server") signalProcess(await postmasterPid(directory), "SIGKILL");
    if (victim === "Postgres") return;
    server.child.kill("SIGKILL");
    await server.ended;
    server = await open();
  }

  it(`are kept, once each, when they were answered, over ${rounds} kills`, async () => {
    const chatId = await person.chat("Kept");
    desk = openDesk(person, chatId, (text) => ({ text, client_message_id: text }));
    const interrupted = new Map<Victim, number>();
    for (let round = 0; round < rounds; round++) {
      const victim = victims[round % victims.length]!;
      const before = desk.failures();
      await delay(50 + Math.random() * 150);
      await strike(victim);
      await desk.isServed();
      interrupted.set(victim, (interrupted.get(victim) ?? 0) + desk.failures() - before);
    }
    const answered = await desk.close();

    // Otherwise no kill interrupted a request, and the test would prove nothing.
    for (const [victim, count] of interrupted) expect(count, `requests that lost ${victim}`).to.be.greaterThan(0);
    expect(answered.size).to.be.greaterThan(rounds * writers);

    const kept = await allMessages(person, chatId);
    expect(kept.map(({ seq }) => seq)).to.deep.equal(kept.map((_, place) => place + 1));
    expect(new Set(kept.map((message) => message["client_message_id"])).size).to.equal(kept.length);
    const byText = new Map(kept.map((message) => [message["text"], message]));
    for (const [text, { id, seq }] of answered) expect(byText.get(text), text).to.include({ id, seq });
    const { body } = await person.call("GET", `/v1/chats/${chatId}`);
    expect((body["chat"] as Json)["message_count"]).to.equal(kept.length);
  });

  it("are sent twice by the same senders without client_message_id", async () => {
    const chatId = await person.chat("Doubled");
    desk = openDesk(person, chatId, (text) => ({ text }));
    let doubles = 0;
    for (let round = 0; round < 20 && doubles === 0; round++) {
      await delay(30 + Math.random() * 120);
      await strike("the server");
      await desk.isServed();
      const texts = (await allMessages(person, chatId)).map(({ text }) => text);
      doubles = texts.length - new Set(texts).size;
    }
    await desk.close();
    expect(doubles).to.be.greaterThan(0);
  });
});

interface Desk {
  /** The number of requests that were not answered with 201. */
  failures(): number;
  /** Resolves when a send that began after this call was answered with 201. */
  isServed(): Promise<void>;
  /** Waits until each writer has finished its current message; resolves with all answered messages, by text. */
  close(): Promise<ReadonlyMap<string, Json>>;
}

/** How long the server may take to answer again, after a last kill, before the writers give up, in milliseconds. */
const patienceMs = 5_000;

/** Opens writers that send one text after the other, each until it is answered with 201. */
function openDesk(person: Person, chatId: number, draft: (text: string) => Json): Desk {
  const answered = new Map<string, Json>();
  let failures = 0;
  let isOpen = true;
  let closedAt = Infinity;

  const write = async (writer: number): Promise<void> => {
    for (let place = 0; isOpen; place++) {
      const text = `writer ${writer}, line ${place}`;
      await delay(Math.random() * 5);
      while (!answered.has(text)) {
        const reply = await person.call("POST", `/v1/chats/${chatId}/messages`, draft(text)).catch(() => undefined);
        if (reply?.status === 201) answered.set(text, reply.body);
        else if (reply !== undefined && reply.status !== 503) throw new Error(JSON.stringify(reply));
        else if (fairNow() - closedAt > patienceMs) throw new Error("the server no longer answers the writers");
        else {
          failures++;
          await delay(10);
        }
      }
    }
  };
  const done = Promise.all(Array.from({ length: writers }, (_, writer) => write(writer)));
  done.catch(() => undefined);
  return {
    failures: () => failures,
    isServed: async () => {
      // After one more answer than there are writers, one of them has sent two requests since the call.
      for (const before = answered.size; answered.size <= before + writers;) await Promise.race([done, delay(5)]);
    },
    close: async () => {
      isOpen = false;
      closedAt = Math.min(closedAt, fairNow());
      await done;
      return answered;
    },
  };
}

/** The process id of the Postgres on the data of an embedded server; waits for it while it is started again. */
async function postmasterPid(directory: string): Promise<number> {
  for (;;) {
    const pid = Number.parseInt(await readFile(join(directory, "postgres", "postmaster.pid"), "utf8"), 10);
    if (/postgres/.test((await findProcess(pid))?.command ?? "")) return pid;
    await delay(5);
  }
}
