// A change of a role notifies every process, whoever makes it, so that access tokens with the old role are refused.
import type { Knex } from "knex";

export async function up(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    alter table users add column role_changed_at timestamptz(3);
    -- Few users have one.
    create index users_role_changed on users (role_changed_at) where role_changed_at is not null;

    create function notify_role_change() returns trigger language plpgsql as $$
    begin
      new.role_changed_at = clock_timestamp();
      perform pg_notify('role_changed', new.id || ' ' || new.role);
      return new;
    end $$;
    -- The sessions of a user who is gone are revoked.
    create trigger users_role_changed before update of role on users for each row
      when (old.role <> new.role and new.deleted_at is null) execute function notify_role_change()`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    drop trigger users_role_changed on users;
    drop function notify_role_change();
    drop index users_role_changed;
    alter table users drop column role_changed_at`);
}
