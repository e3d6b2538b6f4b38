import { spawnSync } from "node:child_process";
import { setMaxListeners } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { compareSync, getRounds, hashSync } from "bcryptjs";
import { expect } from "chai";
import { createPasswords, type PasswordClient, type Passwords } from "../../../src/accounts/passwords/passwords.js";
import { PasswordThreads } from "../../../src/accounts/passwords/password-threads.js";
import type { ApiError } from "../../../src/errors.js";
import { upTo } from "../../support/numbers.js";
import { refusal } from "../../support/outcomes.js";

describe("passwords", () => {
  let passwords: Passwords;
  before(() => {
    passwords = createPasswords({ cost: 4, threads: 2 });
  });
  after(() => passwords.close());

  it("are hashed by bcrypt at the configured cost, each with its own salt", async () => {
    const [one, other] = await Promise.all([passwords.hash("верный конь"), passwords.hash("верный конь")]);
    expect(one).not.to.equal(other);
    expect(getRounds(one)).to.equal(4);
    expect(compareSync("верный конь", one)).to.equal(true);
  });

  it("match their own hash and no other", async () => {
    const hash = await passwords.hash("correct horse");
    expect(await passwords.matches("correct horse", hash)).to.equal(true);
    expect(await passwords.matches("correct horsf", hash)).to.equal(false);
    expect(await passwords.matches("", hash)).to.equal(false);
  });

  it("match in any spelling of their letters and spaces, and as they were typed when they were hashed before", async () => {
    for (const password of ["пароль йод", "café crème", "\u1112\u1161\u11ab\u1100\u116e\u11a8 1", "\u212bngström"]) {
      const hash = await passwords.hash(password.normalize("NFC"));
      for (const typed of [password.normalize("NFD"), password.normalize("NFC"), password.replaceAll(" ", "\u00a0")])
        expect(await passwords.matches(typed, hash), JSON.stringify(typed)).to.equal(true);
      expect(await passwords.matches(password.normalize("NFD"), hashSync(password.normalize("NFD"), 4))).to.equal(true);
    }
    // NFKC: a letter is the same in each of its forms.
    for (const [typed, same] of [
      ["５２ apples", "52 apples"],
      ["5² apples", "52 apples"],
      ["ﬁnish line", "finish line"],
      ["Ｐａｒｏｌｅ ①", "Parole 1"],
    ] as const) {
      expect(await passwords.matches(typed, await passwords.hash(same)), typed).to.equal(true);
      expect(await passwords.matches(same, await passwords.hash(typed)), typed).to.equal(true);
      // A hash of before: NFC, and as it was typed.
      expect(await passwords.matches(typed, hashSync(typed.normalize("NFC"), 4)), typed).to.equal(true);
      expect(await passwords.matches(same, hashSync(typed.normalize("NFC"), 4)), typed).to.equal(false);
    }
    // Longer in its normal form than bcrypt reads.
    for (const long of ["\u0958".repeat(24), "\ufdfa".repeat(8)]) {
      expect(await passwords.matches(long, await passwords.hash(long))).to.equal(true);
      expect(await passwords.matches(`${long}!`, await passwords.hash(long))).to.equal(false);
    }
  });

  it("match nothing when there is no hash, or when bcrypt would truncate them", async () => {
    const longest = "п".repeat(36);
    const hash = await passwords.hash(longest);
    expect(await passwords.matches(longest, hash)).to.equal(true);
    expect(await passwords.matches(`${longest}!`, hash)).to.equal(false);
    expect(await passwords.matches(longest, undefined)).to.equal(false);
  });

  it("are not hashed when bcrypt would truncate them", async () => {
    await passwords.hash("п".repeat(37)).then(
      () => expect.fail("It was hashed"),
      (error: unknown) => expect(error).to.be.instanceOf(RangeError),
    );
  });

  it("take as long to compare without a hash as with one", async () => {
    // A hash of the lowest cost would take a thirtieth of the time. The bounds are wide for a busy machine.
    const slow = createPasswords({ cost: 9, threads: 1 });
    const hash = await slow.hash("correct horse");
    const time = async (known: string | undefined): Promise<number> => {
      const times: number[] = [];
      for (let count = 0; count < 3; count++) {
        const begun = performance.now();
        await slow.matches("wrong horse", known);
        times.push(performance.now() - begun);
      }
      return Math.min(...times);
    };
    const unknown = await time(undefined);
    expect(unknown / (await time(hash))).to.be.within(0.2, 5);
    // A hash of before PASSWORD_COST was raised: the comparison alone takes a thirtieth.
    expect(unknown / (await time(hashSync("correct horse", 4)))).to.be.within(0.2, 5);
    await slow.close();
  }).timeout(30_000);

  it("are compared as often without a hash as with one, however they are spelled", async () => {
    const own = createPasswords({ cost: 4, threads: 1 });
    const run = PasswordThreads.prototype.run;
    let compared = 0;
    PasswordThreads.prototype.run = function (this: PasswordThreads, task) {
      compared += 1;
      return run.call(this, task);
    };
    const costOf = async (password: string, hash: string | undefined): Promise<number> => {
      compared = 0;
      expect(await own.matches(password, hash)).to.equal(false);
      return compared;
    };
    try {
      const hash = await own.hash("correct horse");
      for (const wrong of ["wrong horse", "и\u0306од", "no\u00a0break", "п".repeat(37), "e\u0301".repeat(30), "x"])
        expect(await costOf(wrong, undefined), JSON.stringify(wrong)).to.equal(await costOf(wrong, hash));
      expect(await costOf("wrong horse", undefined)).to.equal(1);
    } finally {
      PasswordThreads.prototype.run = run;
      await own.close();
    }
  });

  for (const [from, address] of [
    ["one address", () => "10.0.0.1"],
    ["twenty addresses", (index: number) => `10.0.0.${index}`],
  ] as const)
    it(`of twenty registrations from ${from} hold up no comparison by more than the one under way and one more`, async () => {
      const busy = createPasswords({ cost: 6, threads: 1 });
      const hash = await busy.hash("correct horse");
      const order: string[] = [];
      const jobs = upTo(20).map((index) =>
        busy.hash("a new one", client(address(index), `new-${index}`)).then(() => order.push(`new ${index}`)),
      );
      jobs.push(busy.matches("correct horse", hash, client("10.0.0.1", "anna")).then(() => order.push("anna")));
      jobs.push(busy.matches("wrong", hash, client("10.0.0.9", "boris")).then(() => order.push("boris")));
      await Promise.all(jobs);
      expect([order.indexOf("anna"), order.indexOf("boris")]).to.have.members([1, 3]);
      expect(order).to.have.length(22);
      await busy.close();
    });

  it("do not block the event loop while fifty are compared at once", async () => {
    const real = createPasswords({ cost: 8 });
    const hash = await real.hash("correct horse");
    let turns = 0;
    const counter = setInterval(() => (turns += 1), 1);
    const answers = await Promise.all(Array.from({ length: 50 }, () => real.matches("correct horse", hash)));
    clearInterval(counter);
    expect(answers).to.deep.equal(Array.from({ length: 50 }, () => true));
    // A comparison on the event loop is one turn, whatever the machine.
    expect(turns).to.be.above(2 * answers.length);
    await real.close();
  }).timeout(30_000);

  it("are refused with OVERLOADED when too many wait", async () => {
    const narrow = createPasswords({ cost: 4, threads: 1, queue: 3 });
    const outcomes = await Promise.allSettled(Array.from({ length: 10 }, () => narrow.matches("x", undefined)));
    const refused = outcomes.filter((outcome) => outcome.status === "rejected");
    expect(refused).to.have.length(6);
    for (const { reason } of refused) {
      expect(reason).to.include({ reason: "OVERLOADED" });
      expect((reason as ApiError).more.retryAfterSeconds).to.be.at.least(1);
    }
    expect(await narrow.matches("x", undefined)).to.equal(false);
    await narrow.close();
  });

  it("are refused with OVERLOADED when they have waited for too long", async () => {
    const late = createPasswords({ cost: 12, threads: 1, waitMs: 20 });
    let isFirstDone = false;
    const first = late.matches("x", undefined).then(() => (isFirstDone = true));
    expect((await refusal(late.matches("x", undefined))).reason).to.equal("OVERLOADED");
    expect(isFirstDone).to.equal(false);
    await first;
    await late.close();
  });

  const client = (address: string, account: string): PasswordClient => ({
    address,
    account: `${account}@example.org`,
    signal: new AbortController().signal,
  });
  /** Who floods, 150 times at once, and who is honest. */
  const floods: Readonly<
    Record<string, { who(index: number): PasswordClient; honest(index: number): PasswordClient }>
  > = {
    "one address": {
      who: (index) => client("10.0.0.1", `guess-${index}`),
      honest: (index) => client(`10.1.1.${index}`, "anna"),
    },
    "ten addresses": {
      who: (index) => client(`10.0.0.${index % 10}`, "anna"),
      honest: (index) => client(`10.1.1.${index}`, "anna"),
    },
    "the same address on another account": {
      who: () => client("10.0.0.1", "boris"),
      honest: (index) => client("10.0.0.1", `anna-${index}`),
    },
  };
  for (const [source, { who, honest }] of Object.entries(floods))
    it(`of whoever has had none yet come next, before a flood from ${source}`, async () => {
      const busy = createPasswords({ cost: 6, threads: 1 });
      const hasHad = new Set<string>();
      let [compared, isOver] = [0, false];
      const flood = async (one: PasswordClient): Promise<void> => {
        while (!isOver) {
          try {
            await busy.matches("x", undefined, one);
            compared += 1;
            hasHad.add(one.address);
          } catch (error) {
            expect(error).to.include({ reason: "OVERLOADED" });
            await pause(1);
          }
        }
      };
      const clients = upTo(150).map(who);
      const flooding = clients.map(flood);
      while (hasHad.size < new Set(clients.map(({ address }) => address)).size) await pause(1);
      for (const index of upTo(5)) {
        const before = compared;
        await busy.matches("x", undefined, honest(index));
        // The one that was under way.
        expect(compared - before).to.be.at.most(1);
      }
      isOver = true;
      await Promise.all(flooding);
      await busy.close();
    }).timeout(30_000);

  it("of an account whose password was right at an address come next, before a flood from there on ever other accounts", async () => {
    const busy = createPasswords({ cost: 6, threads: 1 });
    const anna = client("10.0.0.1", "anna");
    const hash = await busy.hash("correct horse");
    expect(await busy.matches("correct horse", hash, anna)).to.equal(true);
    let [compared, guesses, isOver] = [0, 0, false];
    const flooding = upTo(150).map(async () => {
      while (!isOver) {
        const guess = busy.matches("x", undefined, client("10.0.0.1", `guess-${(guesses += 1)}`));
        await guess.then(
          () => (compared += 1),
          () => pause(1),
        );
      }
    });
    while (compared < 10) await pause(1);
    for (const password of ["correct horse", "x", "correct horse"]) {
      const before = compared;
      expect(await busy.matches(password, hash, anna)).to.equal(password !== "x");
      expect(compared - before).to.be.at.most(1);
    }
    isOver = true;
    await Promise.all(flooding);
    await busy.close();
  }).timeout(30_000);

  it("of clients that have gone are not compared, and nobody waits for them", async () => {
    const busy = createPasswords({ cost: 9, threads: 1 });
    const gone = new AbortController();
    const reason = new Error("gone");
    setMaxListeners(0, gone.signal);
    let compared = 0;
    const guesses = upTo(99).map((index) =>
      busy.matches("x", undefined, { ...client("10.0.0.1", `guess-${index}`), signal: gone.signal }).then(
        () => (compared += 1),
        (error: unknown) => expect(error).to.equal(reason),
      ),
    );
    gone.abort(reason);
    // From the same address, where it would come last.
    await busy.matches("x", undefined, client("10.0.0.1", "guess-1"));
    await Promise.all(guesses);
    expect(compared).to.equal(1);
    const late = busy.matches("x", undefined, { ...client("10.0.0.1", "late"), signal: gone.signal });
    expect(await late.catch((error: unknown) => error)).to.equal(reason);
    await busy.close();
  });

  it("are still compared after a malformed hash has ended a thread", async () => {
    const single = createPasswords({ cost: 4, threads: 1 });
    const none = `$9$${"x".repeat(57)}`;
    const outcomes = await Promise.allSettled(
      [none, undefined, none, undefined].map((hash) => single.matches("correct horse", hash)),
    );
    expect(outcomes.map(({ status }) => status)).to.deep.equal(["rejected", "fulfilled", "rejected", "fulfilled"]);
    await single.close();
  });

  it("are refused with SHUTTING_DOWN after close, waiting ones included", async () => {
    const closing = createPasswords({ cost: 10, threads: 1 });
    const waiting = [1, 2, 3].map(() => refusal(closing.hash("correct horse")));
    await closing.close();
    for (const error of await Promise.all(waiting)) expect(error.reason).to.equal("SHUTTING_DOWN");
    expect((await refusal(closing.hash("correct horse"))).reason).to.equal("SHUTTING_DOWN");
    await closing.close();
  });

  it("keep the process alive until they are hashed, and no longer", () => {
    const file = new URL("../../../src/accounts/passwords/passwords.ts", import.meta.url).href;
    const script = `const { createPasswords } = await import(${JSON.stringify(file)});
      console.log(await createPasswords({ cost: 4 }).hash("correct horse"));`;
    const { stdout, status } = spawnSync(process.execPath, ["--import=tsx", "--input-type=module", "-e", script], {
      encoding: "utf8",
      timeout: 30_000,
    });
    expect(stdout).to.match(/^\$2b\$04\$.{53}\n$/);
    expect(status).to.equal(0);
  }).timeout(40_000);
});
