// A command beside a server, both on the embedded database.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { expect } from "chai";
import { startEmbeddedPostgres } from "../../../src/platform/embedded/embedded-postgres.js";
import { temporaryFolder } from "../../support/database.js";
import { query } from "./query.js";

async function isRunning(url: string): Promise<boolean> {
  return query(url, "select").then(
    () => true,
    () => false,
  );
}

describe("a shared embedded Postgres", function () {
  this.timeout(30_000);

  it("of another process is awaited while it starts, used, and left running", async () => {
    const options = { directory: await temporaryFolder(), log: undefined, durable: false };
    const starting = startEmbeddedPostgres(options);
    const lock = join(options.directory, "postgres.lock");
    while ((await readFile(lock, "utf8").catch(() => "")) === "") await delay(2);
    const shared = await startEmbeddedPostgres({ ...options, share: true });
    const own = await starting;
    expect(shared.url).to.equal(own.url);
    expect(shared.pid()).to.equal(undefined);
    await shared.stop();
    const isStillRunning = await isRunning(own.url);
    await own.stop();
    expect(isStillRunning).to.equal(true);
    expect(await isRunning(own.url)).to.equal(false);
  });

  it("is started when no other process has started one, and ends with its stop", async () => {
    const directory = await temporaryFolder();
    const own = await startEmbeddedPostgres({ directory, log: undefined, durable: false, share: true });
    expect(own.pid()).to.be.greaterThan(0);
    expect(await isRunning(own.url)).to.equal(true);
    await own.stop();
    expect(await isRunning(own.url)).to.equal(false);
  });
});
