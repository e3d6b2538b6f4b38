import { randomBytes } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { expect } from "chai";
import { pino } from "pino";
import { rotateSigningKey } from "../../src/accounts/signing-keys/rotate.js";
import { watchSigningKeys } from "../../src/accounts/signing-keys/signing-keys.js";
import { type Database, openDatabase } from "../../src/platform/database/database.js";
import { encrypt, decrypt } from "../../src/platform/secrets/encrypted-secret.js";
import type { Tokens } from "../../src/gen/lyceum/v1/auth.js";
import { openSchool, type School, somebody } from "../support/call-as.js";
import { upTo } from "../support/numbers.js";
import { reasonOf } from "../support/outcomes.js";

const secretKey = "a secret key of forty bytes, for the tests";

describe("signing keys", function () {
  this.timeout(30_000);
  let here: School;
  let there: School;

  beforeEach(async () => {
    here = await openSchool();
    there = await openSchool(here.url);
  });
  afterEach(async () => {
    await there.close();
    await here.close();
  });

  const rotate = (dropOld = false): Promise<number> => rotateSigningKey(here.database, secretKey, { dropOld });
  const keyOf = ({ access_token = "" }: Tokens): string =>
    JSON.parse(Buffer.from(access_token.split(".")[0]!, "base64url").toString()).kid ?? "0";
  const logIn = async (school: School): Promise<Required<Tokens>> => {
    const draft = somebody();
    await school.auth.register(draft, school.as());
    return (await school.auth.login(draft, school.as())) as Required<Tokens>;
  };
  const signsWith = async (school: School, id: number): Promise<void> => {
    while (keyOf(await logIn(school)) !== String(id)) await pause(50);
  };

  it("are changed in every process, and nobody is logged out", async () => {
    const before = await logIn(here);
    expect(keyOf(before)).to.equal("0");
    const id = await rotate();
    for (const school of [here, there]) await signsWith(school, id);
    for (const school of [here, there]) expect(await school.isLetIn({ tokens: before })).to.equal(true);
    // A session goes on, with the new key.
    const next = (await there.auth.refresh(before, there.as())) as Required<Tokens>;
    expect(keyOf(next)).to.equal(String(id));
    expect(await here.isLetIn({ tokens: next })).to.equal(true);
    expect(keyOf(await here.auth.refresh(next, here.as()))).to.equal(String(id));
  });

  it("sign with the newest, after twenty were made at once, and after a start", async () => {
    const ids = await Promise.all(upTo(20).map(() => rotate()));
    expect(new Set(ids).size).to.equal(20);
    await signsWith(there, Math.max(...ids));
    const late = await openSchool(here.url);
    await signsWith(late, Math.max(...ids));
    await late.close();
  });

  it("that are made while others are read are heard of", async () => {
    const server = await openDatabase({ url: here.url, pool: 2, log: pino({ level: "silent" }) });
    // The rows come late, as over a slow network.
    const database: Database = Object.create(server.database, {
      many: {
        value: async (...args: Parameters<Database["many"]>) => {
          const rows = await server.database.many(...args);
          await pause(300);
          return rows;
        },
      },
    });
    const keys = await watchSigningKeys({ database, listen: server.listen }, secretKey);
    await rotate();
    await pause(100);
    const second = await rotate();
    while (!keys.has(second)) await pause(20);
    await keys.close();
    await server.close();
  });

  it("of before are refused at once when they are dropped, also where a token was seen", async () => {
    const before = await logIn(here);
    for (const school of [here, there]) expect(await school.isLetIn({ tokens: before })).to.equal(true);
    await rotate(true);
    for (const school of [here, there]) while (await school.isLetIn({ tokens: before })) await pause(5);
    expect(await reasonOf(there.auth.refresh(before, there.as()))).to.equal("INVALID_REFRESH_TOKEN");
    expect(await there.isLetIn({ tokens: await logIn(here) })).to.equal(true);
  });

  it("are asked for when another process has signed with one that was not heard of", async () => {
    await rotate();
    const [row] = await here.sql<{ id: number }>("select max(id) as id from signing_keys");
    await signsWith(here, row!.id);
    // A key that was made behind the back of the notifications.
    await here.sql(
      "insert into signing_keys (id, encrypted_secret) select id + 1, encrypted_secret from signing_keys where id = $1",
      [row!.id],
    );
    const late = await openSchool(here.url);
    await signsWith(late, row!.id + 1);
    expect(await here.isLetIn({ tokens: await logIn(late) })).to.equal(true);
    await late.close();
  });

  it("are stored encrypted, for one SECRET_KEY and one purpose", async () => {
    const secret = randomBytes(32);
    const encrypted = encrypt(secretKey, "test", secret);
    expect(decrypt(secretKey, "test", encrypted)).to.deep.equal(secret);
    expect(decrypt(secretKey, "other", encrypted)).to.equal(undefined);
    expect(decrypt(secretKey.toUpperCase(), "test", encrypted)).to.equal(undefined);
    for (const at of [0, 12, encrypted.length - 1]) {
      const changed = Buffer.from(encrypted);
      changed[at]! ^= 1;
      expect(decrypt(secretKey, "test", changed), `byte ${at}`).to.equal(undefined);
    }
    expect(decrypt(secretKey, "test", encrypted.subarray(0, 20))).to.equal(undefined);
  });
});
