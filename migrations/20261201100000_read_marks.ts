// How far those have read who left a chat or were removed, for the case that they come back. It is no membership: no statement that
// asks who may see a chat reads it.
import type { Knex } from "knex";

export async function up(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    create table chat_read_marks (
      chat_id bigint not null,
      user_id bigint not null,
      last_read_seq bigint not null,
      constraint chat_read_marks_pkey primary key (chat_id, user_id),
      constraint chat_read_marks_chat foreign key (chat_id) references chats (id) on delete cascade,
      constraint chat_read_marks_user foreign key (user_id) references users (id)
    );
    create index chat_read_marks_of_user on chat_read_marks (user_id)`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.raw("drop table chat_read_marks");
}
