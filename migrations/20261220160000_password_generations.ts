// Counts the passwords of an account: a login with an earlier one begins no session, however late its comparison ends. And a user has
// one link of a purpose at a time, whatever is issued at the same moment.
import type { Knex } from "knex";

export async function up(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    alter table credentials add column generation int not null default 1;
    delete from one_time_links;
    drop index one_time_links_of_user;
    alter table one_time_links add constraint one_time_links_of_user unique (user_id, purpose)`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    alter table one_time_links drop constraint one_time_links_of_user;
    create index one_time_links_of_user on one_time_links (user_id, purpose);
    alter table credentials drop column generation`);
}
