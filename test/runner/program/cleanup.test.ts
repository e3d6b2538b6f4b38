// What a run leaves behind on a server: nobody and nothing; and what cannot be taken away is told.
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
import { appoint, testServer, type TestServer } from "../../support/server.js";
import { run, tell } from "./run-program.js";

describe("what a run leaves behind", function () {
  this.timeout(60_000);
  this.slow(10_000);
  let server: TestServer;
  before(async () => {
    server = await testServer();
    // People and things that were there before stay.
    await appoint(server.databaseUrl, "ROLE_SUPER_ADMIN");
  });
  after(() => server.close());

  /** How many people and things there are on the server, and how many there ever were. */
  async function census(): Promise<{ users: number; chats: number; ever: number }> {
    const postgres = new Postgres({ connectionString: server.databaseUrl });
    await postgres.connect();
    try {
      const { rows } = await postgres.query<{ users: number; chats: number; ever: number }>(`
        select (select count(*)::int from users where deleted_at is null) as users,
               (select count(*)::int from chats) as chats,
               (select coalesce(max(id), 0)::int from users) as ever`);
      return rows[0]!;
    } finally {
      await postgres.end();
    }
  }

  for (const [what, words, of, due] of [
    ["cases of chats and their members", ["--grep", "leaveChat", "--tag", "cases"], suite, 0],
    ["cases of people", ["--grep", "register", "--tag", "cases"], suite, 0],
    ["checks that follow from the contract", ["--grep", "createChat", "--tag", "rules,access,verbs"], suite, 0],
    ["made-up messages", ["--tag", "fuzz", "--runs", "100", "--grep", "openDirectChat"], suite, 0],
    ["what fails", ["--tag", "cases"], failing(), 1],
  ] as const) {
    it(`is nothing after ${what}`, async () => {
      const before = await census();
      const { code, summary } = await tell(of, ["--url", server.url, ...words]);
      const after = await census();
      expect(code).to.equal(due);
      expect(summary.notes.filter((note) => note.startsWith("not removed"))).to.deep.equal([]);
      expect(after.ever, "people who were made").to.be.greaterThan(before.ever);
      expect({ users: after.users, chats: after.chats }).to.deep.equal({ users: before.users, chats: before.chats });
    });
  }

  it("is nothing after a run that stopped at a broken promise", async () => {
    const before = await census();
    const { code, summary } = await tell(failing(), ["--url", server.url, "--tag", "cases", "--bail", "--jobs", "2"]);
    const after = await census();
    expect(code).to.equal(1);
    expect(summary.notes.at(-1)).to.match(/^\d+ checks were not begun$/);
    expect(summary.notes.filter((note) => note.startsWith("not removed"))).to.deep.equal([]);
    expect(after.ever, "people who were made").to.be.greaterThan(before.ever);
    expect({ users: after.users, chats: after.chats }).to.deep.equal({ users: before.users, chats: before.chats });
  });

  it("is all that was made where it is to be kept", async () => {
    const before = await census();
    await tell(suite, ["--url", server.url, "--grep", "leaveChat", "--tag", "cases", "--keep"]);
    const after = await census();
    expect(after.users).to.be.greaterThan(before.users);
    expect(after.chats).to.be.greaterThan(before.chats);
  });

  it("is nothing of actors who were long not asked for, before their tokens run out", async () => {
    const before = await census();
    let minutes = 0;
    const client = await checkedClient(server.url, await clientDescriptors(), suite.documents.openApi);
    const target: Target = { enrolment: people, accounts: {}, isThrowaway: true, client: async () => client };
    const worker = new Worker(target, () => minutes * 60_000);
    const enter = async (subject: string): Promise<Actors> => {
      const actors = await worker.actors({ subject });
      await actors.actor("alice", fixedPair({ request: "json", response: "json" }));
      return actors;
    };
    const first = await enter("first");
    minutes = 3;
    expect(await enter("first")).to.equal(first);
    minutes = 5;
    const second = await enter("first");
    expect(second).not.to.equal(first);
    expect((await census()).users, "the first may still be at work").to.equal(before.users + 2);
    minutes = 8;
    await enter("another");
    expect((await census()).users, "the first has gone").to.equal(before.users + 2);
    expect(await worker.close()).to.deep.equal([]);
    expect((await census()).users).to.equal(before.users);
  });

  it("is told where it cannot be taken away", async () => {
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
    expect(text).to.match(/not removed: what register \d+ made: There is no variable \$nothing/);
  });
});

/** Cases that make people and things, and break their promises. */
function failing(): Suite {
  const file: CaseFile = {
    subject: "failing",
    actors: ["alice", "bob"],
    given: [{ call: "createChat", as: "alice", send: { title: "${case}", member_ids: ["$bob"] }, answers: 201 }],
    cases: { createChat: { "is not made": { as: "bob", send: { title: "${case}", member_ids: [] }, answers: 404 } } },
  };
  return { ...suite, files: [file] };
}

describe("the removal of what was made", () => {
  /** A client of a server on which things hold one another; what it was asked, in order. */
  function holding(held: Map<number, number>): { client: Client; asked: number[] } {
    const asked: number[] = [];
    const call = async (_name: string, send: Readonly<Record<string, unknown>>): Promise<Called> => {
      const id = Number(send["chat_id"]);
      asked.push(id);
      const holder = held.get(id);
      const isHeld = holder !== undefined && !gone.has(holder);
      if (!isHeld) gone.add(id);
      const body = isHeld ? { status: 409, reason: "ALREADY_MEMBER" } : {};
      const pair = { request: "json", response: "json" } as const;
      return { status: isHeld ? 409 : 204, headers: {}, body, codec: "json", curl: "", pair };
    };
    const gone = new Set<number>();
    return { client: { call } as unknown as Client, asked };
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

  it("takes away the last that was made first", async () => {
    const { client, asked } = holding(new Map());
    expect(await (await cleanupOf(1, 2, 3)).removeAll(client)).to.deep.equal([]);
    expect(asked).to.deep.equal([3, 2, 1]);
  });

  it("comes again to what was held by another thing", async () => {
    const { client, asked } = holding(
      new Map([
        [3, 2],
        [2, 1],
      ]),
    );
    expect(await (await cleanupOf(1, 2, 3)).removeAll(client)).to.deep.equal([]);
    expect(asked).to.deep.equal([3, 2, 1, 3, 2, 3]);
  });

  it("says what stays and why, once nothing more can be done, and does not try again", async () => {
    const { client, asked } = holding(
      new Map([
        [1, 2],
        [2, 1],
      ]),
    );
    const cleanup = await cleanupOf(1, 2, 3);
    expect(await cleanup.removeAll(client)).to.deep.equal([
      "not removed: what createChat 2 made: 409 ALREADY_MEMBER",
      "not removed: what createChat 1 made: 409 ALREADY_MEMBER",
    ]);
    const count = asked.length;
    expect([await cleanup.removeAll(client), asked.length]).to.deep.equal([[], count]);
  });
});
