// Passkeys: their public keys, the handles under which devices know their owners, and challenges that wait for an answer.
import type { Knex } from "knex";

export async function up(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    -- What a device calls a person: random, so that it tells nobody who they are.
    create table passkey_handles (
      user_id bigint not null,
      handle bytea not null,
      constraint passkey_handles_pkey primary key (user_id),
      constraint passkey_handles_user foreign key (user_id) references users (id) on delete cascade
    );

    create table passkeys (
      id bigint generated always as identity,
      user_id bigint not null,
      name text not null,
      -- Chosen by the device.
      credential_id bytea not null,
      -- A COSE key.
      public_key bytea not null,
      -- Of the last login: a copy of the key would fall behind it. Most devices do not count, and stay at 0.
      sign_count bigint not null,
      transports text[] not null,
      is_backed_up boolean not null,
      created_at timestamptz(3) not null default clock_timestamp(),
      last_used_at timestamptz(3),
      constraint passkeys_pkey primary key (id),
      constraint passkeys_credential unique (credential_id),
      constraint passkeys_user foreign key (user_id) references users (id) on delete cascade
    );
    create index passkeys_of_user on passkeys (user_id);
    -- A passkey is a second factor, on which the API keys of its owner can depend.
    create trigger passkeys_api_keys after insert or delete on passkeys
      for each row execute function notify_api_keys_of_factor();

    create table passkey_challenges (
      -- SHA-256 of the challenge.
      challenge_hash bytea not null,
      -- Who registers a passkey; null for a login.
      user_id bigint,
      expires_at timestamptz(3) not null,
      constraint passkey_challenges_pkey primary key (challenge_hash),
      constraint passkey_challenges_user foreign key (user_id) references users (id) on delete cascade
    );
    create index passkey_challenges_of_user on passkey_challenges (user_id);
    create index passkey_challenges_expiry on passkey_challenges (expires_at)`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    drop table passkey_challenges;
    drop table passkeys;
    drop table passkey_handles`);
}
