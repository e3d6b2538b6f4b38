// What follows from each class of SQLSTATE: Appendix A of the Postgres documentation, class by class, with codes of each.
import { expect } from "chai";
import { ApiError } from "../../../src/errors.js";
import { isWorthRetrying } from "../../../src/platform/database/database-errors.js";
import { failure, freshStatement, type OpenedDatabase, openedDatabase } from "./opened-database.js";

/** "passes": the server's trouble, which may pass. "bug": the statement's own fault, which a retry repeats. */
type Nature = "passes" | "bug";

/** Each class, its nature, its codes; and the codes of another nature. */
const classes: Readonly<Record<string, readonly [nature: Nature, codes: string, others?: string]>> = {
  // 00 and 01 and 02 are no errors.
  "03 SQL statement not yet complete": ["bug", "03000"],
  "08 connection exception": ["passes", "08000 08003 08006 08001 08004 08007 08P01"],
  "09 triggered action exception": ["bug", "09000"],
  "0A feature not supported": ["bug", "0A000"],
  "0B invalid transaction initiation": ["bug", "0B000"],
  "0F locator exception": ["bug", "0F000 0F001"],
  "0L invalid grantor": ["bug", "0L000 0LP01"],
  "0P invalid role specification": ["bug", "0P000"],
  "0Z diagnostics exception": ["bug", "0Z000 0Z002"],
  "10 XQuery error": ["bug", "10608"],
  "20 case not found": ["bug", "20000"],
  "21 cardinality violation": ["bug", "21000"],
  "22 data exception": ["bug", "22000 22001 22003 22007 22012 22021 22023 22P02 22P05 2200H"],
  "23 integrity constraint violation": ["bug", "23000 23001 23502 23503 23505 23514 23P01"],
  "24 invalid cursor state": ["bug", "24000"],
  "25 invalid transaction state": ["bug", "25000 25001 25002 25008 25P01 25P02", "25006"],
  "26 invalid SQL statement name": ["passes", "26000"],
  "27 triggered data change violation": ["bug", "27000"],
  "28 invalid authorization specification": ["bug", "28000 28P01"],
  "2B dependent privilege descriptors still exist": ["bug", "2B000 2BP01"],
  "2D invalid transaction termination": ["bug", "2D000"],
  "2F SQL routine exception": ["bug", "2F000 2F002 2F003 2F004 2F005"],
  "34 invalid cursor name": ["bug", "34000"],
  "38 external routine exception": ["bug", "38000 38001 38002 38003 38004"],
  "39 external routine invocation exception": ["bug", "39000 39001 39004 39P01 39P02 39P03"],
  "3B savepoint exception": ["bug", "3B000 3B001"],
  "3D invalid catalog name": ["bug", "3D000"],
  "3F invalid schema name": ["bug", "3F000"],
  "40 transaction rollback": ["passes", "40000 40001 40003 40P01", "40002"],
  "42 syntax error or access rule violation": ["bug", "42000 42601 42501 42P01 42703 42883 42804"],
  "44 with check option violation": ["bug", "44000"],
  "53 insufficient resources": ["passes", "53000 53100 53200 53300 53400"],
  "54 program limit exceeded": ["bug", "54000 54001 54011 54023"],
  "55 object not in prerequisite state": ["bug", "55000 55P02 55P04", "55006 55P03"],
  "57 operator intervention": ["passes", "57000 57014 57P04"],
  "58 system error": ["passes", "58000 58030 58P01 58P02"],
  "72 snapshot failure": ["passes", "72000"],
  "F0 configuration file error": ["bug", "F0000 F0001"],
  "HV foreign data wrapper error": ["bug", "HV000 HV00N"],
  "P0 PL/pgSQL error": ["bug", "P0000 P0001 P0002 P0003 P0004"],
  // Corruption does not pass, and nobody can send again: the log says where.
  "XX internal error": ["bug", "XX000 XX001 XX002"],
};

describe("an error of Postgres", function () {
  this.timeout(60_000);
  let opened: OpenedDatabase;

  before(async () => {
    opened = await openedDatabase();
    await opened.server.knex.raw(`
      create function raise(state text) returns int8 language plpgsql volatile as $$
      begin
        raise exception 'raised' using errcode = state;
      end $$`);
  });
  after(() => opened.close());

  const raise = freshStatement<{ n: number }>("pool", "select raise($1) as n");
  const raiseOnLane = freshStatement<{ n: number }>("write", "select raise($1) as n");

  for (const [name, [nature, codes, others = ""]] of Object.entries(classes)) {
    const other: Nature = nature === "bug" ? "passes" : "bug";
    const all = codes
      .split(" ")
      .map((code) => [code, nature] as const)
      .concat(
        others
          .split(" ")
          .filter(Boolean)
          .map((code) => [code, other] as const),
      );
    it(`of class ${name} is 503 with Retry-After where it may pass`, async () => {
      for (const [code, its] of all) {
        const { database } = opened.server;
        const errors = await Promise.all([
          failure(database.one(raise, [code])),
          failure(database.one(raiseOnLane, [code])),
          failure(database.transaction((queries) => queries.one(raise, [code]))),
        ]);
        for (const error of errors) {
          if (its === "bug") expect(error, code).to.have.property("code", code);
          else {
            expect(error, code).to.be.instanceOf(ApiError).and.have.property("reason", "DATABASE_UNAVAILABLE");
            expect((error as ApiError).more.retryAfterSeconds, code).to.equal(1);
            expect((error as ApiError).more.cause, code).to.have.property("code", code);
          }
        }
      }
    });
  }

  it("that a retry may cure is one of those that pass", () => {
    const cured = Object.values(classes)
      .flatMap(([, codes, others = ""]) => `${codes} ${others}`.split(" "))
      .filter((code) => isWorthRetrying({ code }));
    expect(cured).to.deep.equal(["26000", "40001", "40P01"]);
  });
});
