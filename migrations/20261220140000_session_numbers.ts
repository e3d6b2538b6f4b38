// The number of a session: what a client calls it by. Its uuid stays within tokens.
import type { Knex } from "knex";

export async function up(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    alter table sessions add column number bigint not null generated always as identity;
    create unique index sessions_number on sessions (number);
    drop index sessions_of_user;
    create index sessions_of_user on sessions (user_id, number)`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    drop index sessions_of_user;
    create index sessions_of_user on sessions (user_id);
    drop index sessions_number;
    alter table sessions drop column number`);
}
