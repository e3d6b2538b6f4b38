// The findings about a database before it is used.
import { expect } from "chai";
import knexLibrary, { type Knex } from "knex";
import { checkDatabase } from "../../../src/platform/database/check-database.js";
import { emptyDatabase, testDatabase } from "../../support/database.js";

describe("checkDatabase", function () {
  this.timeout(60_000);

  it("finds no fault in a fresh database, before and after its migrations", async () => {
    for (const make of [emptyDatabase, testDatabase]) {
      const { url, drop } = await make();
      const findings = await look(url);
      await drop();
      expect(findings).to.have.length(6);
      expect(findings.filter((line) => !line.startsWith("ok: "))).to.deep.equal([]);
    }
  });

  it("names a missing right, a wrong encoding and a wrong locale, each with what to do", async () => {
    const { url, drop } = await emptyDatabase();
    const name = new URL(url).pathname.slice(1);
    const [other, role] = [`${name}_latin`, `${name}_reader`];
    const knex = knexLibrary({ client: "pg", connection: url, pool: { min: 0, max: 1 } });
    await knex.raw(`create database ${other} template template0 encoding 'SQL_ASCII' locale_provider libc locale 'C'`);
    await knex.raw(`create role ${role}`);
    const there = new URL(url);
    there.pathname = `/${other}`;
    try {
      const findings = await look(there.href, (session) => session.raw(`set role ${role}`));
      expect(findings).to.deep.include(
        `FAULT: The encoding of ${other} is SQL_ASCII: create it again with ENCODING 'UTF8' TEMPLATE template0.`,
      );
      expect(findings).to.deep.include(`FAULT: ${role} may not create tables: make it the owner of ${other}.`);
      expect(findings.join("\n")).to.match(/FAULT: The locale of .* has Latin letters alone/);
      expect(findings.join("\n")).to.match(/FAULT: The extension pg_trgm is not installed: let an administrator run/);
    } finally {
      await knex.raw(`drop database ${other} with (force)`);
      await knex.raw(`drop role ${role}`);
      await knex.destroy();
      await drop();
    }
  });
});

async function look(url: string, before?: (knex: Knex) => Promise<unknown>): Promise<string[]> {
  const knex = knexLibrary({ client: "pg", connection: url, pool: { min: 0, max: 1 } });
  try {
    await before?.(knex);
    return (await checkDatabase(knex)).map(({ ok, sentence }) => `${ok ? "ok" : "FAULT"}: ${sentence}`);
  } finally {
    await knex.destroy();
  }
}
