// What lies ready for a long poll or a stream that takes it slowly.
import { expect } from "chai";
import type { Hub } from "../../src/realtime/hub.js";
import { batchesOf } from "../../src/realtime/topic-batch.js";
import { UpdateStream } from "../../src/realtime/update-stream.js";

describe("what lies ready for a stream", () => {
  // Nobody begins here: what is told comes from the tests.
  const stream = (): UpdateStream => new UpdateStream({ hub: {} as Hub, userId: 1, hasMessages: true });
  function tell(told: UpdateStream, topic: string, ...all: number[]): void {
    const whole = all.map((pts) => ({
      id: pts,
      topic,
      pts,
      kind: "x",
      subject_id: 1,
      happened_at: "2026-01-01T00:00:00Z",
      message: undefined,
    }));
    for (const batch of batchesOf({ whole, withoutMessages: whole })) told.updates(batch);
  }

  it("is not told any more when its topic ends", async () => {
    const told = stream();
    told.started("", [{ topic: "chat:1", pts: 0, is_too_long: true }], []);
    tell(told, "chat:1", 1, 2);
    tell(told, "chat:2", 7);
    told.ended(["chat:1"]);
    tell(told, "chat:2", 8);
    const { value } = await told.next();
    expect(value!.updates.map(({ topic, pts }) => [topic, pts])).to.deep.equal([
      ["chat:2", 7],
      ["chat:2", 8],
    ]);
    expect(value).to.deep.include({ topics: [], missing: ["chat:1"] });
  });

  it("is bounded: the stream ends for who takes nothing, and goes on where they were", async () => {
    const told = stream();
    for (let pts = 1; pts <= 6_000; pts++) tell(told, "chat:1", pts);
    expect((await told.next()).done).to.equal(true);
    await told.ready();
  });
});
