import { expect } from "chai";
import type { Message } from "../../../src/gen/lyceum/v1/message.js";
import { listMessages } from "../../../src/chats/messages/listing-store.js";
import type { Queries } from "../../../src/platform/database/database.js";
import { type Statement, statement } from "../../../src/platform/database/statement.js";
import type { KeysetPage } from "../../../src/platform/page.js";
import { openSchool, type School } from "../../support/call-as.js";

interface Plan {
  readonly "Shared Hit Blocks": number;
  readonly "Shared Read Blocks": number;
}

const time = (second: number): string => new Date(Date.UTC(2026, 0, 1) + second * 1000).toISOString();

describe("the cost of a page of messages", () => {
  let school: School;
  let alice: number;
  let bob: number;
  let rare: number;
  let chat_id: number;
  let asked = 0;
  const total = 10_000;
  /** A bound in time is found by a binary search; each step reads two blocks of an index and one of the table. */
  const boundCost = 3 * Math.ceil(Math.log2(total));

  before(async () => {
    school = await openSchool();
    [alice, bob, rare] = [await school.person(), await school.person(), await school.person()];
    chat_id = await school.chat(alice, bob, rare);
    const other = await school.chat(alice, bob);
    // Two chats that grow at the same time, so that consecutive messages of one are not adjacent on disk.
    await school.sql(
      `insert into messages (chat_id, seq, sender_id, text, created_at)
       select chat.id, seq, case when seq % 100 = 0 then $5::bigint when seq % 2 = 0 then $4 else $3 end,
              'message number ' || seq, timestamptz '2026-01-01T00:00:00Z' + seq * interval '1 second'
         from generate_series(1, $6::bigint) seq, unnest(array[$1::bigint, $2::bigint]) chat (id)`,
      [chat_id, other, alice, bob, rare, total],
    );
    await school.sql("update chat_sequences set last_seq = $1, message_count = $1", [total]);
    await school.sql("select gin_clean_pending_list('messages_search')");
    await school.sql("analyze messages");
  });
  after(() => school.close());

  /** The number of blocks that Postgres reads for a page, with a generic plan. */
  async function blocks(wanted: Partial<KeysetPage>, filters: Record<string, string | number> = {}): Promise<number> {
    let listed: { text: string; values: readonly unknown[] } | undefined;
    const recorder: Queries = {
      one: () => Promise.reject(new Error("a list has many rows")),
      many: <Row>({ text }: Statement<Row>, values: readonly unknown[]) => {
        listed = { text, values };
        return Promise.resolve<Row[]>([]);
      },
    };
    const page = { after: undefined, limit: 51, skip: 0, isOldestFirst: false, ...wanted };
    await listMessages(recorder, chat_id, alice, page, filters);
    const { text, values } = listed!;
    const literal = (value: unknown): string =>
      Array.isArray(value)
        ? `array[${value.map(literal).join(", ")}]::text[]`
        : `'${String(value).replaceAll("'", "''")}'`;
    const literals = values.map((value) => (typeof value === "number" ? String(value) : literal(value)));
    return school.database.transaction(async (queries) => {
      const run = (sql: string) =>
        queries.many<Record<string, unknown>>(statement("pool", `page-cost-${++asked}`, sql), []);
      await run("set local plan_cache_mode = force_generic_plan");
      await run(`prepare page as ${text}`);
      const [row] = await run(`explain (analyze, buffers, format json) execute page (${literals.join(", ")})`);
      await run("deallocate page");
      const [{ Plan: plan }] = row!["QUERY PLAN"] as [{ Plan: Plan }];
      return plan["Shared Hit Blocks"] + plan["Shared Read Blocks"];
    });
  }

  it("is the same on page 300 as on page 1, with any filters", async () => {
    const filters: Record<string, string | number>[] = [
      {},
      { sender_id: alice },
      { sender_id: rare },
      { exclude_sender_id: alice },
      { created_after: time(10) },
      { after_seq: 5 },
      { after_seq: 5, sender_id: bob },
      { created_before: time(9_000) },
      { created_after: time(10), created_before: time(9_000), sender_id: bob },
    ];
    for (const filter of filters) {
      for (const isOldestFirst of [false, true]) {
        const first = await blocks({ isOldestFirst }, filter);
        const far = await blocks({ isOldestFirst, after: [isOldestFirst ? 7_500 : 2_500] }, filter);
        expect(far, `${JSON.stringify(filter)}: ${first} blocks on page 1`).to.be.at.most(first + 10);
        const bounds = Object.keys(filter).filter((field) => field.startsWith("created_")).length;
        expect(first, JSON.stringify(filter)).to.be.at.most(80 + bounds * boundCost);
      }
    }
  });

  it("does not depend on the messages outside the bounds of time", async () => {
    expect(await blocks({}, { created_before: time(100) })).to.be.at.most(20 + boundCost);
    expect(await blocks({ isOldestFirst: true }, { created_after: time(total - 100) })).to.be.at.most(20 + boundCost);
  });

  it("does not depend on the messages up to after_seq", async () => {
    for (const isOldestFirst of [false, true])
      expect(await blocks({ isOldestFirst }, { after_seq: total - 5 })).to.be.at.most(20);
    expect(await blocks({}, { after_seq: total })).to.be.at.most(10);
  });

  it("depends for a search on the number of matches, not of messages", async () => {
    // The first searches of a connection read the catalog as well.
    for (const query of ["number 777", "777 -absent", "the", ":) 🎉"]) await blocks({}, { query });
    expect(await blocks({}, { query: "number 777" })).to.be.at.most(30);
    expect(await blocks({}, { query: "777 -absent" }), "that excludes a word").to.be.at.most(30);
    expect(await blocks({}, { query: "the" }), "for a stop word").to.be.at.most(30);
    expect(await blocks({}, { query: ":) 🎉" }), "for what is no word").to.be.at.most(30);
  });

  it("comes with the right rows", async () => {
    const page = { after: [5_000], limit: 3, skip: 0, isOldestFirst: false };
    const rows: Message[] = await listMessages(school.database, chat_id, alice, page, { sender_id: rare });
    expect(rows.map(({ seq }) => seq)).to.deep.equal([4_900, 4_800, 4_700]);
  });
});
