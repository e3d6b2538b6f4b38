// Groups are listed by name and found by parts of it; the names that were replaced are kept for lists that were begun before
// (docs/adr/0033-pages-are-of-one-moment.md).
import type { Knex } from "knex";

export async function up(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    alter table groups
      -- What the list is ordered by, as users.sort_key.
      add column sort_key text collate "C" not null generated always as (left(search_key(name), 40)) stored;
    create index groups_order on groups (sort_key, id);
    create index groups_search on groups using gin (name_part(name) gin_trgm_ops);
    -- The id of a deleted chat stays here, and is not shown. A foreign key would lock the group after its chat when that is deleted,
    -- against the order of all transactions.
    alter table groups drop constraint groups_chat;
    -- An accent may be a character of its own.
    drop index groups_name_unique;
    create unique index groups_name_unique on groups (lower(normalize(name, NFC)));

    create table group_former_names (
      group_id bigint not null,
      -- Changes of one group are inserted in their order, since they hold the lock of the group.
      id bigint generated always as identity,
      name text not null,
      replaced_in xid8 not null default pg_current_xact_id(),
      replaced_at timestamptz(3) not null default now(),
      constraint group_former_names_pkey primary key (group_id, id),
      constraint group_former_names_group foreign key (group_id) references groups (id) on delete cascade
    );
    create index group_former_names_order on group_former_names (id)`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    drop table group_former_names;
    drop index groups_name_unique;
    create unique index groups_name_unique on groups (lower(name));
    drop index groups_search;
    update groups set chat_id = null where not exists (select from chats c where c.id = chat_id);
    alter table groups add constraint groups_chat foreign key (chat_id) references chats (id) on delete set null;
    alter table groups drop column sort_key`);
}
