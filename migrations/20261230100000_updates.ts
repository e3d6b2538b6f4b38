// Updates: what happened in the system, one row for each thing that others can see, written in the transaction of the act. Each is
// the next of its topic, without a gap; consumers read all of them in one order.
import type { Knex } from "knex";

export async function up(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    -- The last pts of each topic. Whoever takes the next one locks the row until the transaction ends, so that the order of pts is
    -- that of the commits, and a pts that is rolled back is taken again.
    create table update_topics (
      topic text primary key,
      pts bigint not null default 1
    ) with (fillfactor = 70);

    create sequence updates_id_seq as bigint;

    -- A shared lock, held to the end of the transaction, is taken before the id: whoever has seen an id, and then no holder of the
    -- lock of that time, has seen the end of every transaction with a smaller id. The number is of this table alone.
    create function next_update_id() returns bigint language plpgsql volatile as $$
    begin
      perform pg_advisory_xact_lock_shared(1819893349, 1);
      return nextval('updates_id_seq');
    end $$;

    -- The last id that was taken, and who holds the lock after that: in this order, which a single query would not promise.
    create function update_mark(out last_id bigint, out holders text[]) language plpgsql volatile as $$
    begin
      select case when is_called then last_value else 0 end into last_id from updates_id_seq;
      select coalesce(array_agg(virtualtransaction), '{}') into holders from pg_locks
       where locktype = 'advisory' and classid = 1819893349 and objid = 1 and objsubid = 2
         and database = (select oid from pg_database where datname = current_database());
    end $$;

    create table updates (
      id bigint not null default next_update_id(),
      topic text not null,
      pts bigint not null,
      kind text not null,
      subject_id bigint not null,
      -- Who did it; null for the system itself. No reference: an update outlives an account.
      actor_id bigint,
      created_at timestamptz(3) not null default date_trunc('milliseconds', clock_timestamp()),
      constraint updates_pkey primary key (id),
      constraint updates_topic_pts unique (topic, pts)
    );
    alter sequence updates_id_seq owned by updates.id;

    -- How far each consumer has read, and which process does its work now.
    create table update_consumers (
      name text primary key,
      last_id bigint not null,
      leased_by uuid,
      leased_until timestamptz
    ) with (fillfactor = 50);

    -- Updates that a consumer could not take: tried again at next_attempt_at, and set aside for good after the last attempt.
    create table failed_updates (
      id bigint generated always as identity primary key,
      consumer text not null references update_consumers (name) on delete cascade,
      update_id bigint not null,
      topic text not null,
      pts bigint not null,
      kind text not null,
      subject_id bigint not null,
      actor_id bigint,
      update_created_at timestamptz(3) not null,
      attempts integer not null default 1,
      -- The class of the error, such as a SQLSTATE; the log has the rest.
      error text not null,
      failed_at timestamptz(3) not null default now(),
      next_attempt_at timestamptz(3),
      constraint failed_updates_once unique (consumer, update_id),
      constraint failed_updates_attempts check (attempts > 0)
    );
    create index failed_updates_due on failed_updates (consumer, next_attempt_at) where next_attempt_at is not null;`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    drop table failed_updates;
    drop table update_consumers;
    drop table updates;
    drop function update_mark;
    drop function next_update_id;
    drop table update_topics`);
}
