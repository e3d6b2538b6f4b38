// Credentials and sessions: a password hash for each user, and a session for each login.
import type { Knex } from "knex";

export async function up(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    create table credentials (
      user_id bigint not null,
      password_hash text not null,
      constraint credentials_pkey primary key (user_id),
      constraint credentials_user foreign key (user_id) references users (id) on delete cascade
    );

    create table sessions (
      id uuid not null default gen_random_uuid(),
      user_id bigint not null,
      -- Counts the refresh tokens of the session; the one with this number is the newest.
      generation bigint not null default 1,
      created_at timestamptz(3) not null default now(),
      rotated_at timestamptz(3) not null default now(),
      expires_at timestamptz(3) not null,
      revoked_at timestamptz(3),
      constraint sessions_pkey primary key (id),
      constraint sessions_user foreign key (user_id) references users (id) on delete cascade,
      constraint sessions_generation_positive check (generation > 0)
    );
    create index sessions_of_user on sessions (user_id);
    create index sessions_revoked on sessions (revoked_at) where revoked_at is not null`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.raw("drop table sessions; drop table credentials");
}
