import { setTimeout as delay } from "node:timers/promises";
import { expect } from "chai";
import { PoolQueue, type PoolCaller } from "../../../src/platform/database/pool-queue.js";
import { seeded, upTo } from "../../support/numbers.js";
import { outcomes, refusal } from "../../support/outcomes.js";

describe("the queue for the pool", () => {
  const open = (options: Partial<ConstructorParameters<typeof PoolQueue>[0]> = {}): PoolQueue =>
    new PoolQueue({
      size: 3,
      user: { inside: 2, waiting: 4 },
      address: { inside: 3, waiting: 6 },
      timeoutMs: 60_000,
      ...options,
    });

  /** Asks for turns, and records the callers in the order in which they get them. */
  function enterAll(queue: PoolQueue, callers: readonly PoolCaller[]): PoolCaller[] {
    const inside: PoolCaller[] = [];
    for (const caller of callers) void queue.enter(caller).then(() => inside.push(caller));
    return inside;
  }

  it("gives a caller two of three, and the third to another", async () => {
    const queue = open();
    const inside = enterAll(queue, [1, 1, 1, 1, 2, 3]);
    await delay(0);
    expect(inside).to.deep.equal([1, 1, 2]);
    queue.leave(2);
    await delay(0);
    expect(inside).to.deep.equal([1, 1, 2, 3]);
    queue.leave(3);
    queue.leave(1);
    await delay(0);
    expect(inside).to.deep.equal([1, 1, 2, 3, 1]);
  });

  it("lets callers take turns, whoever has asked for more", async () => {
    const queue = open({ size: 1 });
    const inside = enterAll(queue, [1, 1, 1, 1, 2, 2, 3]);
    for (const _ of upTo(7)) {
      await delay(0);
      queue.leave(inside.at(-1));
    }
    expect(inside).to.deep.equal([1, 2, 3, 1, 2, 1, 1]);
  });

  it("has no limit for the process itself but its size", async () => {
    const queue = open();
    const inside = enterAll(queue, [undefined, undefined, undefined, undefined]);
    await delay(0);
    expect(inside).to.have.length(3);
  });

  it("refuses a caller of whom too many wait, at once, and nobody else", async () => {
    const queue = open();
    const inside = enterAll(
      queue,
      upTo(6).map(() => 1),
    );
    const error = await refusal(queue.enter(1));
    expect(error.reason).to.equal("OVERLOADED");
    expect(error.more.retryAfterSeconds).to.equal(1);
    await queue.enter(2);
    expect(inside).to.deep.equal([1, 1]);
  });

  it("gives an address the share of an address, since many people may have it", async () => {
    const queue = open({ size: 4 });
    const inside = enterAll(
      queue,
      upTo(9).map(() => "192.0.2.1"),
    );
    expect((await refusal(queue.enter("192.0.2.1"))).reason).to.equal("OVERLOADED");
    await queue.enter("192.0.2.2");
    expect(inside).to.deep.equal(["192.0.2.1", "192.0.2.1", "192.0.2.1"]);
  });

  it("refuses who waits too long, for their own requests or for those of others", async () => {
    const queue = open({ timeoutMs: 20 });
    await Promise.all([queue.enter(1), queue.enter(1)]);
    expect((await refusal(queue.enter(1))).detail).to.equal("All connections that one caller may have are busy");
    await queue.enter(2);
    expect(await refusal(queue.enter(3))).to.deep.include({
      reason: "DATABASE_UNAVAILABLE",
      detail: "All connections to the database are busy",
    });
    // Those who have gone take no turn.
    queue.leave(1);
    await queue.enter(3);
  });

  it("keeps its bounds, and leaves nobody waiting beside a free place, whatever the order", async () => {
    const random = seeded(5);
    const [size, mostOfUser, mostOfAddress] = [4, 2, 3];
    const queue = open({
      size,
      user: { inside: mostOfUser, waiting: 100 },
      address: { inside: mostOfAddress, waiting: 100 },
    });
    const inside = new Map<PoolCaller, number>();
    let [now, most] = [0, 0];
    const visit = async (caller: PoolCaller): Promise<void> => {
      await queue.enter(caller);
      inside.set(caller, (inside.get(caller) ?? 0) + 1);
      most = Math.max(most, (now += 1));
      expect(now).to.be.at.most(size);
      const bound = { number: mostOfUser, string: mostOfAddress, undefined: size }[typeof caller as "number"];
      expect(inside.get(caller)).to.be.at.most(bound);
      for (const _ of upTo(random(4))) await delay(0);
      inside.set(caller, inside.get(caller)! - 1);
      now -= 1;
      queue.leave(caller);
    };
    const visits = upTo(300).map(() => visit([undefined, 1, 2, 3, "192.0.2.1"][random(5)]));
    const { answers, reasons } = await outcomes(visits);
    expect([answers.length, reasons, most]).to.deep.equal([300, [], size]);
  });
});
