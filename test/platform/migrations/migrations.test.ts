// Migrations: those of the project, up and down, and the promises for those of any folder.
import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { expect } from "chai";
import knexLibrary, { type Knex } from "knex";
import {
  type MigrationProgress,
  makeMigration,
  migrations,
  migrationsDirectory,
  schemaState,
} from "../../../src/platform/migrations/migrations.js";
import { pointCounts } from "../../../src/points/counts-store.js";
import { OperatorError } from "../../../src/platform/operator-error.js";
import { type TestDatabase, emptyDatabase, temporaryFolder } from "../../support/database.js";
import { describeSchema } from "./schema.js";

describe("migrations", function () {
  this.timeout(60_000);
  let database: TestDatabase;
  let knex: Knex;

  const ours = () => migrations({ url: database.url });
  const tables = async (): Promise<string[]> =>
    knex("pg_tables")
      .where("schemaname", "public")
      .whereNot("tablename", "like", "knex%")
      .orderBy("tablename")
      .pluck("tablename");

  beforeEach(async () => {
    database = await emptyDatabase();
    knex = knexLibrary({ client: "pg", connection: database.url, pool: { min: 0, max: 2 } });
  });
  afterEach(async () => {
    await knex.destroy();
    await database.drop();
  });

  describe("of the project", () => {
    it("run on an empty database, then have nothing to do", async () => {
      const files = (await readdir(migrationsDirectory)).map((file) => file.replace(/\.ts$/, ""));
      expect(await ours().latest()).to.deep.equal(files.toSorted());
      expect(await ours().latest()).to.deep.equal([]);
    });

    it("leave an empty database after all are rolled back, and the same schema after they run again", async () => {
      const nothing = await describeSchema(knex);
      const done = await ours().latest();
      const schema = await describeSchema(knex);
      expect(schema).to.have.length.greaterThan(nothing.length);
      expect(await ours().rollback({ all: true })).to.deep.equal(done.toReversed());
      expect(await describeSchema(knex)).to.deep.equal(nothing);
      await ours().latest();
      expect(await describeSchema(knex)).to.deep.equal(schema);
    });

    it("are rolled back one by one, each to the schema before it", async () => {
      const before = new Map<string, string[]>();
      const names = (await ours().status()).map(({ name }) => name);
      for (const name of names) {
        before.set(name, await describeSchema(knex));
        await ours().to(name);
      }
      for (const [index, name] of [...names.entries()].toReversed()) {
        const previous = names[index - 1];
        if (previous === undefined) await ours().rollback({ all: true });
        else await ours().to(previous);
        expect(await describeSchema(knex), `after ${name} went down`).to.deep.equal(before.get(name));
      }
    });
  });

  it("are rolled back with the tombstones of users, which get unique e-mail addresses", async () => {
    await ours().latest();
    await knex.raw(
      `insert into users (email, first_name, last_name, deleted_at)
       values ('anna@example.org', 'Anna', 'Smith', null), (null, '', '', now()), (null, '', '', now())`,
    );
    await ours().to("20261123120000");
    const emails = await knex("users").orderBy("id").pluck("email");
    expect(emails).to.deep.equal(["anna@example.org", "deleted-2@lyceum.invalid", "deleted-3@lyceum.invalid"]);
    await ours().latest();
    expect(await knex("users").whereNull("deleted_at").pluck("id")).to.have.length(3);
  });

  it("open the ledger of points with one row for each rating, and award the medals of long ago", async () => {
    const before = "20261230100000";
    await ours().to(before);
    await knex.raw(`insert into users (email, first_name, last_name, role, rating) values
      ('a@example.org', 'A', 'A', 'ROLE_STUDENT', 99), ('b@example.org', 'B', 'B', 'ROLE_STUDENT', 1000),
      ('c@example.org', 'C', 'C', 'ROLE_STUDENT', 0)`);
    await ours().latest();
    const rows = await knex("points").select("user_id", "amount", "total", "reason").orderBy("id");
    expect(rows).to.deep.equal([
      { user_id: "1", amount: "99", total: "99", reason: "POINTS_REASON_OPENING" },
      { user_id: "2", amount: "1000", total: "1000", reason: "POINTS_REASON_OPENING" },
    ]);
    for (const { sql } of pointCounts) expect((await knex.raw(sql)).rows).to.deep.equal([]);
    expect(await knex("user_medals").select("user_id", "medal_id").orderBy("id")).to.deep.equal([
      { user_id: "2", medal_id: "1" },
      { user_id: "2", medal_id: "2" },
    ]);
    expect(await knex("updates").count()).to.deep.equal([{ count: "0" }]);
  });

  it("bring addresses to one spelling, save where another account has it already", async () => {
    await ours().to("20261215120000");
    await knex.raw(
      `insert into users (email, first_name, last_name)
       values ('Anna@xn--80ATDL2C.xn--p1ai', 'Anna', 'Smith'), ('anna@школа.рф', 'Anna', 'Other'), (U&'jose\\0301@x.example', 'J', 'S'),
              ('Plain@x.example', 'P', 'S')`,
    );
    await ours().latest();
    expect(await knex("users").orderBy("id").pluck("email")).to.deep.equal([
      "Anna@xn--80ATDL2C.xn--p1ai",
      "anna@школа.рф",
      "jos\u00e9@x.example",
      "Plain@x.example",
    ]);
  });

  describe("of a folder", () => {
    let directory: string;
    beforeEach(async () => (directory = join(await temporaryFolder(), "migrations")));

    const write = async (name: string, up: string, down: string): Promise<void> => {
      await mkdir(directory, { recursive: true });
      const text = `export const up = (knex) => knex.schema.raw(\`${up}\`);\nexport const down = (knex) => knex.schema.raw(\`${down}\`);\n`;
      await writeFile(join(directory, `${name}.ts`), text);
    };
    const writeThree = async (): Promise<void> => {
      await write("20260101000000_houses", "create table houses (id int)", "drop table houses");
      await write("20260102000000_rooms", "create table rooms (id int)", "drop table rooms");
      await write("20260103000000_doors", "create table doors (id int)", "drop table doors");
    };
    const run = (progress?: (step: MigrationProgress) => void) =>
      migrations({ url: database.url, directory, progress });
    const states = async () =>
      Object.fromEntries((await run().status()).map(({ name, state }) => [name.slice(15), state]));

    it("run up and down to a given one, by the beginning of its name if it is unique", async () => {
      await writeThree();
      expect(await run().to("20260102")).to.deep.equal(["20260101000000_houses", "20260102000000_rooms"]);
      expect(await states()).to.deep.equal({ houses: "done", rooms: "done", doors: "pending" });
      expect(await run().to("20260103000000_doors.ts")).to.deep.equal(["20260103000000_doors"]);
      expect(await run().to("20260101000000_houses")).to.deep.equal(["20260103000000_doors", "20260102000000_rooms"]);
      expect(await tables()).to.deep.equal(["houses"]);
    });

    it("fail for a name that none has, or that is the beginning of several", async () => {
      await writeThree();
      expect(await sentence(run().to("2027"))).to.match(/^There is no migration "2027"/);
      expect(await sentence(run().to("2026"))).to.match(/^There is more than one migration that begins with "2026"/);
      expect(await tables()).to.deep.equal([]);
    });

    it("are rolled back as they have run: the last batch, or all", async () => {
      await writeThree();
      await run().to("20260101000000_houses");
      await run().latest();
      expect(await run().rollback()).to.deep.equal(["20260103000000_doors", "20260102000000_rooms"]);
      expect(await run().rollback({ all: true })).to.deep.equal(["20260101000000_houses"]);
      expect(await run().rollback()).to.deep.equal([]);
    });

    it("have no effect when one of them fails, whose name is in the error", async () => {
      await writeThree();
      await write("20260102000000_rooms", "create table halls (id int); create table houses (id int)", "select");
      expect(await sentence(run().latest())).to.match(
        /^Migration 20260102000000_rooms \(up\) failed, .*"houses" already exists/,
      );
      expect(await tables()).to.deep.equal([]);
    });

    it("have the same names in TypeScript and compiled", async () => {
      await writeThree();
      await run().latest();
      const built = await temporaryFolder();
      for (const file of await readdir(directory)) {
        const script = await readFile(join(directory, file), "utf8");
        await writeFile(join(built, file.replace(/ts$/, "js")), script);
        await writeFile(join(built, file.replace(/ts$/, "js.map")), "{}");
        await writeFile(join(built, file.replace(/ts$/, "d.ts")), "");
      }
      expect(await migrations({ url: database.url, directory: built }).latest()).to.deep.equal([]);
      expect(await schemaState(knex, built)).to.equal("current");
    });

    it("report each beginning and each end", async () => {
      await write("20260101000000_houses", "create table houses (id int)", "drop table houses");
      const steps: MigrationProgress[] = [];
      await run((step) => steps.push(step)).latest();
      expect(steps[0]).to.deep.equal({ name: "20260101000000_houses", direction: "up", durationMs: undefined });
      expect(steps[1]).to.have.property("durationMs").that.is.a("number");
      expect(steps).to.have.length(2);
    });

    it("run once when twenty processes start them at once", async () => {
      await writeThree();
      const answers = await Promise.all(Array.from({ length: 20 }, () => run().latest()));
      expect(answers.flat()).to.have.length(3);
    });

    it("wait for another process that migrates, and report it", async () => {
      await write("20260101000000_houses", "create table houses (id int); select pg_sleep(0.3)", "drop table houses");
      const steps: MigrationProgress[] = [];
      const begun = new Promise<void>((resolve) => {
        void run(() => resolve()).latest();
      });
      await begun;
      expect(await run((step) => steps.push(step)).latest()).to.deep.equal([]);
      expect(steps).to.deep.equal(["waiting"]);
    });

    it("are not blocked by the lock of a killed process", async () => {
      await writeThree();
      await run().to("20260101");
      await knex("knex_migrations_lock").update({ is_locked: 1 });
      expect(await run().latest()).to.have.length(2);
    });

    it("have no timeout, whatever the timeouts of the database", async () => {
      const name = new URL(database.url).pathname.slice(1);
      await knex.raw(`alter database ${name} set statement_timeout = 50`);
      await knex.raw(`alter database ${name} set idle_in_transaction_session_timeout = 50`);
      await write("20260101000000_houses", "create table houses (id int); select pg_sleep(0.2)", "drop table houses");
      expect(await run().latest()).to.have.length(1);
    });

    it("are current, behind or unknown in a database, which is not changed by the comparison", async () => {
      await writeThree();
      expect(await schemaState(knex, directory)).to.equal("behind");
      expect(await knex.schema.hasTable("knex_migrations")).to.equal(false);
      await run().to("20260102");
      expect(await schemaState(knex, directory)).to.equal("behind");
      await run().latest();
      expect(await schemaState(knex, directory)).to.equal("current");
      await knex("knex_migrations").insert({ name: "20990101000000_future", batch: 9, migration_time: new Date() });
      expect(await schemaState(knex, directory)).to.equal("unknown");
      expect(await states()).to.include({ future: "unknown" });
      for (const refused of [() => run().latest(), () => run().rollback(), () => run().to("20260101")]) {
        expect(await sentence(refused())).to.match(
          /does not know \(20990101000000_future\): use the version that made them/,
        );
      }
    });

    it("are created from a name, with up and down, and can be run without a change", async () => {
      const path = await makeMigration("  Add Phone to users! ", directory);
      expect(basename(path)).to.match(/^\d{14}_add_phone_to_users\.ts$/);
      expect(await run().latest()).to.deep.equal([basename(path, ".ts")]);
      expect(await run().rollback()).to.deep.equal([basename(path, ".ts")]);
      expect(await sentence(makeMigration("школа", directory))).to.match(/use Latin letters/);
    });

    it("fail without a down", async () => {
      await mkdir(directory, { recursive: true });
      await writeFile(join(directory, "20260101000000_houses.ts"), "export const up = async () => undefined;\n");
      expect(await sentence(run().latest())).to.equal("Migration 20260101000000_houses has no down.");
    });
  });
});

async function sentence(failing: Promise<unknown>): Promise<string> {
  try {
    await failing;
  } catch (error) {
    if (error instanceof OperatorError) return error.message;
    throw error;
  }
  throw new Error("it did not fail");
}
