// Searches messages by the same key as names and titles, which has one spelling of each letter. The index is built again, and
// sends wait while a large table is read.
import type { Knex } from "knex";

export async function up(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    drop index messages_search;
    create index messages_search on messages using gin (chat_id, to_tsvector('russian'::regconfig, search_key(text)))
      where deleted_at is null`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    drop index messages_search;
    create index messages_search on messages using gin (chat_id, to_tsvector('russian'::regconfig, text))
      where deleted_at is null`);
}
