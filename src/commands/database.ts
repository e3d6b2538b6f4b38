// `lyceum migrate ...` and `lyceum check-database`.
import type { Command } from "commander";
import type { Config } from "../config.js";
import type { Finding } from "../platform/database/requirements/check-database.js";
import type { Migrations, SchemaState } from "../platform/migrations/migrations.js";
import { OperatorError } from "../platform/operator-error.js";
import { withDatabase } from "./with-database.js";

/** A schema that is behind is not a fault: the check is run before the migration. */
const schemas: Readonly<Record<SchemaState, Finding>> = {
  current: { ok: true, sentence: "The schema is the one of this version." },
  behind: { ok: true, sentence: "The schema is older than this version, or empty: run `lyceum migrate latest`." },
  unknown: { ok: false, sentence: "The schema is newer than this version: use the version that made it." },
};

function mark({ ok, isWarning }: Finding): string {
  if (ok) return "ok   ";
  return isWarning === true ? "WARN " : "FAULT";
}

/** Prints whether each stored count equals what is counted anew. Throws an OperatorError when one does not. */
async function checkCounts(config: Config): Promise<void> {
  const { findDifferences } = await import("../platform/counts.js");
  const { countChecks } = await import("../services.js");
  await withDatabase(config, async ({ server }) => {
    let total = 0;
    for (const check of countChecks) {
      const differences = await findDifferences(server.database, check);
      total += differences.length;
      const [first] = differences;
      const sentence = first
        ? `${check.name}: ${differences.length} differ; the first is ${first.id}, with ${first.stored ?? "nothing"} in place of ${first.actual ?? "nothing"}`
        : check.name;
      process.stdout.write(`${mark({ ok: !first, sentence })} ${sentence}\n`);
    }
    process.stdout.write(`${total} differences\n`);
    if (total > 0)
      throw new OperatorError("Some counts are wrong: this is a fault of Lyceum. Please report it with these lines.");
  });
}

const schema = () => import("../platform/migrations/migrations.js");

/** Adds the commands of this file to the program. */
export function databaseCommands(program: Command, config: () => Config): void {
  const migrate = program.command("migrate").description("change the database's schema");

  const run = (work: (runner: Migrations) => Promise<string[]>) =>
    withDatabase(
      config(),
      async ({ url }) => {
        const { migrations } = await schema();
        const { describe } = await import("../platform/migrations/require-schema.js");
        const done = await work(
          migrations({ url, progress: (step) => void process.stdout.write(`${describe(step)}\n`) }),
        );
        if (done.length === 0) process.stdout.write("Nothing to do: the schema is as asked.\n");
      },
      { requireCurrentSchema: false },
    );

  migrate
    .command("latest")
    .description("bring the schema up to date")
    .action(() => run((runner) => runner.latest()));
  migrate
    .command("rollback")
    .description("take back the last batch of migrations")
    .option("--all", "take back every one: all data is lost")
    .action(({ all = false }: { all?: boolean }) => run((runner) => runner.rollback({ all })));
  migrate
    .command("to <name>")
    .description("go up or down until this migration is the last one done")
    .action((name: string) => run((runner) => runner.to(name)));
  migrate
    .command("status")
    .description("list the migrations, and whether they are done")
    .action(() =>
      withDatabase(
        config(),
        async ({ url }) => {
          const { migrations } = await schema();
          for (const { name, state } of await migrations({ url }).status())
            process.stdout.write(`${state.padEnd(8)} ${name}\n`);
        },
        { requireCurrentSchema: false },
      ),
    );
  migrate
    .command("make <name>")
    .description("write a new, empty migration")
    .option("--directory <folder>", "where to; the project's own migrations/ when absent")
    .action(async (name: string, { directory }: { directory?: string }) => {
      const { makeMigration } = await schema();
      process.stdout.write(`${await makeMigration(name, directory)}\n`);
    });

  program
    .command("check-database")
    .description("say whether the database will do: version, encoding, extensions, letters, durability, schema")
    .option("--counts", "count anew what is stored as a count, and say what differs; beside a running server too")
    .action(({ counts = false }: { counts?: boolean }) =>
      counts
        ? checkCounts(config())
        : withDatabase(
            config(),
            async ({ server }, { isUnsafeDatabaseAllowed }) => {
              const { checkDatabase } = await import("../platform/database/requirements/check-database.js");
              const { schemaState } = await schema();
              const findings = [
                ...(await checkDatabase(server.knex, isUnsafeDatabaseAllowed)),
                schemas[await schemaState(server.knex)],
              ];
              for (const finding of findings) process.stdout.write(`${mark(finding)} ${finding.sentence}\n`);
              if (findings.some(({ ok, isWarning }) => !ok && isWarning !== true))
                throw new OperatorError("The database will not do as it is.");
            },
            { requireCurrentSchema: false },
          ),
    );
}
