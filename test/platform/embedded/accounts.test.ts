// The embedded Postgres for root and for ordinary users, where the system lacks programs, rights or space.
import { once } from "node:events";
import { mkdir, rm } from "node:fs/promises";
import { expect } from "chai";
import { findProcess } from "../../../src/platform/embedded/process-table.js";
import { temporaryFolder } from "../../support/database.js";
import { canUnshareMounts, makeSandbox, run, runInSandbox, start, without } from "./postgres-child.js";

describe("the embedded Postgres of a process", function () {
  this.timeout(60_000);
  before(function () {
    if (!canUnshareMounts()) this.skip();
  });

  it("of root starts in a folder that only root can enter", async () => {
    expect(await startsTwice(0o700, 0)).to.deep.equal(usual);
  });

  it("of root starts where user namespaces are refused", async () => {
    expect(await startsTwice(0o755, 0, [without("unshare")])).to.deep.equal(usual);
  });

  it("of root starts where both is so, and logs where its data are", async () => {
    const messages = await startsTwice(0o700, 0, [privateVarLib, without("unshare")]);
    expect(messages.join("\n")).to.match(/its data is kept in \/var\/lib\/lyceum\//);
  });

  it("of an ordinary user starts", () => startsTwice(0o755, 65_534));

  it("of a user id without a name starts", () => startsTwice(0o755, 54_321));

  it("of a user id without a name fails where user namespaces are refused, with a sentence that says what to do", async () => {
    const { error } = await runInSandbox(await makeSandbox(0o755, 54_321, [without("unshare")]));
    expect(error).to.match(/^The user id 54321 has no name on this machine.*add it to \/etc\/passwd/);
  });

  it("of root starts on the data of a user, and that of the user again", async () => {
    const sandbox = await makeSandbox(0o755, 54_321);
    expect(await runInSandbox(sandbox)).to.include({ count: 1 });
    expect(await runInSandbox({ ...sandbox, uid: 0 })).to.include({ count: 2 });
    expect(await runInSandbox(sandbox)).to.include({ count: 3 });
  });

  it("of a user fails on the folder of another, with a sentence that says what to do", async () => {
    const sandbox = await makeSandbox(0o755, 54_321);
    await rm(sandbox.data, { recursive: true });
    await mkdir(sandbox.data, { mode: 0o700 });
    expect((await runInSandbox(sandbox)).error).to.match(/cannot be read and written by this user: change its owner/);
  });

  it("fails on a full disk, with a sentence that says what to do", async () => {
    const sandbox = await makeSandbox(0o755, 0, [`mount -t tmpfs -o size=16m none "$4"`]);
    expect((await runInSandbox(sandbox)).error).to.match(/^The disk that holds .* is full: free some space/);
  });

  it("that was killed is stopped by the next one where the system does not stop it, which starts with its data", async () => {
    const directory = await temporaryFolder();
    const withoutSetpriv = ["unshare", "--mount", "sh", "-c", `${without("setpriv")} && exec "$@"`, "sh"];
    const { child, pid, count: before } = await start(directory, withoutSetpriv);
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(await findProcess(pid!)).to.not.equal(undefined);
    const next = await run(directory);
    expect(next).to.include({ count: before! + 1 });
    expect(next.messages[0]).to.contain(`Postgres still runs for a server that was killed (pid ${pid})`);
    expect(await findProcess(pid!)).to.equal(undefined);
  });
});

const usual = ["Postgres creates its data, which takes a moment the first time", "Postgres started"];

// The copy of the binaries has to last from one start to the next, and to leave no trace on the machine.
const privateVarLib = `mkdir -p "$2/lib" && mount --bind "$2/lib" /var/lib`;

/** The log messages of the first of two starts. */
async function startsTwice(...sandboxOptions: Parameters<typeof makeSandbox>): Promise<readonly string[]> {
  const sandbox = await makeSandbox(...sandboxOptions);
  const first = await runInSandbox(sandbox);
  expect(first, first.error).to.include({ count: 1 });
  const second = await runInSandbox(sandbox);
  expect(second, second.error).to.include({ count: 2 });
  return first.messages;
}
