// The answers to requests with an Idempotency-Key, for 24 hours. The key itself is not stored, and the answer is encrypted.
import type { Knex } from "knex";

export async function up(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    create table idempotency_keys (
      id bytea not null,
      owner bytea not null,
      fingerprint bytea not null,
      answer bytea not null,
      created_at timestamptz(3) not null default now(),
      constraint idempotency_keys_pkey primary key (id)
    );
    create index idempotency_keys_of_owner on idempotency_keys (owner, created_at);
    create index idempotency_keys_by_age on idempotency_keys (created_at)`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.raw("drop table idempotency_keys");
}
