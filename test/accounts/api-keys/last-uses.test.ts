import { setTimeout as pause } from "node:timers/promises";
import { expect } from "chai";
import { createLastUses } from "../../../src/accounts/api-keys/last-uses.js";
import { updateLastUses } from "../../../src/accounts/api-keys/store.js";
import { statement } from "../../../src/platform/database/statement.js";
import { openSchool, type School } from "../../support/call-as.js";

const lockKey = statement<object>("pool", "test-lock-key", "select id from api_keys where id = $1 for update");

describe("the last use of an API key", () => {
  let school: School;
  before(async () => {
    school = await openSchool();
  });
  after(() => school.close());

  const lastUse = async (id: number): Promise<string | undefined> =>
    (await school.sql<{ at?: string }>("select last_used_at as at from api_keys where id = $1", [id]))[0]!.at;

  it("is written in the background, and at the latest when the process ends", async () => {
    const anna = await school.account();
    const { id, secret } = await school.apiKeys.createApiKey({ name: "a", scopes: ["SCOPE_USERS_READ"] }, anna.call);
    const process = await openSchool(school.url);
    await process.accounts.knownKeys.callerOf(secret!);
    await process.close();
    const written = await lastUse(id);
    expect(Math.abs(Date.parse(written!) - Date.now())).to.be.below(60_000);
    expect((await school.apiKeys.getApiKey({ api_key_id: id }, anna.call)).last_used_at).to.equal(written);
  });

  it("is written without an end of the process too", async () => {
    const anna = await school.account();
    const { id, secret } = await school.apiKeys.createApiKey({ name: "a", scopes: ["SCOPE_USERS_READ"] }, anna.call);
    await school.accounts.knownKeys.callerOf(secret!);
    while ((await lastUse(id)) === undefined) await pause(20);
  });

  it("is noted once a minute, however often the key is used", async () => {
    let now = 1_000_000;
    const written: [number, string][] = [];
    const uses = createLastUses({ now: () => now, write: async (some) => void written.push(...some) });
    for (let count = 0; count < 100; count++, now += 500) uses.note(7);
    uses.note(8);
    await uses.close();
    expect(written).to.deep.equal([
      [7, new Date(1_000_000).toISOString()],
      [8, new Date(1_050_000).toISOString()],
    ]);
    now = 1_060_000;
    uses.note(7);
    uses.note(8);
    await uses.close();
    expect(written.slice(2)).to.deep.equal([[7, new Date(1_060_000).toISOString()]]);
  });

  it("that cannot be written is written later", async () => {
    const written: [number, string][] = [];
    let isAway = true;
    const uses = createLastUses({
      now: () => 0,
      async write(some) {
        if (isAway) throw new Error("away");
        written.push(...some);
      },
    });
    uses.note(7);
    await uses.close();
    isAway = false;
    uses.note(8);
    await uses.close();
    expect(written.map(([id]) => id)).to.deep.equal([7, 8]);
  });

  it("of several processes is written once a minute, and never goes back", async () => {
    const anna = await school.account();
    const { id } = await school.apiKeys.createApiKey({ name: "a", scopes: ["SCOPE_USERS_READ"] }, anna.call);
    const at = (seconds: number): string => new Date(Date.UTC(2026, 0, 1, 12, 0, seconds)).toISOString();
    const use = (seconds: number): Promise<void> => updateLastUses(school.database, new Map([[id, at(seconds)]]));
    await use(30);
    for (const seconds of [0, 31, 89]) await use(seconds);
    expect(await lastUse(id)).to.equal(at(30));
    await use(90);
    expect(await lastUse(id)).to.equal(at(90));
  });

  it("does not wait for a key that is locked", async () => {
    const anna = await school.account();
    const make = () => school.apiKeys.createApiKey({ name: "a", scopes: ["SCOPE_USERS_READ"] }, anna.call);
    const [locked, free] = [await make(), await make()];
    const now = new Date().toISOString();
    await school.database.transaction(async (queries) => {
      await queries.one(lockKey, [locked.id]);
      await updateLastUses(
        school.database,
        new Map([
          [locked.id, now],
          [free.id, now],
        ]),
      );
    });
    expect([await lastUse(locked.id), await lastUse(free.id)]).to.deep.equal([undefined, now]);
  });
});
