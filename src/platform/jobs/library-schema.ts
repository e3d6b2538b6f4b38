// The schema of graphile-worker, made by a migration of ours: in its transaction, under its lock, and known to every check of the schema.
import { readdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { Knex } from "knex";

/** The schema's name, which the library is told too. */
export const librarySchema = "graphile_worker";

/** The folder of the library's migrations: 000001.sql, 000002.sql ... */
const folder = join(dirname(createRequire(import.meta.url).resolve("graphile-worker/package.json")), "sql");

/**
 * Brings the schema to what the installed version of the library expects, in the transaction of `knex`. A version of the library with new
 * migrations comes with a migration of ours that calls this again.
 */
export async function installLibrarySchema(knex: Knex): Promise<void> {
  // As the library does it itself; its own record of what has run is kept, so that it finds nothing left to do.
  await knex.schema.raw(`
    create schema if not exists ${librarySchema};
    create table if not exists ${librarySchema}.migrations (
      id int primary key, ts timestamptz default now() not null, breaking boolean not null default false
    )`);
  const done: number[] = await knex.withSchema(librarySchema).from("migrations").pluck("id");
  const files = (await readdir(folder)).filter((file) => /^\d{6}\.sql$/.test(file)).toSorted();
  for (const file of files) {
    const id = Number(file.slice(0, 6));
    if (done.includes(id)) continue;
    const sql = await readFile(join(folder, file), "utf8");
    await knex
      .withSchema(librarySchema)
      .into("migrations")
      .insert({ id, breaking: sql.startsWith("--! breaking") });
    await knex.schema.raw(sql.replaceAll(":GRAPHILE_WORKER_SCHEMA", librarySchema).replaceAll("?", "\\?"));
  }
}
