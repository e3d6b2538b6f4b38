// A run removes everything that it created on a server, and reports what it could not remove.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { Client as Postgres } from "pg";
import type { CaseFile } from "../../../runner/cases/case.js";
import type { Actors } from "../../../runner/cases/actors.js";
import type { Answer, Called, Client } from "../../../runner/client/client.js";
import type { Target } from "../../../runner/cases/target.js";
import { Worker } from "../../../runner/cases/worker.js";
import { fixedPair } from "../../../runner/cases/codec-plan.js";
import { Cleanup } from "../../../runner/cases/cleanup.js";
import type { Suite } from "../../../runner/suite.js";
import { checkedClient } from "../../../runner/program/checked-client.js";
import { people } from "../../../suite/people.js";
import { suite } from "../../../suite/suite.js";
import { clientDescriptors } from "../../support/client-descriptors.js";
import { temporaryFolder } from "../../support/database.js";
import { repeats } from "../../support/numbers.js";
import { appoint, sharedServer, type SharedServer } from "../../support/server.js";
import { run, runForReport } from "./run-program.js";

/** Of the runs whose cleanup is looked at. */
const serializations = repeats(["--codec", "json"], ["--pairs", "three"]);

describe("after a run", function () {
  this.timeout(60_000);
  this.slow(10_000);
  let server: SharedServer;
  let accounts: string;
  before(async () => {
    server = await sharedServer();
    // Existing accounts and things remain.
    const admin = await appoint(server.databaseUrl, "ROLE_SUPER_ADMIN");
    const teacher = await appoint(server.databaseUrl, "ROLE_TEACHER");
    accounts = join(await temporaryFolder(), "accounts.json");
    await writeFile(accounts, JSON.stringify({ admin, teacher }), { mode: 0o600 });
  });

  /** The numbers of users and chats on the server, and the number of users that ever existed. */
  async function counts(): Promise<{ users: number; chats: number; groups: number; ever: number }> {
    const postgres = new Postgres({ connectionString: server.databaseUrl });
    await postgres.connect();
    try {
      const { rows } = await postgres.query<{ users: number; chats: number; groups: number; ever: number }>(`
        select (select count(*)::int from users where deleted_at is null) as users,
               (select count(*)::int from chats) as chats,
               (select count(*)::int from groups) as groups,
               (select coalesce(max(id), 0)::int from users) as ever`);
      return rows[0]!;
    } finally {
      await postgres.end();
    }
  }

  for (const [what, words, of, due] of [
    ["cases of chats and their members", ["--grep", "leaveChat", "--tag", "cases"], suite, 0],
    ["cases of users", ["--grep", "register", "--tag", "cases"], suite, 0],
    ["derived checks", ["--grep", "createChat", "--tag", "rules,access,verbs"], suite, 0],
    ["generated messages", ["--tag", "fuzz", "--runs", "100", "--grep", "openDirectChat"], suite, 0],
    ["cases that fail", ["--tag", "cases"], failing(), 1],
  ] as const) {
    it(`nothing remains of ${what}`, async () => {
      const before = await counts();
      const { code, summary } = await runForReport(of, ["--url", server.url, ...serializations, ...words]);
      const after = await counts();
      expect(code).to.equal(due);
      expect(summary.notes.filter((note) => note.startsWith("not removed"))).to.deep.equal([]);
      expect(after.ever, "created users").to.be.greaterThan(before.ever);
      expect({ ...after, ever: 0 }).to.deep.equal({ ...before, ever: 0 });
    });
  }

  for (const [what, words] of [
    ["accounts that accepted an invite", ["--grep", "acceptInvite", "--tag", "cases"]],
    ["groups and their chats", ["--grep", "updateGroup", "--tag", "cases"]],
    ["accounts with another password", ["--grep", "changePassword", "--tag", "cases"]],
  ] as const) {
    it(`nothing remains of ${what}, where a super admin removes them`, async () => {
      const before = await counts();
      const given = ["--url", server.url, "--codec", "json", "--accounts", accounts, "--mailbox", server.mailFolder];
      const { code, outcomes, summary } = await runForReport(suite, [...given, ...words]);
      const after = await counts();
      expect(outcomes.flatMap(({ status, why }) => (status === "failed" ? [why] : []))).to.deep.equal([]);
      expect(code).to.equal(0);
      expect(summary.notes.filter((note) => note.startsWith("not removed"))).to.deep.equal([]);
      expect(after.ever, "created users").to.be.greaterThan(before.ever);
      expect({ ...after, ever: 0 }).to.deep.equal({ ...before, ever: 0 });
    });
  }

  it("that stopped at a broken promise, nothing remains", async () => {
    const before = await counts();
    const { code, summary } = await runForReport(failing(), [
      "--url",
      server.url,
      "--tag",
      "cases",
      "--bail",
      "--jobs",
      "2",
    ]);
    const after = await counts();
    expect(code).to.equal(1);
    expect(summary.notes.at(-1)).to.match(/^\d+ checks did not begin$/);
    expect(summary.notes.filter((note) => note.startsWith("not removed"))).to.deep.equal([]);
    expect(after.ever, "created users").to.be.greaterThan(before.ever);
    expect({ users: after.users, chats: after.chats }).to.deep.equal({ users: before.users, chats: before.chats });
  });

  it("with --keep, everything remains", async () => {
    const before = await counts();
    const words = ["--grep", "leaveChat", "--tag", "cases", "--codec", "json", "--keep"];
    await runForReport(suite, ["--url", server.url, ...words]);
    const after = await counts();
    expect(after.users).to.be.greaterThan(before.users);
    expect(after.chats).to.be.greaterThan(before.chats);
  });

  it("actors are removed before their tokens expire", async () => {
    const before = await counts();
    let minutes = 0;
    const client = await checkedClient(server.url, await clientDescriptors(), suite.documents.openApi);
    const target: Target = { enrolment: people, accounts: {}, isThrowaway: true, client: async () => client };
    const worker = new Worker(target, () => minutes * 60_000);
    const enrol = async (subject: string): Promise<Actors> => {
      const actors = await worker.actors({ subject });
      await actors.actor("alice", fixedPair({ request: "json", response: "json" }));
      return actors;
    };
    const first = await enrol("first");
    minutes = 3;
    expect(await enrol("first")).to.equal(first);
    minutes = 5;
    const second = await enrol("first");
    expect(second).not.to.equal(first);
    expect((await counts()).users, "the first actors may still be in use").to.equal(before.users + 2);
    minutes = 8;
    await enrol("another");
    expect((await counts()).users, "the first actors are removed").to.equal(before.users + 2);
    expect(await worker.close()).to.deep.equal([]);
    expect((await counts()).users).to.equal(before.users);
  });

  it("what could not be removed is reported", async () => {
    const wrong: Suite = {
      ...suite,
      enrolment: { ...people, undo: { register: [{ call: "deleteChat", token: "$nothing", send: { chat_id: 1 } }] } },
    };
    const { code, text } = await run(wrong, [
      "--url",
      server.url,
      "--grep",
      "getMe",
      "--tag",
      "cases",
      "--codec",
      "json",
    ]);
    expect(code).to.equal(0);
    expect(text).to.match(/not removed: the result of register \d+: There is no variable \$nothing/);
  });
});

