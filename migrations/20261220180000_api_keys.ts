// API keys, each known by its hash alone.
import type { Knex } from "knex";

export async function up(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    create table api_keys (
      id bigint generated always as identity,
      user_id bigint not null,
      name text not null,
      -- How the key begins. It is shown, and nothing is found by it.
      prefix text not null,
      -- SHA-256 of the key, which has 256 random bits: what is stored opens nothing.
      key_hash bytea not null,
      scopes text[] not null,
      created_at timestamptz(3) not null default now(),
      expires_at timestamptz(3) not null,
      last_used_at timestamptz(3),
      revoked_at timestamptz(3),
      constraint api_keys_pkey primary key (id),
      constraint api_keys_hash_unique unique (key_hash),
      constraint api_keys_user foreign key (user_id) references users (id) on delete cascade
    );
    create index api_keys_of_user on api_keys (user_id, id);

    -- What a key may do depends on its owner: on any change of them (role, end, suspension) each process forgets what it knows of
    -- their keys, whoever makes the change.
    create function notify_api_key_owner() returns trigger language plpgsql as $$
    begin
      if exists (select from api_keys where user_id = new.id) then
        perform pg_notify('api_keys_changed', new.id::text);
      end if;
      return null;
    end $$;
    create trigger users_api_keys after update on users for each row execute function notify_api_key_owner()`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    drop trigger users_api_keys on users;
    drop function notify_api_key_owner();
    drop table api_keys`);
}
