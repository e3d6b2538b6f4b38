// The pictures of chats, in a table of their own, so that no list of chats reads a picture.
import type { Knex } from "knex";

export async function up(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    create table chat_pictures (
      chat_id bigint constraint chat_pictures_pkey primary key
        constraint chat_pictures_chat_id_fkey references chats (id) on delete cascade,
      content_type text not null,
      data bytea not null,
      updated_at timestamptz(3) not null default date_trunc('milliseconds', now()),
      version bigint not null default 1
    );
    -- Pictures are compressed already.
    alter table chat_pictures alter column data set storage external`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.raw("drop table chat_pictures");
}
