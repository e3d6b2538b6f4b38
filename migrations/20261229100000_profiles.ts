// What people say of themselves, the school class and the rating; and groups of people.
import type { Knex } from "knex";

export async function up(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    create table groups (
      id bigint generated always as identity,
      name text not null,
      -- "#rrggbb".
      colour text not null,
      -- The chat of the group; null without one.
      chat_id bigint,
      created_at timestamptz(3) not null default now(),
      version bigint not null default 1,
      constraint groups_pkey primary key (id),
      constraint groups_colour check (colour ~ '^#[0-9a-f]{6}$'),
      constraint groups_chat foreign key (chat_id) references chats (id) on delete set null
    );
    create unique index groups_name_unique on groups (lower(name));
    create unique index groups_chat_unique on groups (chat_id);

    alter table users
      add column nick text,
      add column patronymic_name text not null default '',
      add column school_class smallint,
      add column group_id bigint,
      add column avatar_file_id bigint,
      add column rating bigint not null default 0,
      add column about text not null default '',
      add column telegram text,
      add column github text,
      add column stepik text,
      add column kaggle text,
      add column website text,
      add column tech_stack text[] not null default '{}',
      add constraint users_school_class check (school_class between 1 and 11),
      add constraint users_group foreign key (group_id) references groups (id);
    create unique index users_nick_unique on users (lower(nick));
    create unique index users_telegram_unique on users (lower(telegram));
    create unique index users_github_unique on users (lower(github));
    create unique index users_stepik_unique on users (lower(stepik));
    create unique index users_kaggle_unique on users (lower(kaggle));
    create index users_group on users (group_id) where group_id is not null`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    alter table users
      drop column nick,
      drop column patronymic_name,
      drop column school_class,
      drop column group_id,
      drop column avatar_file_id,
      drop column rating,
      drop column about,
      drop column telegram,
      drop column github,
      drop column stepik,
      drop column kaggle,
      drop column website,
      drop column tech_stack;
    drop table groups`);
}
