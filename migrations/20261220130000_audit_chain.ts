// The audit is append-only, and its rows are chained by hash in the order of their commits.
import type { Knex } from "knex";

export async function up(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    alter table audit_events
      -- Of tries that were refused: how many the row stands for.
      add column count integer not null default 1,
      drop constraint audit_events_means_known,
      drop constraint audit_events_outcome_known;
    update audit_events set means = 'AUDIT_MEANS_' || upper(means), outcome = 'AUDIT_OUTCOME_' || upper(outcome);
    alter table audit_events
      add constraint audit_events_means_known check (means in
        ('AUDIT_MEANS_NONE', 'AUDIT_MEANS_BEARER', 'AUDIT_MEANS_COOKIE', 'AUDIT_MEANS_API_KEY', 'AUDIT_MEANS_OPERATOR')),
      add constraint audit_events_outcome_known check (outcome in ('AUDIT_OUTCOME_SUCCESS', 'AUDIT_OUTCOME_FAILURE')),
      add constraint audit_events_count_positive check (count > 0);

    -- The filters of the list, each in its order.
    create index audit_events_by_time on audit_events (created_at, id);
    create index audit_events_by_actor on audit_events (actor_id, created_at, id);
    create index audit_events_by_target on audit_events (target_id, target_type, created_at, id);
    create index audit_events_by_action on audit_events (action text_pattern_ops, created_at, id);
    create index audit_events_by_request on audit_events (request_id);

    create table audit_chain (
      -- 1, 2, 3 ... without a gap.
      position bigint not null,
      event_id bigint not null,
      -- Of the key that the hashes are made with.
      key_id text not null,
      previous_hash bytea not null,
      event_hash bytea not null,
      hash bytea not null,
      constraint audit_chain_pkey primary key (position),
      constraint audit_chain_event_unique unique (event_id)
    );

    -- What is committed and not chained yet, in the order of the commits.
    create table audit_queue (
      turn bigint generated always as identity,
      event_id bigint not null,
      constraint audit_queue_pkey primary key (turn)
    );
    insert into audit_queue (event_id) select id from audit_events order by id;

    create function queue_audit_event() returns trigger language plpgsql as $$
    begin
      insert into audit_queue (event_id) values (new.id);
      return null;
    end $$;
    -- Deferred: the turn is taken at the commit, whenever the row was inserted.
    create constraint trigger audit_events_queued after insert on audit_events deferrable initially deferred
      for each row execute function queue_audit_event();

    create function refuse_audit_change() returns trigger language plpgsql as $$
    begin
      raise exception 'rows of % are never changed or deleted', tg_table_name using errcode = 'restrict_violation';
    end $$;
    create trigger audit_events_append_only before update or delete or truncate on audit_events
      for each statement execute function refuse_audit_change();
    create trigger audit_chain_append_only before update or delete or truncate on audit_chain
      for each statement execute function refuse_audit_change()`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    drop trigger audit_events_append_only on audit_events;
    drop trigger audit_events_queued on audit_events;
    drop table audit_queue;
    drop table audit_chain;
    drop function queue_audit_event();
    drop function refuse_audit_change();
    drop index audit_events_by_time;
    drop index audit_events_by_actor;
    drop index audit_events_by_target;
    drop index audit_events_by_action;
    drop index audit_events_by_request;
    alter table audit_events
      drop column count,
      drop constraint audit_events_means_known,
      drop constraint audit_events_outcome_known;
    update audit_events
       set means = lower(substr(means, length('AUDIT_MEANS_') + 1)), outcome = lower(substr(outcome, length('AUDIT_OUTCOME_') + 1));
    alter table audit_events
      add constraint audit_events_means_known check (means in ('none', 'bearer', 'cookie', 'api_key', 'operator')),
      add constraint audit_events_outcome_known check (outcome in ('success', 'failure'))`);
}
