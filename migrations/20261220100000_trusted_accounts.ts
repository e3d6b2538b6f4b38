// What accounts share: the devices of sessions, links that work once, and the record of what was done.
import type { Knex } from "knex";

export async function up(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    alter table sessions
      add column device_name text not null default '',
      add column user_agent text not null default '',
      add column address text not null default '';

    create table one_time_links (
      -- SHA-256 of the token: what is stored opens nothing.
      token_hash bytea not null,
      purpose text not null,
      user_id bigint not null,
      -- What the link is about, such as a new address; empty where the purpose says all.
      payload text not null default '',
      created_at timestamptz(3) not null default now(),
      expires_at timestamptz(3) not null,
      constraint one_time_links_pkey primary key (token_hash),
      constraint one_time_links_user foreign key (user_id) references users (id) on delete cascade
    );
    create index one_time_links_of_user on one_time_links (user_id, purpose);
    create index one_time_links_expiry on one_time_links (expires_at);

    create table audit_events (
      id bigint generated always as identity,
      created_at timestamptz(3) not null default clock_timestamp(),
      -- Who did it; null where nobody was known, such as a login that failed. No foreign key: a record outlives what it is about.
      actor_id bigint,
      means text not null,
      action text not null,
      target_type text not null default '',
      target_id text not null default '',
      outcome text not null,
      address text not null default '',
      request_id text not null default '',
      constraint audit_events_pkey primary key (id),
      constraint audit_events_means_known check (means in ('none', 'bearer', 'cookie', 'api_key', 'operator')),
      constraint audit_events_outcome_known check (outcome in ('success', 'failure'))
    )`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    drop table audit_events;
    drop table one_time_links;
    alter table sessions drop column device_name, drop column user_agent, drop column address`);
}
