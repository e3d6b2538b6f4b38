// Medals that were awarded by themselves, and by hand after they were revoked: they do not come back by themselves a second time.
import type { Knex } from "knex";

export async function up(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    -- Whether it was awarded by itself, whoever awarded it by hand since: the row then stays when it is revoked.
    alter table user_medals add column is_by_rule boolean not null default true;
    update user_medals set is_by_rule = false where awarded_by_id is not null;
    alter table user_medals add constraint user_medals_kept check (is_by_rule or awarded_by_id is not null and revoked_at is null)`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.raw("alter table user_medals drop column is_by_rule");
}
