// What a list was ordered by when its first page was read (docs/adr/0033-pages-are-of-one-moment.md): the transactions that sent the
// messages, and titles and roles that were replaced. Nothing is written for what is there already, which is older than any page
// token.
import type { Knex } from "knex";

export async function up(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    alter table messages add column sent_in xid8;
    alter table messages alter column sent_in set default pg_current_xact_id();

    create table chat_former_keys (
      chat_id bigint not null,
      -- Changes of one chat are inserted in their order, since they hold the lock of the chat.
      id bigint generated always as identity,
      -- The member whose role it was; 0 for the title of the chat.
      user_id bigint not null,
      -- Null for the name of somebody whose account has ended.
      former text,
      replaced_in xid8 not null default pg_current_xact_id(),
      replaced_at timestamptz(3) not null default now(),
      constraint chat_former_keys_pkey primary key (chat_id, user_id, id),
      constraint chat_former_keys_chat foreign key (chat_id) references chats (id) on delete cascade
    )`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    drop table chat_former_keys;
    alter table messages drop column sent_in`);
}
