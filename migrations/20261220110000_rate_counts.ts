// Rates that several processes count together: the moment at which a bound is wholly free again.
import type { Knex } from "knex";

export async function up(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    -- Unlogged: what is lost in a crash of Postgres is that some requests were counted.
    create unlogged table rate_counts (
      -- The name of the bound, and whose requests are counted.
      key text not null,
      free_at timestamptz not null,
      -- Whether the last request was.
      is_admitted boolean not null,
      constraint rate_counts_pkey primary key (key)
    )`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.raw("drop table rate_counts");
}
