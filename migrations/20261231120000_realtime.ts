// What web sockets need: tickets that open one, what a person shows of themselves while they are connected, and who is connected.
import type { Knex } from "knex";

export async function up(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    create table realtime_tickets (
      token_hash bytea primary key,
      user_id bigint not null,
      session_id uuid not null,
      role text not null,
      expires_at timestamptz(3) not null,
      constraint realtime_tickets_user foreign key (user_id) references users (id) on delete cascade
    );
    create index realtime_tickets_expiry on realtime_tickets (expires_at);

    create table realtime_settings (
      user_id bigint primary key,
      shows_presence boolean not null,
      shows_typing boolean not null,
      constraint realtime_settings_user foreign key (user_id) references users (id) on delete cascade
    );

    -- Who is connected, by process: each writes its own people again and again, and what it has not written for a while counts no more.
    create unlogged table realtime_presence (
      user_id bigint not null,
      process uuid not null,
      seen_at timestamptz(3) not null,
      constraint realtime_presence_pkey primary key (user_id, process)
    ) with (fillfactor = 50);`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    drop table realtime_presence;
    drop table realtime_settings;
    drop table realtime_tickets`);
}
