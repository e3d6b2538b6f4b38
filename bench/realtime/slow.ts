// Whether somebody who does not read delays others: a chat whose members all read, in turns beside one socket that reads and one that does not.
import { setTimeout as delay } from "node:timers/promises";
import { countAll, cutAll, middle, openAll, percentiles, type Rig, subscribing } from "./rig.js";
import { post } from "./school.js";
import { stamp } from "./sockets.js";

/** How many times the p99 of others may be. */
const wanted = 1.1;
const readers = 20;
const rate = 100;
/** Seven KiB: in some seconds more than the system takes for a socket, and than the server holds for one. */
const text = "ж".repeat(3_500);

/** Prints the times from a request to the frames of those who read. */
export async function measureSlow(
  { lyceum, school, processes }: Rig,
  { rounds, seconds }: { rounds: number; seconds: number },
): Promise<void> {
  const members = school.members.slice(0, readers + 1);
  const chat = await school.chatOf(members);
  const sockets = members.map(({ token }) => subscribing(token, [{ topic: `chat:${chat}` }]));
  const [reading, other] = [processes.slice(0, 1), processes.slice(1, 2)];
  const measure = async (isPaused: boolean): Promise<number[]> => {
    await openAll(reading, lyceum.port, sockets.slice(1), readers);
    await openAll(other, lyceum.port, sockets.slice(0, 1), 1);
    if (isPaused) await other[0]!.pause();
    await countAll(processes);
    const begunAt = performance.now();
    const sending: Promise<unknown>[] = [];
    for (let due = begunAt; due < begunAt + seconds * 1000; due += 1000 / rate) {
      await delay(Math.max(0, due - performance.now()));
      sending.push(post(lyceum, `/v1/chats/${chat}/messages`, { text: `${stamp()}${text}` }, members[0]!.token));
    }
    await Promise.all(sending);
    const latencies: number[] = [];
    for (const end = performance.now() + 10_000; latencies.length < readers * sending.length; await delay(20)) {
      for (const latency of (await countAll(reading)).latencies) latencies.push(latency);
      if (performance.now() > end) throw new Error("a message does not come");
    }
    await cutAll(processes);
    return latencies;
  };
  await measure(false);
  const samples: { all: number[]; p99: number[] }[] = [
    { all: [], p99: [] },
    { all: [], p99: [] },
  ];
  for (let round = 0; round < rounds; round += 1)
    for (const at of round % 2 === 0 ? [0, 1] : [1, 0]) {
      const latencies = await measure(at === 1);
      samples[at]!.all = samples[at]!.all.concat(latencies);
      samples[at]!.p99.push(middle(latencies, 0.99));
    }
  const [usual, beside] = samples;
  console.log(
    `${rate} messages of 7 KiB a second to ${readers} who read, beside one who reads, in ms: ${percentiles(usual!.all)}\n` +
      `  beside one who does not: ${percentiles(beside!.all)}; the p99 of a round ${(middle(beside!.p99) / middle(usual!.p99)).toFixed(2)} times (wanted <= ${wanted})`,
  );
}
