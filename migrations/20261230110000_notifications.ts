// Notifications: what people read about what happened; what staff tell many at once; and banners, which are for everybody.
import type { Knex } from "knex";

export async function up(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    create table announcements (
      id bigint generated always as identity,
      type text not null,
      text text not null,
      sender_id bigint not null,
      recipient_count bigint not null,
      created_at timestamptz(3) not null default now(),
      constraint announcements_pkey primary key (id),
      constraint announcements_sender foreign key (sender_id) references users (id),
      constraint announcements_type check (type in ('NOTIFICATION_TYPE_INFO', 'NOTIFICATION_TYPE_WARNING'))
    );

    create table notifications (
      id bigint generated always as identity,
      user_id bigint not null,
      type text not null,
      -- What the sentence is made of, as it was when it happened; of an announcement nothing.
      payload jsonb,
      announcement_id bigint,
      -- Who did it; null for the system. No reference: it outlives an account.
      actor_id bigint,
      -- What happened, as a name: nobody is notified twice of one thing.
      cause text not null,
      created_at timestamptz(3) not null default date_trunc('milliseconds', clock_timestamp()),
      read_at timestamptz(3),
      -- Whether an update tells of it.
      is_told boolean not null default false,
      constraint notifications_pkey primary key (id),
      constraint notifications_once unique (user_id, cause),
      constraint notifications_user foreign key (user_id) references users (id),
      constraint notifications_type check (type like 'NOTIFICATION#_TYPE#_%' escape '#' and length(type) <= 60),
      constraint notifications_cause check (length(cause) <= 100),
      constraint notifications_payload check ((payload is null) <> (announcement_id is null))
    );
    create index notifications_order on notifications (user_id, id);
    create index notifications_unread on notifications (user_id, id) where read_at is null;
    create index notifications_untold on notifications (id) where not is_told;
    create index notifications_read on notifications (read_at) where read_at is not null;

    create table muted_notification_types (
      user_id bigint not null,
      type text not null,
      constraint muted_notification_types_pkey primary key (user_id, type),
      constraint muted_notification_types_user foreign key (user_id) references users (id),
      constraint muted_notification_types_type check (type <> 'NOTIFICATION_TYPE_WARNING')
    );

    create table banners (
      id bigint generated always as identity,
      level text not null,
      text text not null,
      active_from timestamptz(3),
      active_until timestamptz(3),
      created_at timestamptz(3) not null default now(),
      version bigint not null default 1,
      -- Whether it was shown when an update told of it last.
      is_shown boolean not null,
      constraint banners_pkey primary key (id),
      constraint banners_level check (level in
        ('BANNER_LEVEL_INFO', 'BANNER_LEVEL_SUCCESS', 'BANNER_LEVEL_WARNING', 'BANNER_LEVEL_ERROR')),
      constraint banners_period check (active_from < active_until)
    );
    -- Those that may be shown: few of many.
    create index banners_until on banners (coalesce(active_until, 'infinity'))`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    drop table banners;
    drop table muted_notification_types;
    drop table notifications;
    drop table announcements`);
}
