import { expect } from "chai";
import { ApiError } from "../../../src/errors.js";
import { ImageLine } from "../../../src/platform/media/image-line.js";

describe("The line of images", () => {
  /** Jobs that end when the test says so. */
  function begun(line: ImageLine, pixels: number, account = "a") {
    const job = { hasBegun: false, end: (): void => undefined, fail: undefined as unknown as (error: Error) => void };
    const result = line.run(pixels, { address: "192.0.2.1", account }, () => {
      job.hasBegun = true;
      return new Promise<string>((resolve, reject) => {
        job.end = () => resolve("done");
        job.fail = reject;
      });
    });
    return Object.assign(job, { result: result.catch((error: unknown) => error) });
  }
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  it("decodes two at once, and a large one alone, in the order of arrival", async () => {
    const line = new ImageLine(100, 10);
    const [a, b, c, large, e] = [1, 50, 1, 51, 1].map((pixels) => begun(line, pixels)) as [
      ReturnType<typeof begun>,
      ...ReturnType<typeof begun>[],
    ];
    const running = (): boolean[] => [a, b!, c!, large!, e!].map((job) => job.hasBegun);
    await turn();
    expect(running()).eql([true, true, false, false, false]);
    b!.end();
    expect(await b!.result).equal("done");
    await turn();
    expect(running()).eql([true, true, true, false, false]);
    a.end();
    await turn();
    // The last would fit beside the third, but would go before the large one.
    expect(running()).eql([true, true, true, false, false]);
    c!.fail(new Error("broken"));
    await turn();
    expect(running()).eql([true, true, true, true, false]);
    large!.end();
    await turn();
    expect(running()).eql([true, true, true, true, true]);
    e!.end();
    await Promise.all([a, b!, c!, large!, e!].map((job) => job.result));
  });

  it("refuses a job when enough wait, and takes one again when one has gone on", async () => {
    const line = new ImageLine(100, 3);
    const jobs = Array.from({ length: 20 }, () => begun(line, 1));
    const refused = await Promise.all(jobs.slice(5).map((job) => job.result));
    for (const error of refused) expect(error).instanceOf(ApiError).and.include({ reason: "OVERLOADED" });
    expect(jobs.filter((job) => job.hasBegun).length).equal(2);
    jobs[0]!.end();
    await turn();
    const next = begun(line, 1);
    for (const job of [...jobs.slice(1, 5), next]) {
      await turn();
      job.end();
      expect(await job.result).equal("done");
    }
  });

  it("lets nobody stand before everybody else, and refuses who has most in it", async () => {
    const line = new ImageLine(100, 3);
    const many = Array.from({ length: 5 }, () => begun(line, 1, "many"));
    const one = begun(line, 1, "one");
    expect(await many[4]!.result).include({ reason: "OVERLOADED" });
    many[0]!.end();
    await turn();
    many[1]!.end();
    await turn();
    expect(one.hasBegun).equal(true);
    expect(many.slice(2).map((job) => job.hasBegun)).eql([true, false, false]);
    for (const job of [one, many[2]!, many[3]!]) {
      job.end();
      await job.result;
      await turn();
    }
  });
});
