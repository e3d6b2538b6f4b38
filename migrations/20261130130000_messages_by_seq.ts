// The order of seq is the order of time, so that an index of times is not needed. Dropping it waits for no long transaction but
// those that use the table at that moment.
import type { Knex } from "knex";

export async function up(knex: Knex): Promise<void> {
  await knex.schema.raw("drop index messages_by_time");
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.raw("create index messages_by_time on messages (chat_id, created_at, seq)");
}
