// The time from a commit to the socket, in one process and across two, beside an insert that is followed by a bare ws send.
import { setTimeout as delay } from "node:timers/promises";
import { countAll, cutAll, type Floor, middle, openAll, percentiles, type Rig, subscribing } from "./rig.js";
import { post } from "./school.js";
import { stamp } from "./sockets.js";

/** Prints the times of so many messages each, sent one after the other. */
export async function measureLatency(
  rig: Rig,
  { messages, rounds }: { messages: number; rounds: number },
): Promise<void> {
  const { lyceum, second, floor, school, processes } = rig;
  const [member] = school.members;
  const chat = await school.chatOf([member!]);
  const sockets = [subscribing(member!.token, [{ topic: `chat:${chat}` }])];
  const ways: readonly { name: string; at: Floor; of: Floor }[] = [
    { name: "floor", at: floor, of: floor },
    { name: "one process", at: lyceum, of: lyceum },
    { name: "across two", at: lyceum, of: second },
  ];
  const whole = ways.map((): number[] => []);
  const answers = ways.map((): number[] => []);
  for (let round = 0; round < rounds; round += 1)
    for (const [place, { at, of }] of ways.entries()) {
      await openAll(processes.slice(0, 1), of.port, sockets, 1);
      for (let count = 0; count < messages / rounds; count += 1) {
        const begunAt = performance.now();
        await post(at, `/v1/chats/${chat}/messages`, { text: `${stamp()} Привет!` }, member!.token);
        const answered = performance.now() - begunAt;
        let latency: number | undefined;
        for (const end = begunAt + 5_000; latency === undefined; await delay(2)) {
          [latency] = (await countAll(processes.slice(0, 1))).latencies;
          if (performance.now() > end) throw new Error("a message does not come");
        }
        whole[place]!.push(latency);
        // The answer is sent when the commit is known.
        answers[place]!.push(Math.max(0, latency - answered));
        await delay(5);
      }
      await cutAll(processes.slice(0, 1));
    }
  console.log("from the request to the frame, and from its answer, which is sent at the commit, to the frame, in ms:");
  for (const [place, { name }] of ways.entries()) {
    const ratio = (middle(whole[place]!) / middle(whole[0]!)).toFixed(2);
    console.log(
      `  ${name.padEnd(12)} ${percentiles(whole[place]!)}${place === 0 ? "" : `: ${ratio} times at p50`}; after the answer ${percentiles(answers[place]!)}`,
    );
  }
}
