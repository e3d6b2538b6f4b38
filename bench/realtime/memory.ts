// The memory of idle sockets, each with four topics, beside a bare ws server with as many.
import { setTimeout as delay } from "node:timers/promises";
import { cpuSeconds } from "../servers.js";
import { cutAll, type Floor, openAll, residentKiB, type Rig, subscribing } from "./rig.js";
import type { Wanted } from "./sockets.js";

/** How much more than the floor a socket may hold, in KiB. */
const wanted = 14;
const idleMs = 5_000;

/** Opens the sockets at both servers, one after the other, and prints the memory of each. */
export async function measureMemory({ lyceum, floor, school, processes }: Rig, count: number): Promise<void> {
  const { members } = school;
  const [first, second] = [await school.chatOf(members), await school.chatOf(members)];
  const topicsOf = (id: number): { topic: string }[] => [
    { topic: `user:${id}` },
    { topic: "school" },
    { topic: `chat:${first}` },
    { topic: `chat:${second}` },
  ];
  const sockets = Array.from({ length: count }, (_, at): Wanted => {
    const { id, token } = members[at % members.length]!;
    return subscribing(token, topicsOf(id));
  });
  const measure = async (server: Floor): Promise<{ each: number; cpu: number; seconds: number }> => {
    // Of each socket it is what the last four fifths add: the first ones fill what the process has free, and load what all need.
    const first = sockets.slice(0, count / 5);
    await openAll(processes, server.port, first, 200);
    await delay(idleMs);
    const before = residentKiB(server);
    const begunAt = performance.now();
    await openAll(processes, server.port, sockets.slice(first.length), 200);
    const seconds = (performance.now() - begunAt) / 1000;
    await delay(idleMs);
    const used = cpuSeconds(server);
    await delay(idleMs);
    const cpu = (cpuSeconds(server) - used) / (idleMs / 1000);
    const each = (residentKiB(server) - before) / (count - first.length);
    await cutAll(processes);
    await delay(500);
    return { each, cpu, seconds };
  };
  const bare = await measure(floor);
  const ours = await measure(lyceum);
  console.log(
    `${count} idle sockets with four topics each: ${ours.each.toFixed(1)} KiB of a socket, the floor ${bare.each.toFixed(1)}: ` +
      `${(ours.each - bare.each).toFixed(1)} more (wanted <= ${wanted})\n` +
      `  the last four fifths opened within ${ours.seconds.toFixed(1)} s, the floor ${bare.seconds.toFixed(1)}; idle CPU ${(100 * ours.cpu).toFixed(1)} % of a core, the floor ${(100 * bare.cpu).toFixed(1)} %`,
  );
}
