// The files of a message, as every answer with the message shows them. A file never changes, so what is read with a message is
// kept with it, and no read of messages joins another table.
import type { Knex } from "knex";

export async function up(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    -- A list of Files in their order; null without any. message_attachments has the same for whoever asks by file.
    alter table messages
      add column attachments jsonb,
      add constraint messages_attachments_gone check (deleted_at is null or attachments is null)`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.raw("alter table messages drop column attachments");
}
