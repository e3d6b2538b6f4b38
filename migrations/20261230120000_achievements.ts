// Achievements: what people hand in, and what staff have decided about it.
import type { Knex } from "knex";

export async function up(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    create table achievements (
      id bigint generated always as identity,
      user_id bigint not null,
      kind text not null,
      title text not null,
      description text not null,
      file_id bigint not null,
      state text not null default 'ACHIEVEMENT_STATE_PENDING',
      -- For which it was accepted; they stay when it is revoked.
      points integer,
      -- Why it was rejected or revoked.
      reason text,
      moderator_id bigint,
      moderated_at timestamptz(3),
      revoked_by_id bigint,
      revoked_at timestamptz(3),
      created_at timestamptz(3) not null default now(),
      version bigint not null default 1,
      constraint achievements_pkey primary key (id),
      constraint achievements_file_unique unique (file_id),
      constraint achievements_user foreign key (user_id) references users (id),
      constraint achievements_file foreign key (file_id) references files (id),
      constraint achievements_moderator foreign key (moderator_id) references users (id),
      constraint achievements_revoked_by foreign key (revoked_by_id) references users (id),
      constraint achievements_kind check (kind in ('ACHIEVEMENT_KIND_OLYMPIAD', 'ACHIEVEMENT_KIND_EVENT')),
      constraint achievements_points_bounds check (points between 1 and 1000),
      constraint achievements_not_own check (user_id <> moderator_id and user_id <> revoked_by_id),
      constraint achievements_state check (case state
        when 'ACHIEVEMENT_STATE_PENDING' then num_nonnulls(points, reason, moderator_id, moderated_at, revoked_by_id, revoked_at) = 0
        when 'ACHIEVEMENT_STATE_ACCEPTED'
          then num_nonnulls(points, moderator_id, moderated_at) = 3 and num_nonnulls(reason, revoked_by_id, revoked_at) = 0
        when 'ACHIEVEMENT_STATE_REJECTED'
          then num_nonnulls(reason, moderator_id, moderated_at) = 3 and num_nonnulls(points, revoked_by_id, revoked_at) = 0
        when 'ACHIEVEMENT_STATE_REVOKED' then num_nulls(points, reason, moderator_id, moderated_at, revoked_by_id, revoked_at) = 0
        else false end)
    );
    create index achievements_of_user on achievements (user_id, id);
    create index achievements_pending on achievements (id) where state = 'ACHIEVEMENT_STATE_PENDING';
    create index achievements_pending_search on achievements using gin (name_part(title) gin_trgm_ops)
     where state = 'ACHIEVEMENT_STATE_PENDING';
    create index achievements_accepted on achievements (id) where state = 'ACHIEVEMENT_STATE_ACCEPTED'`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.raw("drop table achievements");
}
