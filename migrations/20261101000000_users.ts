// Users, and the extensions and functions for searches by parts of words. Passwords and sessions are in the next migration.
import type { Knex } from "knex";

export async function up(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    create extension if not exists pg_trgm;
    create extension if not exists btree_gin;

    -- The form in which names and titles are compared: one spelling of each letter, no case, and ё is е.
    create function search_key(value text) returns text
      language sql immutable strict parallel safe
      return replace(lower(normalize(value, NFC)), 'ё', 'е');

    create table users (
      id bigint generated always as identity,
      email text not null,
      first_name text not null,
      last_name text not null,
      role text not null default 'ROLE_STUDENT',
      created_at timestamptz(3) not null default now(),
      version bigint not null default 1,
      -- What a search looks at.
      name_key text not null generated always as (search_key(last_name || ' ' || first_name)) stored,
      -- What the list is ordered by: the same on every server whatever its collation, and short enough for a page token.
      sort_key text collate "C" not null generated always as (left(search_key(last_name || ' ' || first_name), 40)) stored,
      constraint users_pkey primary key (id),
      constraint users_role_known check (role in ('ROLE_STUDENT', 'ROLE_TEACHER', 'ROLE_SUPER_ADMIN'))
    );
    create unique index users_email_unique on users (lower(email));
    create index users_order on users (sort_key, id);
    create index users_search on users using gin (name_key gin_trgm_ops)`);
}

// The extensions are kept: other programs may use them, and the up migration accepts existing ones.
export async function down(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    drop table users;
    drop function search_key(text)`);
}