/** Cases that create users and chats, and fail. */
function failing(): Suite {
  const file: CaseFile = {
    subject: "failing",
    actors: ["alice", "bob"],
    given: [{ call: "createChat", as: "alice", send: { title: "${case}", member_ids: ["$bob"] }, answers: 201 }],
    cases: { createChat: { "is refused": { as: "bob", send: { title: "${case}", member_ids: [] }, answers: 404 } } },
  };
  return { ...suite, files: [file] };
}

describe("the cleanup after a run", () => {
  /** A client of a server on which things depend on each other, with its calls in order. */
  async function dependent(held: Map<number, number>): Promise<{ client: Client; calls: number[] }> {
    const calls: number[] = [];
    const call = async (_name: string, send: Readonly<Record<string, unknown>>): Promise<Called> => {
      const id = Number(send["chat_id"]);
      calls.push(id);
      const holder = held.get(id);
      const isHeld = holder !== undefined && !gone.has(holder);
      if (!isHeld) gone.add(id);
      const body = isHeld ? { status: 409, reason: "ALREADY_MEMBER" } : {};
      const pair = { request: "json", response: "json" } as const;
      return { status: isHeld ? 409 : 204, headers: {}, body, codec: "json", curl: "", pair };
    };
    const gone = new Set<number>();
    const descriptors = await clientDescriptors();
    return { client: { call, descriptors } as unknown as Client, calls };
  }

  async function cleanupOf(...ids: readonly number[]): Promise<Cleanup> {
    const cleanup = new Cleanup(people);
    const rpc = (await clientDescriptors()).rpcs.get("createChat")!;
    for (const id of ids) {
      const answer: Answer = { status: 201, headers: {}, body: { id }, codec: "json", curl: "" };
      cleanup.record(rpc, {}, answer, "a token");
    }
    return cleanup;
  }

  it("removes the newest thing first", async () => {
    const { client, calls } = await dependent(new Map());
    expect(await (await cleanupOf(1, 2, 3)).removeAll(client)).to.deep.equal([]);
    expect(calls).to.deep.equal([3, 2, 1]);
  });

  it("retries what another thing depended on", async () => {
    const { client, calls } = await dependent(
      new Map([
        [3, 2],
        [2, 1],
      ]),
    );
    expect(await (await cleanupOf(1, 2, 3)).removeAll(client)).to.deep.equal([]);
    expect(calls).to.deep.equal([3, 2, 1, 3, 2, 3]);
  });

  it("reports what remains and why, and does not try again", async () => {
    const { client, calls } = await dependent(
      new Map([
        [1, 2],
        [2, 1],
      ]),
    );
    const cleanup = await cleanupOf(1, 2, 3);
    expect(await cleanup.removeAll(client)).to.deep.equal([
      "not removed: the result of createChat 2: 409 ALREADY_MEMBER",
      "not removed: the result of createChat 1: 409 ALREADY_MEMBER",
    ]);
    const count = calls.length;
    expect([await cleanup.removeAll(client), calls.length]).to.deep.equal([[], count]);
  });
});
