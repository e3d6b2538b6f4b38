// Every list of the contract, on a school of 100,000 people: none of its statements reads a large table in sequence, and a page is as
// many statements whatever its size.
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import type { Call } from "../../src/call.js";
import { loadContract } from "../../src/contract/model/load.js";
import { statement } from "../../src/platform/database/statement.js";
import type { Handler } from "../../src/services.js";
import { openSchool, type School } from "../support/call-as.js";
import { caller, fill, known, mostInSequence, small } from "./full-school.js";
import { type Asked, Planner, recording } from "./plans.js";
import { type ListRequest, listsOf, requestsOf } from "./requests.js";

describe("the lists of the contract, in a school of 100,000 people", function () {
  this.timeout(180_000);
  let school: School;
  let planner: Planner;
  const large = new Set<string>();

  before(async () => {
    school = await openSchool();
    await fill(school);
    planner = await Planner.open(school.url);
    const counts = await school.sql<{ name: string; count: number }>(
      "select relname as name, reltuples::bigint as count from pg_class where relkind = 'r'",
    );
    for (const { name, count } of counts) if (count > mostInSequence) large.add(name);
  });
  after(async () => {
    await planner.close();
    await school.close();
  });

  const faultsOf = async (asked: Asked): Promise<string[]> => {
    const faults = (await planner.reads(asked)).flatMap(({ table, isInSequence }) => {
      if (!known.has(table)) return [`reads ${table}: add rows of it to test/lists/full-school.ts`];
      return isInSequence && large.has(table) ? [`reads ${table} from the first row to the last`] : [];
    });
    return [...new Set(faults)].map((fault) => `${asked.statement.name} ${fault}`);
  };

  it("are asked with rows enough to tell", async () => {
    expect([...known].filter((table) => !large.has(table))).to.have.members(small);
  });

  it("are refused when a statement reads a large table in sequence, or one that has no rows here", async () => {
    let serial = 0;
    const of = async (text: string) => {
      const name = `test-list-${(serial += 1)}`;
      const faults = await faultsOf({ statement: statement("pool", name, text), values: [1] });
      return faults.map((fault) => fault.replace(name, "it"));
    };
    expect(await of("select id from users where rating + 1 > $1 order by first_name limit 5")).to.deep.equal([
      "it reads users from the first row to the last",
    ]);
    expect(await of("select id from users where id = $1")).to.deep.equal([]);
    expect(await of("select from recovery_codes where user_id = $1")).to.deep.equal([
      "it reads recovery_codes: add rows of it to test/lists/full-school.ts",
    ]);
  });

  const contract = loadContract(fileURLToPath(new URL("../../proto", import.meta.url)));
  for (const method of listsOf(contract)) {
    it(`${method.name} reads no large table in sequence, and a page of it is one or two statements`, async () => {
      const handlers = school.services as unknown as Record<string, Record<string, Handler>>;
      const list = handlers[method.service]![method.handler]!;
      const explained = new Map<string, Asked>();
      const faults: string[] = [];
      /** The statements of a page, by name, and the token of the next one. */
      const page = async (request: ListRequest): Promise<{ names: string; count: number; next: string }> => {
        const asked: Asked[] = [];
        const user = { id: caller, role: "ROLE_SUPER_ADMIN", sessionId: "", means: "bearer" } as const;
        const plain = school.as(user);
        const call: Call = { ...plain, client: plain.client, database: recording(school.database, asked) };
        const answer = (await list(request, call)) as { readonly next_page_token: string };
        for (const each of asked) explained.set(`${each.statement.name} ${JSON.stringify(request)}`, each);
        return {
          names: asked.map(({ statement: { name } }) => name).join(" "),
          count: asked.length,
          next: answer.next_page_token,
        };
      };
      for (const request of requestsOf(method)) {
        const first = { one: await page({ ...request, limit: 1 }), many: await page({ ...request, limit: 100 }) };
        const pages = [first];
        if (first.one.next && request["skip"] === undefined) {
          const page_token = first.one.next;
          pages.push({
            one: await page({ ...request, limit: 1, page_token }),
            many: await page({ ...request, limit: 100, page_token }),
          });
        }
        for (const { one, many } of pages) {
          if (one.names !== many.names)
            faults.push(`${JSON.stringify(request)}: ${one.names} for 1 row, and ${many.names} for 100`);
          if (many.count > 2) faults.push(`${JSON.stringify(request)}: ${many.names}`);
        }
      }
      for (const asked of explained.values()) faults.push(...(await faultsOf(asked)));
      expect([...new Set(faults)]).to.deep.equal([]);
    });
  }

  it("are found by themselves, and one with a field that has no example is refused with what to add", () => {
    expect(listsOf(contract).map(({ name }) => name)).to.include.members([
      "ListUsers",
      "GetLeaderboard",
      "ListMessages",
      "ListImports",
      "ListImportErrors",
    ]);
    const users = listsOf(contract).find(({ name }) => name === "ListUsers");
    expect(() => requestsOf({ ...users!, handler: "listPeople" })).to.throw(
      "ListUsers has the field query: add an example of it to samples in test/lists/requests.ts",
    );
    expect(() => requestsOf({ ...users!, pathFields: ["school_id"] })).to.throw(
      "ListUsers has the field school_id: add an example of it to places in test/lists/requests.ts",
    );
  });
});
