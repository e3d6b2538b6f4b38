// Passwords of imports, which nobody waits for: they keep no login from its turn.
import { setMaxListeners } from "node:events";
import { expect } from "chai";
import { patientHashes } from "../../../src/accounts/passwords/patient-hashes.js";
import { createPasswords, type Passwords } from "../../../src/accounts/passwords/passwords.js";
import { upTo } from "../../support/numbers.js";

describe("the passwords of an import", () => {
  let passwords: Passwords;
  beforeEach(() => void (passwords = createPasswords({ cost: 6, threads: 1 })));
  afterEach(() => passwords.close());
  const never = new AbortController().signal;
  setMaxListeners(0, never);

  it("are hashed one after the other, as those of people are", async () => {
    const hashes = await Promise.all(upTo(5).map((number) => passwords.hashPatiently(`a password ${number}`, never)));
    for (const [at, hash] of hashes.entries())
      expect(await passwords.matches(`a password ${at + 1}`, hash)).to.equal(true);
  });

  it("let every login go first: none begins while one waits", async () => {
    const order: string[] = [];
    const hash = await passwords.hash("somebody's");
    // Its thread has started.
    await passwords.hashPatiently("a password", never);
    const patient = upTo(20).map((number) =>
      passwords.hashPatiently(`a password ${number}`, never).then(() => order.push("import")),
    );
    const logins = upTo(20).map(() => passwords.matches("somebody's", hash).then(() => order.push("login")));
    await Promise.all(logins);
    // One was under way before the first login, and one or two while the last was compared, on the other thread.
    expect(order.filter((one) => one === "import").length).to.be.at.most(3);
    await Promise.all(patient);
    expect(order).to.have.length(40);
  });

  it("wait for as long as they may not begin", async () => {
    let mayBegin = false;
    const hashes = patientHashes(4, () => mayBegin);
    let hash: string | undefined;
    const waiting = hashes.hash("a password", never).then((one) => (hash = one));
    await passwords.hash("another, on a thread that is no slower to start");
    await passwords.hash("another");
    expect(hash).to.equal(undefined);
    mayBegin = true;
    hashes.startNext();
    expect(await waiting).to.match(/^\$2b\$04\$/);
    await hashes.close(new Error("It is over"));
  });

  it("are left out when the import ends: those that wait, and no other", async () => {
    const end = new AbortController();
    const reason = new Error("It is cancelled");
    const others = upTo(3).map((number) => passwords.hashPatiently(`of another ${number}`, never));
    const left = upTo(10).map((number) =>
      passwords.hashPatiently(`a password ${number}`, end.signal).catch((error: unknown) => error),
    );
    end.abort(reason);
    expect(await Promise.all(left)).to.deep.equal(Array(10).fill(reason));
    expect(await Promise.all(others)).to.have.length(3);
    expect(await passwords.hashPatiently("late", end.signal).catch((error: unknown) => error)).to.equal(reason);
  });

  it("end with the process, and say so", async () => {
    const left = upTo(3).map((number) =>
      passwords.hashPatiently(`a password ${number}`, never).catch((error: { reason: string }) => error.reason),
    );
    await passwords.close();
    expect(await Promise.all(left)).to.deep.equal(Array(3).fill("SHUTTING_DOWN"));
  });

  it("are not hashed when bcrypt would truncate them", async () => {
    expect(await passwords.hashPatiently("п".repeat(37), never).catch((error: unknown) => error)).to.be.instanceOf(
      RangeError,
    );
  });
});
