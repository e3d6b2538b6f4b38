// Webhooks: endpoints of super admins, and what is sent to them (docs/adr/0065-a-webhook-is-a-row-that-is-sent-until-it-arrives.md).
import type { Knex } from "knex";

export async function up(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    create table webhooks (
      id bigint generated always as identity,
      user_id bigint not null,
      -- Encrypted: an address may have a token in it.
      url bytea not null,
      kinds text[] not null,
      serialization text not null,
      is_ordered boolean not null,
      is_enabled boolean not null default true,
      disabled_reason text not null default 'WEBHOOK_DISABLED_REASON_UNSPECIFIED',
      -- Encrypted. The one before is good until former_secret_until.
      secret bytea not null,
      former_secret bytea,
      former_secret_until timestamptz(3),
      created_at timestamptz(3) not null default date_trunc('milliseconds', clock_timestamp()),
      -- The attempts that have failed since one succeeded, and the time of the first.
      failures integer not null default 0,
      failing_since timestamptz(3),
      -- Until when nothing is sent: it has failed often, or has asked for it.
      waits_until timestamptz(3),
      -- Which process sends now.
      leased_by uuid,
      leased_until timestamptz,
      constraint webhooks_pkey primary key (id),
      constraint webhooks_user foreign key (user_id) references users (id),
      constraint webhooks_kinds check (cardinality(kinds) > 0),
      constraint webhooks_serialization check (serialization in ('WEBHOOK_SERIALIZATION_JSON', 'WEBHOOK_SERIALIZATION_PROTOBUF')),
      constraint webhooks_disabled_reason check (disabled_reason in ('WEBHOOK_DISABLED_REASON_UNSPECIFIED',
        'WEBHOOK_DISABLED_REASON_GONE', 'WEBHOOK_DISABLED_REASON_FAILING', 'WEBHOOK_DISABLED_REASON_OWNER')),
      constraint webhooks_former_secret check ((former_secret is null) = (former_secret_until is null))
    ) with (fillfactor = 50);
    create index webhooks_of_user on webhooks (user_id, id);

    create table webhook_deliveries (
      id bigint generated always as identity,
      webhook_id bigint not null,
      -- Null of a test. No reference: an update may be deleted before its delivery.
      update_id bigint,
      event_id text not null default 'msg_' || replace(gen_random_uuid()::text, '-', ''),
      topic text not null,
      pts bigint not null,
      kind text not null,
      subject_id bigint not null,
      actor_id bigint,
      happened_at timestamptz(3) not null,
      state text not null default 'WEBHOOK_DELIVERY_STATE_PENDING',
      attempts integer not null default 0,
      status integer,
      failure text not null default 'WEBHOOK_FAILURE_UNSPECIFIED',
      duration_ms integer,
      created_at timestamptz(3) not null default date_trunc('milliseconds', clock_timestamp()),
      first_attempt_at timestamptz(3),
      last_attempt_at timestamptz(3),
      next_attempt_at timestamptz(3) default date_trunc('milliseconds', clock_timestamp()),
      constraint webhook_deliveries_pkey primary key (id),
      constraint webhook_deliveries_webhook foreign key (webhook_id) references webhooks (id) on delete cascade,
      constraint webhook_deliveries_once unique (webhook_id, update_id),
      constraint webhook_deliveries_state check (state in ('WEBHOOK_DELIVERY_STATE_PENDING', 'WEBHOOK_DELIVERY_STATE_DELIVERED',
        'WEBHOOK_DELIVERY_STATE_FAILED', 'WEBHOOK_DELIVERY_STATE_WITHHELD')),
      constraint webhook_deliveries_next check ((state = 'WEBHOOK_DELIVERY_STATE_PENDING') = (next_attempt_at is not null))
    ) with (fillfactor = 70);
    create index webhook_deliveries_due on webhook_deliveries (webhook_id, next_attempt_at, id) where next_attempt_at is not null;
    create index webhook_deliveries_in_order on webhook_deliveries (webhook_id, topic, pts) where next_attempt_at is not null;
    create index webhook_deliveries_by_state on webhook_deliveries (webhook_id, state, id);
    create index webhook_deliveries_of_webhook on webhook_deliveries (webhook_id, id);
    create index webhook_deliveries_by_time on webhook_deliveries (created_at);`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.raw("drop table webhook_deliveries; drop table webhooks");
}
