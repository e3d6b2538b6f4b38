// The frame in which outsiders play, without the tools of any: the session, the lines between it and a client, and what is
// reported of a client that is wrong.
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { Client } from "../../runner/client/client.js";
import type { Given, Step } from "../../runner/cases/case.js";
import { clientDescriptors } from "../support/client-descriptors.js";
import { temporaryFolder } from "../support/database.js";
import { appoint, sharedServer } from "../support/server.js";
import { allOutsiders } from "./all-outsiders.js";
import { ForeignClient } from "./foreign-client.js";
import { Absent } from "./outsider.js";
import { playSession } from "./play-session.js";
import { session } from "./session.js";
import { missingCommand, openWorkshop } from "./workshops.js";

const standIn = fileURLToPath(new URL("stand-in.ts", import.meta.url));
const projectRoot = fileURLToPath(new URL("../..", import.meta.url));

/** The methods of which a session lacks a success or a failure, one line each. */
async function missingIn(given: readonly Given[]): Promise<string[]> {
  const steps = given.filter((step): step is Step => !("mailTo" in step));
  const { rpcs } = await clientDescriptors();
  const isFailure = (step: Step): boolean => typeof step.answers === "string" || step.violates !== undefined;
  return [...rpcs.keys()].flatMap((rpc) => {
    const own = steps.filter(({ call }) => call === rpc);
    const lacks = [!own.some((step) => !isFailure(step)) && "no success", !own.some(isFailure) && "no failure"];
    return lacks.filter((lack) => lack !== false).map((lack) => `${rpc}: ${lack}`);
  });
}

describe("the session of outsiders", () => {
  let url: string;
  let mailFolder: string;
  let admin: { email: string; password: string };

  before(async () => {
    const server = await sharedServer();
    ({ url, mailFolder } = server);
    admin = await appoint(server.databaseUrl, "ROLE_SUPER_ADMIN");
  });

  it("has a success and a failure of every method", async () => {
    expect(await missingIn(session)).to.deep.equal([]);
  });

  it("is found lacking when the steps of a method are removed", async () => {
    const rest = session.filter(
      (step) => "mailTo" in step || (step.call !== "logout" && !(step.call === "getMe" && step.answers)),
    );
    expect(await missingIn(rest)).to.deep.equal(["logout: no success", "logout: no failure", "getMe: no failure"]);
  });

  for (const codec of ["json", "protojson", "protobuf"] as const)
    it(`is played by the runner's own client in ${codec}`, async () => {
      const client = new Client(url, await clientDescriptors());
      expect(await playSession(client, admin, mailFolder, codec)).to.equal(session.length);
    });

  const playWith = async (fault: string): Promise<number> => {
    const program = [process.execPath, "--import", "tsx", standIn, fault];
    const client = new ForeignClient(program, projectRoot, url, await clientDescriptors());
    try {
      return await playSession(client, admin, mailFolder, "json");
    } finally {
      client.end();
    }
  };

  it("is played by a program that reads calls from its input", async () => {
    expect(await playWith("none")).to.equal(session.length);
  });

  for (const [fault, found] of Object.entries({
    "loses the id": /listUsers[^]*id: expected 0, got \d+/,
    "misreads the reason": /the client read the reason NO_REASON, not PRECONDITION_FAILED/,
    ends: /register[^]*it ended with 3\nout of memory/,
    talks: /a line that is not an answer: calling \.\.\./,
  }))
    it(`fails with a program that ${fault}`, async () => {
      const error = await playWith(fault).then(
        () => undefined,
        (reason: unknown) => reason as Error,
      );
      expect(error?.message).to.match(found);
    });

  it("fails with a program that does not exist", async () => {
    const client = new ForeignClient(["./no-such-client"], projectRoot, url, await clientDescriptors());
    const error = await playSession(client, admin, mailFolder).catch((reason: unknown) => reason as Error);
    expect(String(error)).to.include("ENOENT");
  });
});

describe("an outsider", () => {
  it("has a name of its own", () => {
    const names = allOutsiders.map(({ name }) => name);
    expect(names).to.deep.equal([...new Set(names)]);
  });

  it("is skipped with the command that is missing", async () => {
    expect(await missingCommand(["sh", "no-such-toolchain"])).to.equal("no-such-toolchain");
    expect(await missingCommand(["sh"])).to.equal(undefined);
  });

  it("is skipped where a registry cannot be reached, and fails where a registry lacks a package", async () => {
    const workshop = await openWorkshop("frame", await temporaryFolder(), "");
    const outcome = (words: string): Promise<unknown> =>
      workshop.fetch("sh", ["-c", `echo "${words}" >&2; exit 1`]).catch((error: unknown) => error);
    expect(await outcome("dial tcp: lookup modules.example: no such host")).to.be.instanceOf(Absent);
    expect(await outcome("no version of it is served"))
      .to.be.instanceOf(Error)
      .and.not.instanceOf(Absent);
  });

  it("fails when a generator prints a warning", async () => {
    const workshop = await openWorkshop("frame", await temporaryFolder(), "");
    const error = await workshop
      .generate("sh", ["-c", "echo warning: unused import"])
      .catch((reason: unknown) => reason);
    expect(String(error)).to.include("warning: unused import");
  });
});
