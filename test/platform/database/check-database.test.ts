// The findings about a database before it is used.
import { expect } from "chai";
import knexLibrary, { type Knex } from "knex";
import { Client } from "pg";
import { checkDatabase } from "../../../src/platform/database/requirements/check-database.js";
import { emptyDatabase, ownServer, testDatabase } from "../../support/database.js";

describe("checkDatabase", function () {
  this.timeout(60_000);

  it("finds no fault in a fresh database, before and after its migrations", async () => {
    for (const make of [emptyDatabase, testDatabase]) {
      const { url, drop } = await make();
      const findings = await look(url);
      await drop();
      expect(findings.filter((line) => line.startsWith("ok: "))).to.have.length.within(6, 7);
      expect(findings.filter((line) => line.startsWith("FAULT: "))).to.deep.equal([]);
    }
  });

  it("names each setting that lets Postgres lose what it has acknowledged: a fault, or a warning where it is allowed", async () => {
    const postgres = await ownServer();
    const set = async (name: string, value: "on" | "off"): Promise<void> => {
      const client = new Client({ connectionString: postgres.url });
      await client.connect();
      await client.query(`alter system set ${name} = ${value}`);
      await client.end();
      await postgres.stop();
      await postgres.start();
    };
    try {
      const settings = ["full_page_writes", "synchronous_commit"];
      const safe = await look(postgres.url, undefined, false);
      expect(safe.filter((line) => !line.startsWith("ok: "))).to.deep.equal([]);
      for (const name of settings) await set(name, "off");
      for (const [mark, isAllowed] of [
        ["FAULT", false],
        ["WARN", true],
      ] as const) {
        const found = (await look(postgres.url, undefined, isAllowed)).filter((line) => !line.startsWith("ok: "));
        expect(found.map((line) => /^(\w+: \w+) is off: a /.exec(line)?.[1])).to.deep.equal(
          settings.map((name) => `${mark}: ${name}`),
        );
      }
    } finally {
      await postgres.remove();
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

async function look(url: string, before?: (knex: Knex) => Promise<unknown>, isUnsafeAllowed = true): Promise<string[]> {
  const knex = knexLibrary({ client: "pg", connection: url, pool: { min: 0, max: 1 } });
  try {
    await before?.(knex);
    const findings = await checkDatabase(knex, isUnsafeAllowed);
    return findings.map(({ ok, isWarning, sentence }) => `${ok ? "ok" : isWarning ? "WARN" : "FAULT"}: ${sentence}`);
  } finally {
    await knex.destroy();
  }
}
