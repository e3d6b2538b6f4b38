import { expect } from "chai";
import fc from "fast-check";
import { FairQueue } from "../../src/platform/fair-queue.js";

interface Job {
  readonly address: string;
  readonly account: string;
  readonly isKnown?: boolean;
  readonly kind?: string;
  readonly name: string;
}

describe("the fair queue", () => {
  let now = 0;
  let queue: FairQueue<Job>;
  beforeEach(() => {
    now = 0;
    queue = new FairQueue(() => now);
  });

  const add = (address: string, ...accounts: string[]): void => {
    for (const account of accounts) queue.add({ address, account, name: `${address} ${account}` });
  };
  const takeAll = (): string[] => {
    const names: string[] = [];
    for (let job = queue.takeFirst(); job; job = queue.takeFirst()) names.push(job.name);
    return names;
  };

  it("takes one job of each address before a second one of any", () => {
    add("a", "1", "2", "3");
    add("b", "1", "2");
    add("c", "1");
    expect(takeAll()).to.deep.equal(["a 1", "b 1", "c 1", "a 2", "b 2", "a 3"]);
  });

  it("takes one job of each account of an address before a second one of any", () => {
    add("a", "1", "1", "1", "2", "3", "2");
    expect(takeAll()).to.deep.equal(["a 1", "a 2", "a 3", "a 1", "a 2", "a 1"]);
  });

  it("takes the known and the unknown accounts of an address in turns", () => {
    add("a", "1", "2", "3");
    for (const account of ["4", "5"]) queue.add({ address: "a", account, isKnown: true, name: `known ${account}` });
    add("b", "1");
    expect(takeAll()).to.deep.equal(["a 1", "b 1", "known 4", "a 2", "known 5", "a 3"]);
  });

  it("takes the jobs of different kinds in turns, whatever their addresses have had and however many wait", () => {
    const addKind = (kind: string, address: string, name: string): void =>
      queue.add({ address, account: name, kind, name });
    for (let at = 1; at <= 20; at++) addKind("register", at % 2 ? "a" : `home ${at}`, `new ${at}`);
    queue.takeFirst();
    addKind("login", "a", "login 1");
    addKind("login", "b", "login 2");
    const order = takeAll();
    expect([order.indexOf("login 2"), order.indexOf("login 1")]).to.deep.equal([0, 2]);
    expect(order).to.have.length(21);
    addKind("login", "c", "login 3");
    for (const name of ["new 21", "new 22"]) addKind("register", "c", name);
    expect(takeAll()).to.deep.equal(["login 3", "new 21", "new 22"]);
  });

  it("gives up the last of each kind when too many wait", () => {
    for (let at = 1; at <= 4; at++) queue.add({ address: "a", account: `${at}`, kind: "register", name: `new ${at}` });
    queue.add({ address: "a", account: "5", kind: "login", name: "login" });
    expect(queue.takeBeyond(3).map(({ name }) => name)).to.deep.equal(["new 3", "new 4"]);
  });

  it("lets an address wait that has had more of late, and forgets that with time", () => {
    add("a", "1", "2", "3");
    takeAll();
    add("a", "4");
    add("b", "1", "2");
    expect(takeAll()).to.deep.equal(["b 1", "b 2", "a 4"]);
    now += 24 * 3_600_000;
    add("a", "5");
    add("c", "1");
    expect(takeAll()).to.deep.equal(["a 5", "c 1"]);
  });

  it("counts the addresses of one IPv6 network as one", () => {
    add("2001:db8::1", "1");
    add("2001:db8::2", "2");
    add("2001:db8:0:1::1", "3");
    expect(takeAll()).to.deep.equal(["2001:db8::1 1", "2001:db8:0:1::1 3", "2001:db8::2 2"]);
  });

  it("gives back those who come last when it is too long, however early they came", () => {
    add("flood", ...Array.from({ length: 50 }, (_, index) => String(index)));
    for (const address of ["a", "b", "c"]) add(address, "1");
    expect(queue.takeBeyond(4)).to.have.length(49);
    expect(takeAll()).to.deep.equal(["flood 0", "a 1", "b 1", "c 1"]);
    expect(queue.takeBeyond(0)).to.deep.equal([]);
  });

  it("never takes a job while an address waits that has had less", () => {
    const step = fc.record({
      isTake: fc.boolean(),
      address: fc.constantFrom("a", "b", "c", "d"),
      account: fc.constantFrom("1", "2", "3"),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        queue = new FairQueue(() => now);
        const waiting = new Map<string, number>();
        const had = new Map<string, number>();
        const change = (counts: Map<string, number>, address: string, by: number) =>
          counts.set(address, (counts.get(address) ?? 0) + by);
        for (const { isTake, address, account } of steps) {
          if (!isTake) {
            queue.add({ address, account, name: "" });
            change(waiting, address, 1);
            continue;
          }
          const job = queue.takeFirst();
          if (!job) continue;
          for (const [other, count] of waiting)
            if (count > 0) expect(had.get(job.address) ?? 0).to.be.at.most(had.get(other) ?? 0);
          change(waiting, job.address, -1);
          change(had, job.address, 1);
        }
      }),
    );
  });
});
