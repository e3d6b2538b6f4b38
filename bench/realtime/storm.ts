// A storm: thousands of sockets are cut, miss some updates each, and come back at once, while others send.
import { setTimeout as delay } from "node:timers/promises";
import { percentile, requestBytes, run } from "../load.js";
import { cpuSeconds } from "../servers.js";
import { cutAll, type Floor, middle, openAll, percentiles, type Rig, subscribing } from "./rig.js";
import { post } from "./school.js";
import type { Opened, Wanted } from "./sockets.js";

/** How many members a chat has. */
const inOneChat = 20;
/** Connections of those who send meanwhile. */
const senders = 4;
/** The sockets that are being opened at the same time. */
const atOnce = 500;

/** Prints how long they take, and what the others feel of it. */
export async function measureStorm({ lyceum, floor, school, processes }: Rig, count: number): Promise<void> {
  const { members } = school;
  const chats: { id: number; owner: string; missed: number }[] = [];
  for (let at = 0; at < Math.ceil(count / inOneChat); at += 1) {
    const group = Array.from({ length: inOneChat }, (_, place) => members[(at * inOneChat + place) % members.length]!);
    const some = [...new Set(group)];
    chats.push({ id: await school.chatOf(some), owner: some[0]!.token, missed: 1 + (at % 20) });
  }
  const ptsOf = async (): Promise<Map<string, number>> =>
    new Map(
      (await school.query<{ topic: string; pts: string }>("select topic, pts from update_topics")).map(
        ({ topic, pts }) => [topic, Number(pts)],
      ),
    );
  const memberOf = (at: number) => members[at % members.length]!;
  const chatOf = (at: number) => chats[Math.floor(at / inOneChat)]!;
  await post(lyceum, `/v1/chats/${chats[0]!.id}/messages`, { text: "first" }, chats[0]!.owner);
  const before = await ptsOf();
  const topicOf = (at: number): string => `chat:${chatOf(at).id}`;
  const plain = Array.from({ length: count }, (_, at): Wanted =>
    subscribing(memberOf(at).token, [{ topic: topicOf(at) }, { topic: "school" }]),
  );
  await openAll(processes, lyceum.port, plain, 200);

  const own = await school.chatOf(members.slice(0, 1));
  const headers = { Authorization: `Bearer ${members[0]!.token}`, "Content-Type": "application/json" };
  const send = requestBytes("POST", `/v1/chats/${own}/messages`, headers, Buffer.from('{"text":"Привет!"}'));
  const others = async (ms: number, isOver: () => boolean): Promise<Float64Array> =>
    (await run({ port: lyceum.port, connections: senders, ms, status: 201, next: () => (isOver() ? undefined : send) }))
      .latencies;
  await others(1_000, () => false);
  const calm = await others(5_000, () => false);

  await cutAll(processes);
  for (const { id, owner, missed } of chats) {
    const messages = Array.from({ length: missed }, (_, at) => ({ text: `Сообщение ${at}` }));
    await post(lyceum, `/v1/chats/${id}/messages/batch`, { messages }, owner);
  }
  const after = await ptsOf();
  const returning = Array.from({ length: count }, (_, at): Wanted => {
    const topic = topicOf(at);
    const first = subscribing(memberOf(at).token, [{ topic, pts: before.get(topic) ?? 0 }, { topic: "school" }]);
    return { ...first, until: { topic, pts: after.get(topic)! } };
  });
  await delay(1_000);
  const storm = async (
    server: Floor,
    sockets: readonly Wanted[],
  ): Promise<{ opened: Opened; seconds: number; cpu: number }> => {
    const [begunAt, used] = [performance.now(), cpuSeconds(server)];
    const opened = await openAll(processes, server.port, sockets, atOnce);
    return { opened, seconds: (performance.now() - begunAt) / 1000, cpu: cpuSeconds(server) - used };
  };
  const bare = await storm(floor, plain);
  await cutAll(processes);
  await delay(500);
  const alone = await storm(lyceum, returning);
  await cutAll(processes);
  await delay(500);
  let isOver = false;
  const felt = others(120_000, () => isOver);
  const ours = await storm(lyceum, returning);
  isOver = true;
  const stormy = await felt;
  for (const { opened } of [alone, ours])
    for (const [at, updates] of opened.updates.entries()) {
      const topic = topicOf(at);
      const missed = after.get(topic)! - (before.get(topic) ?? 0);
      if (updates !== missed) throw new Error(`${updates} updates of ${topic} instead of ${missed}`);
    }
  await cutAll(processes);
  const each = ({ seconds }: { seconds: number }): number => (1000 * seconds) / count;
  const lacking = Math.round(middle(chats.map(({ missed }) => missed)));
  console.log(
    `${count} sockets come back at once, ${atOnce} at a time, each lacks 1 to 20 updates (half of them ${lacking} or more), and all are caught up: ` +
      `${alone.seconds.toFixed(1)} s, ${each(alone).toFixed(2)} ms of a client, the floor ${bare.seconds.toFixed(1)} s, ${each(bare).toFixed(2)} ms: ${(each(alone) / each(bare)).toFixed(2)} times\n` +
      `  CPU of the server ${((1000 * alone.cpu) / count).toFixed(2)} ms of a client, the floor ${((1000 * bare.cpu) / count).toFixed(2)}: ${(alone.cpu / bare.cpu).toFixed(2)} times; of a client ${percentiles(alone.opened.ms)} ms, the floor ${percentiles(bare.opened.ms)}\n` +
      `  others who send with it (${ours.seconds.toFixed(1)} s): p50 ${percentile(stormy, 0.5).toFixed(1)}, p99 ${percentile(stormy, 0.99).toFixed(1)} ms; without: p50 ${percentile(calm, 0.5).toFixed(1)}, p99 ${percentile(calm, 0.99).toFixed(1)} ms`,
  );
}
