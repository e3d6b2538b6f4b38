import { expect } from "chai";
import pg from "pg";
import { operatorCall, recordAudit } from "../../../src/platform/audit/audit.js";
import { chainKey } from "../../../src/platform/audit/chain.js";
import { chainCommitted } from "../../../src/platform/audit/chaining.js";
import { type AuditFault, type AuditSummary, verifyAudit } from "../../../src/platform/audit/verification.js";
import { openSchool, type School } from "../../support/call-as.js";
import { upTo } from "../../support/numbers.js";

const key = chainKey(Buffer.alloc(32, 7));

/** What a person with all rights in the database does, with the triggers off. */
type Tampering = readonly [what: string, sql: string, named: readonly AuditFault[]];

const changes: readonly Tampering[] = [
  ["created_at", "created_at = created_at + interval '1 millisecond'"],
  ["actor_id", "actor_id = 99"],
  ["actor_id, to nobody", "actor_id = null"],
  ["means", "means = 'AUDIT_MEANS_BEARER'"],
  ["action", "action = 'session.end'"],
  ["target_type", "target_type = 'chat'"],
  ["target_id", "target_id = '99'"],
  ["outcome", "outcome = 'AUDIT_OUTCOME_FAILURE'"],
  ["count", "count = 2"],
  ["address", "address = '10.0.0.1'"],
  ["request_id", "request_id = 'other'"],
].map(([column, change]) => [
  `a change of ${column}`,
  `update audit_events set ${change} where id = 5`,
  [{ kind: "changed", position: 5, eventId: 5 }],
]);

const tamperings: readonly Tampering[] = [
  ...changes,
  [
    "the removal of the first event",
    "delete from audit_events where id = 1",
    [{ kind: "missing", position: 1, eventId: 1 }],
  ],
  [
    "the removal of one in the middle",
    "delete from audit_events where id = 5",
    [{ kind: "missing", position: 5, eventId: 5 }],
  ],
  ["the removal of the last", "delete from audit_events where id = 9", [{ kind: "missing", position: 9, eventId: 9 }]],
  [
    "the removal of the first event and its entry",
    "delete from audit_events where id = 1; delete from audit_chain where position = 1",
    [{ kind: "missing", position: 1 }],
  ],
  [
    "the removal of several events and their entries",
    "delete from audit_events where id between 4 and 6; delete from audit_chain where position between 4 and 6",
    [{ kind: "missing", position: 4, until: 6 }],
  ],
  [
    "the removal of the last entry alone",
    "delete from audit_chain where position = 9",
    [{ kind: "inserted", eventId: 9 }],
  ],
  [
    "two events that changed places",
    `alter table audit_events alter id drop identity;
     update audit_events set id = case id when 3 then -7 else -3 end where id in (3, 7);
     update audit_events set id = -id where id in (-3, -7)`,
    [
      { kind: "moved", position: 3, eventId: 3 },
      { kind: "moved", position: 7, eventId: 7 },
    ],
  ],
  [
    "two entries that changed places",
    `update audit_chain set position = -position where position in (3, 7);
     update audit_chain set position = case position when -3 then 7 else 3 end where position < 0`,
    [
      { kind: "moved", position: 3, eventId: 7 },
      { kind: "moved", position: 7, eventId: 3 },
    ],
  ],
  [
    "two entries that changed their events",
    `update audit_chain set event_id = -event_id where event_id in (3, 7);
     update audit_chain set event_id = case event_id when -3 then 7 else 3 end where event_id < 0`,
    [
      { kind: "moved", position: 3, eventId: 7 },
      { kind: "moved", position: 7, eventId: 3 },
    ],
  ],
  [
    "a removed event whose place the later ones take",
    `delete from audit_chain where position = 5; delete from audit_events where id = 5;
     update audit_chain set position = -position where position > 5;
     update audit_chain set position = -position - 1 where position < 0`,
    [
      { kind: "moved", position: 5, eventId: 6 },
      { kind: "moved", position: 6, eventId: 7 },
      { kind: "moved", position: 7, eventId: 8 },
      { kind: "moved", position: 8, eventId: 9 },
    ],
  ],
  [
    "a forged event without an entry",
    `insert into audit_events (means, action, outcome) values ('AUDIT_MEANS_NONE', 'a.b', 'AUDIT_OUTCOME_SUCCESS')`,
    [{ kind: "inserted", eventId: 10 }],
  ],
  [
    "a forged event with a forged entry",
    `insert into audit_events (means, action, outcome) values ('AUDIT_MEANS_NONE', 'a.b', 'AUDIT_OUTCOME_SUCCESS');
     insert into audit_chain select 10, 10, key_id, hash, sha256('event'), sha256('entry') from audit_chain where position = 9`,
    [{ kind: "changed", position: 10, eventId: 10 }],
  ],
  [
    "a copy of an event with a copy of its entry",
    `insert into audit_events (created_at, actor_id, means, action, target_type, target_id, outcome, request_id)
     select created_at, actor_id, means, action, target_type, target_id, outcome, request_id from audit_events where id = 5;
     insert into audit_chain select 10, 10, key_id, hash, event_hash, sha256('entry') from audit_chain where position = 5`,
    [{ kind: "moved", position: 10, eventId: 10 }],
  ],
  [
    "two entries at one position",
    `alter table audit_chain drop constraint audit_chain_pkey;
     insert into audit_events (means, action, outcome) values ('AUDIT_MEANS_NONE', 'a.b', 'AUDIT_OUTCOME_SUCCESS');
     insert into audit_chain select position, 10, key_id, previous_hash, event_hash, hash from audit_chain where position = 5`,
    [{ kind: "inserted", position: 5, eventId: 10 }],
  ],
  ...["previous_hash", "hash"].map((column): Tampering => [
    `a change of ${column}`,
    `update audit_chain set ${column} = sha256('another') where position = 5`,
    [{ kind: "moved", position: 5, eventId: 5 }],
  ]),
  [
    "a change of event_hash",
    "update audit_chain set event_hash = sha256('another') where position = 5",
    [{ kind: "changed", position: 5, eventId: 5 }],
  ],
  [
    "a key that is not known",
    "update audit_chain set key_id = 'deadbeef' where position = 5",
    [{ kind: "unknown-key", position: 5, eventId: 5 }],
  ],
  [
    "three faults at once",
    `update audit_events set action = 'a.b' where id = 2; delete from audit_events where id = 5;
     update audit_events set count = 3 where id = 8`,
    [
      { kind: "changed", position: 2, eventId: 2 },
      { kind: "missing", position: 5, eventId: 5 },
      { kind: "changed", position: 8, eventId: 8 },
    ],
  ],
];

