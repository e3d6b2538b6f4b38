// Invites and suspensions of users, and the names that they had before: a list that is ordered by them, and was begun before, keeps
// its order (docs/adr/0033-pages-are-of-one-moment.md).
import type { Knex } from "knex";

export async function up(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    alter table users
      -- When the last invite was made; null once it was accepted, and for those who registered.
      add column invited_at timestamptz(3),
      add column suspended_at timestamptz(3),
      add column suspension_reason text not null default '',
      add constraint users_suspension_has_a_time check (suspended_at is not null or suspension_reason = '');

    create table user_former_names (
      user_id bigint not null,
      -- One sequence with chat_former_keys: a list of chats by title depends on both, and its moment has one mark.
      id bigint not null default nextval('chat_former_keys_id_seq'),
      first_name text not null,
      last_name text not null,
      replaced_in xid8 not null default pg_current_xact_id(),
      replaced_at timestamptz(3) not null default now(),
      constraint user_former_names_pkey primary key (user_id, id),
      constraint user_former_names_user foreign key (user_id) references users (id) on delete cascade
    );
    create index user_former_names_order on user_former_names (id)`);
}

// Who was suspended can log in again, and who was invited and has not accepted cannot be invited again.
export async function down(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    drop table user_former_names;
    alter table users
      drop constraint users_suspension_has_a_time,
      drop column invited_at,
      drop column suspended_at,
      drop column suspension_reason`);
}
