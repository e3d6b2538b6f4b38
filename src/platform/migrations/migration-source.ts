// The migrations of a folder for Knex, under names without extension: in the database they are the same, whether they ran
// from TypeScript or from the compiled files.
import { existsSync } from "node:fs";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Knex } from "knex";
import { OperatorError } from "../operator-error.js";

export type Direction = "up" | "down";

export interface MigrationStep {
  readonly name: string;
  readonly direction: Direction;
  /** Undefined at the beginning of the step. */
  readonly durationMs: number | undefined;
}

export interface MigrationSource extends Knex.MigrationSource<string> {
  getMigrations(): Promise<string[]>;
  /** The names of the migrations that have run from this source, in that order. */
  readonly finished: string[];
}

const fileName = /^(\d{14}_[a-z0-9_]+)\.(?:ts|js)$/;

/** The names of a folder's migrations, in the order in which they run. Fails with an OperatorError when it cannot be read. */
export async function listMigrations(directory: string): Promise<string[]> {
  const files = await readdir(directory).catch((error: unknown) => {
    throw new OperatorError(`The migrations in ${directory} cannot be read.`, { cause: error });
  });
  return files.flatMap((file) => fileName.exec(file)?.[1] ?? []).toSorted();
}

/** The migrations of a folder. Each reports its beginning and its end, and fails with an OperatorError that names it. */
export function migrationSource(directory: string, report: (step: MigrationStep) => void): MigrationSource {
  const finished: string[] = [];
  const load = async (name: string): Promise<Knex.Migration> => {
    const file = (await readdir(directory)).find((each) => fileName.exec(each)?.[1] === name);
    const migration = (await import(pathToFileURL(join(directory, file ?? name)).href)) as Partial<Knex.Migration>;
    const { up, down } = migration;
    if (up === undefined || down === undefined)
      throw new OperatorError(`Migration ${name} has no ${up ? "down" : "up"}.`);
    const wrap = (direction: Direction, work: (knex: Knex) => PromiseLike<unknown>) => async (knex: Knex) => {
      const began = performance.now();
      report({ name, direction, durationMs: undefined });
      try {
        await work(knex);
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        throw new OperatorError(`Migration ${name} (${direction}) failed, and nothing of it was kept: ${reason}`, {
          cause: error,
        });
      }
      finished.push(name);
      report({ name, direction, durationMs: Math.round(performance.now() - began) });
    };
    return { up: wrap("up", up), down: wrap("down", down) };
  };
  return {
    finished,
    getMigrations: () => listMigrations(directory),
    getMigrationName: (name) => name,
    getMigration: load,
  };
}

/** Writes an empty migration, named by the current time and by `name` in snake case. Resolves with its path. */
export async function makeMigration(name: string, directory = sources): Promise<string> {
  const words = name
    .trim()
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^_+|_+$/g, "");
  if (words === "")
    throw new OperatorError(`"${name}" does not name a migration: use Latin letters, such as "add_phone_to_users".`);
  const stamp = new Date().toISOString().replace(/\D/g, "").slice(0, 14);
  await mkdir(directory, { recursive: true });
  const path = join(directory, `${stamp}_${words}.ts`);
  await writeFile(path, template, { flag: "wx" });
  return path;
}

// The compiled files have a folder of migrations too; new ones are written in that of the project.
const above = fileURLToPath(new URL("../../../", import.meta.url));
const sources = join(existsSync(join(above, "package.json")) ? above : dirname(above), "migrations");

const template = `// The change, and its reason.
import type { Knex } from "knex";

export async function up(knex: Knex): Promise<void> {
  await knex.schema.raw(\`
    \`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.raw(\`
    \`);
}
`;
