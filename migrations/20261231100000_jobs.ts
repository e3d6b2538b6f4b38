// Jobs: the library's schema, and beside it which processes run them, how far they are, and which are cancelled.
import type { Knex } from "knex";
import { installLibrarySchema } from "../src/platform/jobs/library-schema.js";

export async function up(knex: Knex): Promise<void> {
  await installLibrarySchema(knex);
  await knex.schema.raw(`
    -- What one process runs. It holds the advisory lock of that key: when that is free, the process is gone.
    create table job_pools (
      id text primary key,
      lock_key integer not null,
      created_at timestamptz(3) not null default now()
    );

    create table job_marks (
      job_id bigint primary key,
      -- How much of it is done, from 0 to 1.
      progress real not null default 0,
      is_cancelled boolean not null default false,
      constraint job_marks_progress check (progress between 0 and 1)
    );

    create index private_jobs_locked on graphile_worker._private_jobs (locked_by) where locked_by is not null`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.raw("drop table job_marks; drop table job_pools; drop schema graphile_worker cascade");
}
