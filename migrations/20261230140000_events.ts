// The events of the school: whom they are for, who has a seat or waits for one, and the links to the calendars of people. The starts
// that were replaced are kept for lists that were begun before (docs/adr/0033-pages-are-of-one-moment.md).
import type { Knex } from "knex";

export async function up(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    create table events (
      id bigint generated always as identity primary key,
      -- The name of the event in calendars, for ever and everywhere.
      uid uuid not null default gen_random_uuid(),
      author_id bigint not null,
      title text not null,
      text text not null,
      place text not null,
      starts_at timestamptz(3) not null,
      ends_at timestamptz(3) not null,
      time_zone text not null,
      is_for_all boolean not null,
      -- Null for no limit.
      seats integer,
      registered_count integer not null default 0,
      waiting_count integer not null default 0,
      cancelled_at timestamptz(3),
      cancellation_reason text not null default '',
      created_at timestamptz(3) not null default now(),
      updated_at timestamptz(3) not null default now(),
      version bigint not null default 1,
      -- How often title, place or time have changed: the SEQUENCE of calendars.
      sequence integer not null default 0,
      -- Whether the counts or the seats have changed, and nobody was told yet.
      are_seats_news boolean not null default false,
      -- What the list is ordered by: the start in milliseconds since 1970.
      sort_key bigint not null generated always as ((extract(epoch from starts_at at time zone 'UTC') * 1000)::bigint) stored,
      constraint events_author foreign key (author_id) references users (id),
      constraint events_span check (ends_at > starts_at),
      constraint events_seats check (seats > 0),
      constraint events_counts check (registered_count >= 0 and waiting_count >= 0),
      constraint events_cancellation check (cancelled_at is not null or cancellation_reason = '')
    ) with (fillfactor = 80);
    create index events_order on events (sort_key, id);
    create index events_end on events (ends_at);
    create index events_of_author on events (author_id);
    create index events_search on events using gin (name_part(title || ' ' || place) gin_trgm_ops);
    create index events_news on events (id) where are_seats_news;

    create table event_groups (
      event_id bigint not null,
      group_id bigint not null,
      constraint event_groups_pkey primary key (event_id, group_id),
      constraint event_groups_event foreign key (event_id) references events (id) on delete cascade,
      constraint event_groups_group foreign key (group_id) references groups (id) on delete cascade
    );
    create index event_groups_of_group on event_groups (group_id);

    create table event_registrations (
      event_id bigint not null,
      user_id bigint not null,
      -- The order in which they came: taken under the lock of the event.
      arrival bigint not null generated always as identity,
      state text not null,
      registered_at timestamptz(3) not null default now(),
      attendance text not null default 'ATTENDANCE_UNMARKED',
      -- When a reminder is due; null when none is due any more, and of who waits.
      remind_at timestamptz(3),
      -- Whether they got a seat for which they waited, and were not told yet.
      is_seat_news boolean not null default false,
      constraint event_registrations_pkey primary key (event_id, user_id),
      constraint event_registrations_event foreign key (event_id) references events (id) on delete cascade,
      constraint event_registrations_user foreign key (user_id) references users (id),
      constraint event_registrations_state check (state in ('REGISTRATION_STATE_REGISTERED', 'REGISTRATION_STATE_WAITING')),
      constraint event_registrations_attendance check (attendance in ('ATTENDANCE_UNMARKED', 'ATTENDANCE_PRESENT', 'ATTENDANCE_ABSENT')),
      constraint event_registrations_waiting check (state = 'REGISTRATION_STATE_REGISTERED'
        or (attendance = 'ATTENDANCE_UNMARKED' and remind_at is null and not is_seat_news))
    );
    create index event_registrations_order on event_registrations (event_id, arrival);
    create index event_registrations_waiting on event_registrations (event_id, arrival) where state = 'REGISTRATION_STATE_WAITING';
    create index event_registrations_of_user on event_registrations (user_id, event_id);
    create index event_registrations_due on event_registrations (remind_at) where remind_at is not null;
    create index event_registrations_news on event_registrations (event_id) where is_seat_news;

    create table event_former_starts (
      event_id bigint not null,
      -- Changes of one event are inserted in their order, since they hold the lock of the event.
      id bigint generated always as identity,
      sort_key bigint not null,
      replaced_in xid8 not null default pg_current_xact_id(),
      replaced_at timestamptz(3) not null default now(),
      constraint event_former_starts_pkey primary key (event_id, id),
      constraint event_former_starts_event foreign key (event_id) references events (id) on delete cascade
    );
    create index event_former_starts_order on event_former_starts (id);
    create index event_former_starts_transaction on event_former_starts (replaced_in);

    -- A person has at most one link to their calendar.
    create table calendar_links (
      user_id bigint primary key,
      token_hash bytea not null,
      created_at timestamptz(3) not null default now(),
      constraint calendar_links_user foreign key (user_id) references users (id),
      constraint calendar_links_token unique (token_hash)
    )`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    drop table calendar_links;
    drop table event_former_starts;
    drop table event_registrations;
    drop table event_groups;
    drop table events`);
}
