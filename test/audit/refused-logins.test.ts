// What is recorded of logins that are refused: whose account was tried, and from where; and a flood of them is no flood of rows.
import { setTimeout as delay } from "node:timers/promises";
import { expect } from "chai";
import { type AuditedCall } from "../../src/platform/audit/audit.js";
import { recordRefusedTries, type RefusedTriesOptions } from "../../src/platform/audit/refused-tries.js";
import { log, openSchool, type School, somebody } from "../support/call-as.js";
import { upTo } from "../support/numbers.js";
import { reasonOf } from "../support/outcomes.js";

interface Row {
  readonly target: string;
  readonly address: string;
  readonly count: number;
}

describe("refused tries", function () {
  this.timeout(30_000);
  let school: School;
  beforeEach(async () => {
    school = await openSchool();
  });
  afterEach(() => school.close());

  const rows = (): Promise<Row[]> =>
    school.sql<Row>(
      `select target_type || ' ' || target_id as target, address, count from audit_events
        where outcome = 'AUDIT_OUTCOME_FAILURE' order by id`,
    );
  const from = (address: string): AuditedCall => ({
    user: { id: 0, means: "none" },
    client: { address },
    requestId: "r",
  });
  const recorder = (options: Partial<RefusedTriesOptions> = {}) =>
    recordRefusedTries({ database: school.database, log, everyMs: 1, ...options });
  const login = { action: "session.begin_with_password" } as const;
  async function written(count: number): Promise<Row[]> {
    for (;;) {
      const found = await rows();
      if (found.length >= count) return found;
      await delay(5);
    }
  }

  it("name the account, or nothing where there is none, and no address and no password that was typed", async () => {
    const { id, email } = await school.account();
    const [typed, stranger] = ["a wrong password, typed", somebody().email];
    expect(await reasonOf(school.auth.login({ email, password: typed }, school.as()))).to.equal("INVALID_CREDENTIALS");
    expect(await reasonOf(school.auth.login({ email: stranger, password: typed }, school.as()))).to.equal(
      "INVALID_CREDENTIALS",
    );
    expect(await written(2)).to.deep.equal([
      { target: `user ${id}`, address: "", count: 1 },
      { target: " ", address: "", count: 1 },
    ]);
    const found = await school.sql("select from audit_events e where e::text like any ($1::text[])", [
      [`%${typed}%`, `%${stranger}%`, `%${email}%`],
    ]);
    expect(found).to.be.empty;
  });

  it("that are alike are one row at once and one with their number, and none is lost", async () => {
    const tries = recorder();
    const again = (address: string): void => tries.record(from(address), { ...login, target: ["user", 1] });
    again("192.0.2.1");
    await written(1);
    for (const _ of upTo(999)) again("192.0.2.1");
    // An address of its own network is a client of its own.
    again("192.0.2.2");
    again("2001:db8::1");
    again("2001:db8::2");
    await written(3);
    await tries.close();
    expect((await rows()).toSorted((a, b) => a.count - b.count || (a.address < b.address ? -1 : 1))).to.deep.equal([
      { target: "user 1", address: "192.0.2.1", count: 1 },
      { target: "user 1", address: "192.0.2.2", count: 1 },
      { target: "user 1", address: "2001:db8::1", count: 2 },
      { target: "user 1", address: "192.0.2.1", count: 999 },
    ]);
  });

  it("are written again when the time for which they are counted is over", async () => {
    const tries = recorder({ windowMs: 20 });
    tries.record(from("192.0.2.1"), login);
    await written(1);
    tries.record(from("192.0.2.1"), login);
    expect(await written(2)).to.have.length(2);
    await tries.close();
  });

  it("from more addresses than are told apart are counted together", async () => {
    const tries = recorder({ capacity: 10, everyMs: 60_000 });
    for (const at of upTo(5_000))
      tries.record(from(`198.51.${at >> 8}.${at & 255}`), { ...login, target: ["user", at] });
    await tries.close();
    const found = await rows();
    expect(found).to.have.length(11);
    expect(found.at(-1)).to.deep.equal({ target: " ", address: "", count: 4_990 });
  });

  it("wait for a database that is away, and are written when it is back", async () => {
    let isAway = true;
    const database = Object.create(school.database) as School["database"];
    database.one = async (statement, values) => {
      if (isAway) throw new Error("away");
      return school.database.one(statement, values);
    };
    const tries = recorder({ database });
    for (const _ of upTo(3)) {
      tries.record(from("192.0.2.1"), login);
      await delay(5);
    }
    expect(await rows()).to.be.empty;
    isAway = false;
    expect(await written(1)).to.deep.equal([{ target: " ", address: "192.0.2.1", count: 3 }]);
    await tries.close();
  });
});
