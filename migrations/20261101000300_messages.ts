// Messages, and the sequence of each chat: one row that every send locks, so that each seq is used once and there is no gap.
import type { Knex } from "knex";

export async function up(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    create table chat_sequences (
      chat_id bigint not null,
      last_seq bigint not null default 0,
      -- Deleted messages are not counted.
      message_count bigint not null default 0,
      last_message_at timestamptz(3),
      constraint chat_sequences_pkey primary key (chat_id),
      constraint chat_sequences_chat foreign key (chat_id) references chats (id) on delete cascade,
      constraint chat_sequences_counted check (message_count between 0 and last_seq)
    -- Room on the page for the next version of a row, so that a send writes no index of this table.
    ) with (fillfactor = 50);

    create table messages (
      id bigint generated always as identity,
      chat_id bigint not null,
      seq bigint not null,
      sender_id bigint not null,
      text text not null,
      created_at timestamptz(3) not null,
      edited_at timestamptz(3),
      deleted_at timestamptz(3),
      -- No foreign key: a message never vanishes alone, only with its whole chat, and it is looked up when the reply is sent.
      reply_to_id bigint,
      client_message_id text,
      -- Of the request as it was first sent: it tells a retry from another message, whatever was edited since.
      request_hash bytea,
      version bigint not null default 1,
      constraint messages_pkey primary key (id),
      constraint messages_chat_seq unique (chat_id, seq),
      -- To the sequence and not to the chat: that is the row which a send holds already.
      constraint messages_sequence foreign key (chat_id) references chat_sequences (chat_id) on delete cascade,
      constraint messages_sender foreign key (sender_id) references users (id)
    );
    create unique index messages_client_message_id on messages (chat_id, sender_id, client_message_id)
      where client_message_id is not null;
    create index messages_by_sender on messages (chat_id, sender_id, seq);
    create index messages_by_time on messages (chat_id, created_at, seq);
    create index messages_deleted on messages (chat_id, seq) include (sender_id) where deleted_at is not null;
    create index messages_search on messages using gin (chat_id, to_tsvector('russian'::regconfig, text))
      where deleted_at is null`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.raw("drop table messages; drop table chat_sequences");
}
