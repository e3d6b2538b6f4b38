// Chats and their members. The last seq and the number of messages of a chat are in chat_sequences, with the messages.
import type { Knex } from "knex";

export async function up(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    create table chats (
      id bigint generated always as identity,
      kind text not null default 'CHAT_KIND_GROUP',
      -- Empty in a direct chat: each of the two sees the name of the other.
      title text not null,
      -- The two of a direct chat, the smaller id first, so that two people have one pair.
      user_low bigint,
      user_high bigint,
      created_at timestamptz(3) not null default date_trunc('milliseconds', clock_timestamp()),
      version bigint not null default 1,
      constraint chats_pkey primary key (id),
      constraint chats_kind_known check (kind in ('CHAT_KIND_GROUP', 'CHAT_KIND_DIRECT')),
      constraint chats_pair_of_direct check (
        case kind when 'CHAT_KIND_DIRECT' then user_low is not null and user_high is not null and user_low <= user_high
                  else user_low is null and user_high is null end
      ),
      constraint chats_direct_pair unique (user_low, user_high),
      constraint chats_user_low foreign key (user_low) references users (id),
      constraint chats_user_high foreign key (user_high) references users (id)
    );
    create index chats_of_user_high on chats (user_high) where user_high is not null;

    create table chat_members (
      chat_id bigint not null,
      user_id bigint not null,
      role text not null default 'CHAT_ROLE_MEMBER',
      joined_at timestamptz(3) not null default date_trunc('milliseconds', clock_timestamp()),
      last_read_seq bigint not null default 0,
      constraint chat_members_pkey primary key (chat_id, user_id),
      constraint chat_members_role_known check (role in ('CHAT_ROLE_MEMBER', 'CHAT_ROLE_OWNER')),
      constraint chat_members_chat foreign key (chat_id) references chats (id) on delete cascade,
      constraint chat_members_user foreign key (user_id) references users (id)
    );
    create index chat_members_of_user on chat_members (user_id, chat_id)`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.raw("drop table chat_members; drop table chats");
}
