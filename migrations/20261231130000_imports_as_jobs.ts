// Imports are jobs: whoever has taken one has it until another takes it, without a time.
import type { Knex } from "knex";

export async function up(knex: Knex): Promise<void> {
  await knex.schema.raw("alter table imports drop column leased_until");
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.raw("alter table imports add column leased_until timestamptz(3)");
}