describe("the verification of the audit", function () {
  this.timeout(60_000);
  let school: School;
  let client: pg.Client;

  beforeEach(async () => {
    school = await openSchool();
    client = new pg.Client({ connectionString: school.url });
    await client.connect();
    for (const id of upTo(9)) await record(id);
    await chain();
  });
  afterEach(async () => {
    await client.end();
    await school.close();
  });

  const record = (id: number): Promise<void> =>
    recordAudit(school.database, operatorCall, { action: "account.create", actorId: 1, target: ["user", id] });
  const chain = (with_ = key): Promise<number> => chainCommitted(school.database, with_);
  const tamper = (sql: string): Promise<unknown> =>
    client.query(`begin; set local session_replication_role = replica; ${sql}; commit`);

  async function verify(anchor?: Buffer, keys = [key]): Promise<{ faults: AuditFault[]; summary: AuditSummary }> {
    const found = verifyAudit(school.database, { keys, batch: 4, ...(anchor && { anchor }) });
    const faults: AuditFault[] = [];
    for (;;) {
      const { done, value } = await found.next();
      if (done === true) return { faults, summary: value };
      faults.push(value);
    }
  }

  it("finds no fault in what was recorded, and says what waits", async () => {
    await record(10);
    const { faults, summary } = await verify();
    expect(faults).to.be.empty;
    expect(summary).to.include({ entries: 9, waiting: 1 });
    expect(summary.head.position).to.equal(9);
  });

  for (const [what, sql, named] of tamperings)
    it(`names ${what}`, async () => {
      await tamper(sql);
      const { faults } = await verify();
      expect(faults).to.deep.equal(named);
    });

  it("finds by an earlier head that the end was removed, also after more was chained", async () => {
    const { head } = (await verify()).summary;
    expect((await verify(head.hash)).summary.anchoredAt).to.equal(9);
    await record(10);
    await chain();
    expect((await verify(head.hash)).summary.anchoredAt).to.equal(9);
    await tamper("delete from audit_events where id > 7; delete from audit_chain where position > 7");
    expect((await verify(head.hash)).summary.anchoredAt).to.equal(undefined);
    for (const id of upTo(4)) await record(id);
    await chain();
    const { faults, summary } = await verify(head.hash);
    expect(faults).to.be.empty;
    expect(summary).to.include({ entries: 11, anchoredAt: undefined });
  });

  it("follows a chain over a change of the key, with both keys", async () => {
    const other = chainKey(Buffer.alloc(32, 8));
    await record(10);
    await chain(other);
    expect((await verify(undefined, [other, key])).faults).to.be.empty;
    const { faults } = await verify(undefined, [other]);
    expect(faults).to.deep.equal(upTo(9).map((id) => ({ kind: "unknown-key", position: id, eventId: id })));
  });

  it("is refused the changes themselves while the triggers are on", async () => {
    for (const table of ["audit_events", "audit_chain"])
      for (const sql of [
        `update ${table} set ${table === "audit_events" ? "action" : "key_id"} = 'a.b'`,
        `delete from ${table}`,
        `truncate ${table}`,
      ]) {
        const error = await client.query(sql).then(
          () => "done",
          ({ message }: Error) => message,
        );
        expect(error).to.equal(`rows of ${table} are never changed or deleted`);
      }
    expect((await verify()).faults).to.be.empty;
  });
});
