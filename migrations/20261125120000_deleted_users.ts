// Ended accounts leave a tombstone: a row without a name or an address, to which their messages refer as the sender.
import type { Knex } from "knex";

export async function up(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    alter table users
      add column deleted_at timestamptz(3),
      -- No two have one address, and any number have none.
      alter column email drop not null,
      add constraint users_tombstone_is_empty check (
        case when deleted_at is null then email is not null
             else email is null and first_name = '' and last_name = '' end
      );
    -- Lists do not step over those who are gone.
    drop index users_order;
    create index users_order on users (sort_key, id) where deleted_at is null`);
}

// Tombstones become users with placeholder names and unreachable addresses, who have no password.
export async function down(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    alter table users drop constraint users_tombstone_is_empty;
    update users set email = 'deleted-' || id || '@lyceum.invalid' where deleted_at is not null;
    drop index users_order;
    alter table users
      drop column deleted_at,
      alter column email set not null;
    create index users_order on users (sort_key, id)`);
}
