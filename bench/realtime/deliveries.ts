// Deliveries: one chat whose members are all connected, and a stream of messages into it, beside a bare broadcast with one insert.
import { setTimeout as delay } from "node:timers/promises";
import { requestBytes, run } from "../load.js";
import { cpuSeconds } from "../servers.js";
import { countAll, cutAll, type Floor, middle, openAll, type Rig, subscribing } from "./rig.js";
import { stamp } from "./sockets.js";

/** How many times the CPU of the floor a delivery may cost. */
const wanted = 2.5;
const text = "Привет всем, завтра контрольная по алгебре, не забудьте тетради!";

export interface DeliveryOptions {
  readonly members: number;
  readonly rounds: number;
  readonly seconds: number;
  /** Messages in a second; as many as eight connections can send where it is absent. */
  readonly rate?: number;
}

interface Sample {
  /** In a second. */
  readonly deliveries: number;
  /** Of the server for one delivery, in microseconds. */
  readonly cpu: number;
  readonly latency: number;
}

/** Prints deliveries a second and their CPU. */
export async function measureDeliveries(
  rig: Rig,
  { members: count, rounds, seconds, rate }: DeliveryOptions,
): Promise<void> {
  const { lyceum, floor, school, processes } = rig;
  const members = school.members.slice(0, count);
  const chat = await school.chatOf(members);
  const sockets = members.map(({ token }) => subscribing(token, [{ topic: `chat:${chat}` }]));
  const headers = { Authorization: `Bearer ${members[0]!.token}`, "Content-Type": "application/json" };
  const next = (): Buffer =>
    requestBytes(
      "POST",
      `/v1/chats/${chat}/messages`,
      headers,
      Buffer.from(JSON.stringify({ text: `${stamp()} ${text}` })),
    );
  const measure = async (server: Floor): Promise<Sample> => {
    await countAll(processes);
    const [used, begunAt] = [cpuSeconds(server), performance.now()];
    const end = begunAt + seconds * 1000;
    let sent = 0;
    if (rate === undefined)
      sent = (await run({ port: server.port, connections: 8, ms: seconds * 1000, next, status: 201 })).requests;
    else {
      const sending: Promise<unknown>[] = [];
      for (let due = begunAt; due < end; due += 1000 / rate) {
        await delay(Math.max(0, due - performance.now()));
        sending.push(one(server.port, next));
        sent += 1;
      }
      await Promise.all(sending);
    }
    let [updates, latencies] = [0, [] as number[]];
    for (
      const patience = performance.now() + 10_000;
      updates < sent * count && performance.now() < patience;
      await delay(20)
    ) {
      const counted = await countAll(processes);
      updates += counted.updates;
      latencies = [...latencies, ...counted.latencies];
    }
    if (updates !== sent * count) throw new Error(`${updates} deliveries of ${sent} messages to ${count}`);
    const took = (performance.now() - begunAt) / 1000;
    return {
      deliveries: updates / took,
      cpu: ((cpuSeconds(server) - used) / updates) * 1e6,
      latency: middle(latencies),
    };
  };
  const servers = [floor, lyceum];
  const samples: Sample[][] = [[], []];
  for (let round = 0; round < rounds; round += 1)
    for (const at of round % 2 === 0 ? [0, 1] : [1, 0]) {
      await openAll(processes, servers[at]!.port, sockets, 50);
      if (round === 0) await measure(servers[at]!);
      samples[at]!.push(await measure(servers[at]!));
      await cutAll(processes);
    }
  const of = (at: number, value: (sample: Sample) => number): number => middle(samples[at]!.map(value));
  const ratio = (value: (sample: Sample) => number): string => (of(1, value) / of(0, value)).toFixed(2);
  console.log(
    `${rate === undefined ? "as many messages as eight senders can send" : `${rate} messages a second`} to ${count} members: ` +
      `${of(1, ({ deliveries }) => deliveries).toFixed(0)} deliveries a second, the floor ${of(0, ({ deliveries }) => deliveries).toFixed(0)}: ${ratio(({ deliveries }) => deliveries)} times\n` +
      `  CPU of a delivery ${of(1, ({ cpu }) => cpu).toFixed(1)} µs, the floor ${of(0, ({ cpu }) => cpu).toFixed(1)}: ${ratio(({ cpu }) => cpu)} times (wanted <= ${wanted}); ` +
      `p50 from the request to a frame ${of(1, ({ latency }) => latency).toFixed(1)} ms, the floor ${of(0, ({ latency }) => latency).toFixed(1)}`,
  );
}

const one = (port: number, next: () => Buffer): Promise<unknown> => {
  let isSent = false;
  return run({
    port,
    connections: 1,
    ms: 60_000,
    status: 201,
    next: () => {
      if (isSent) return undefined;
      isSent = true;
      return next();
    },
  });
};
