// The second factor of accounts: secrets of authenticator apps, recovery codes, logins that wait for their second step, and since when
// somebody needs a second factor.
import type { Knex } from "knex";

export async function up(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    -- Secrets that wait for their first code.
    create table totp_enrolments (
      user_id bigint not null,
      -- Encrypted, and bound to the user.
      secret bytea not null,
      expires_at timestamptz(3) not null,
      constraint totp_enrolments_pkey primary key (user_id),
      constraint totp_enrolments_user foreign key (user_id) references users (id) on delete cascade
    );
    create index totp_enrolments_expiry on totp_enrolments (expires_at);

    create table totp_factors (
      user_id bigint not null,
      secret bytea not null,
      confirmed_at timestamptz(3) not null default now(),
      -- The time step (RFC 6238) of the last code that was accepted: only a later one is.
      last_step bigint not null,
      -- Wrong codes since the last right one, and when the next one is looked at.
      failures integer not null default 0,
      retry_at timestamptz(3),
      constraint totp_factors_pkey primary key (user_id),
      constraint totp_factors_user foreign key (user_id) references users (id) on delete cascade
    );

    create table recovery_codes (
      user_id bigint not null,
      -- HMAC-SHA-256 of the code and the user, with a key of the server.
      code_hash bytea not null,
      constraint recovery_codes_pkey primary key (user_id, code_hash),
      constraint recovery_codes_user foreign key (user_id) references users (id) on delete cascade
    );

    create table mfa_obligations (
      user_id bigint not null,
      began_at timestamptz(3) not null default now(),
      constraint mfa_obligations_pkey primary key (user_id),
      constraint mfa_obligations_user foreign key (user_id) references users (id) on delete cascade
    );

    create table login_challenges (
      -- SHA-256 of the challenge: what is stored opens nothing.
      token_hash bytea not null,
      user_id bigint not null,
      -- What the client asked of the session at its login, as JSON.
      wishes text not null,
      tries integer not null default 0,
      expires_at timestamptz(3) not null,
      constraint login_challenges_pkey primary key (token_hash),
      constraint login_challenges_user foreign key (user_id) references users (id) on delete cascade
    );
    create index login_challenges_of_user on login_challenges (user_id);
    create index login_challenges_expiry on login_challenges (expires_at)`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    drop table login_challenges;
    drop table mfa_obligations;
    drop table recovery_codes;
    drop table totp_factors;
    drop table totp_enrolments`);
}
