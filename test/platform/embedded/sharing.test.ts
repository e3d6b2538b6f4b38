// A command beside a server, both on the embedded database.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { expect } from "chai";
import { Client } from "pg";
import { startEmbeddedPostgres } from "../../../src/platform/embedded/embedded-postgres.js";
import { temporaryFolder } from "../../support/database.js";

async function answers(url: string): Promise<boolean> {
  const client = new Client({ connectionString: url });
  try {
    await client.connect();
    return (await client.query("select")).rowCount === 1;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

describe("an embedded Postgres that another process has", function () {
  this.timeout(30_000);

  it("is waited for while it starts, used, and left running", async () => {
    const options = { directory: await temporaryFolder(), log: undefined, durable: false };
    const starting = startEmbeddedPostgres(options);
    const lock = join(options.directory, "postgres.lock");
    while ((await readFile(lock, "utf8").catch(() => "")) === "") await delay(2);
    const shared = await startEmbeddedPostgres({ ...options, share: true });
    const own = await starting;
    expect(shared.url).to.equal(own.url);
    expect(shared.pid()).to.equal(undefined);
    await shared.stop();
    const still = await answers(own.url);
    await own.stop();
    expect(still).to.equal(true);
    expect(await answers(own.url)).to.equal(false);
  });

  it("is one's own when no other has begun, and ends with its stop", async () => {
    const directory = await temporaryFolder();
    const own = await startEmbeddedPostgres({ directory, log: undefined, durable: false, share: true });
    expect(own.pid()).to.be.greaterThan(0);
    expect(await answers(own.url)).to.equal(true);
    await own.stop();
    expect(await answers(own.url)).to.equal(false);
  });
});
