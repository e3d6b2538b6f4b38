// Polls in posts, and the votes in them (docs/adr/0062-a-vote-in-a-poll-is-a-row-that-a-trigger-counts.md).
import type { Knex } from "knex";

export async function up(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    create table polls (
      id bigint generated always as identity,
      post_id bigint not null,
      author_id bigint not null,
      question text not null,
      kind text not null,
      -- Empty when a text is asked for.
      options text[] not null,
      min_choices integer not null,
      max_choices integer not null,
      results text not null,
      is_anonymous boolean not null,
      created_at timestamptz(3) not null default date_trunc('milliseconds', clock_timestamp()),
      -- From then on it takes no votes; closing it by hand sets it too.
      closes_at timestamptz(3),
      -- Whether an update has told that it is closed.
      is_closing_told boolean not null default false,
      voter_count integer not null default 0,
      -- For each option, in their order.
      option_counts integer[] not null,
      -- Whether votes have come or gone that no update tells of yet.
      has_new_votes boolean not null default false,
      version bigint not null default 1,
      constraint polls_pkey primary key (id),
      constraint polls_post foreign key (post_id) references posts (id) on delete cascade,
      constraint polls_author foreign key (author_id) references users (id),
      constraint polls_kind check (kind in ('POLL_KIND_SINGLE', 'POLL_KIND_MULTIPLE', 'POLL_KIND_OPEN')),
      constraint polls_results check (results in ('POLL_RESULTS_ALWAYS', 'POLL_RESULTS_AFTER_VOTE', 'POLL_RESULTS_AFTER_CLOSE')),
      constraint polls_options check (cardinality(option_counts) = cardinality(options)
        and case when kind = 'POLL_KIND_OPEN' then cardinality(options) = 0 and max_choices = 0
                 else cardinality(options) between 2 and 20 and min_choices between 1 and max_choices
                      and max_choices <= cardinality(options) end),
      constraint polls_counts check (voter_count >= 0 and 0 <= all (option_counts))
    ) with (fillfactor = 70);
    -- One poll for each post.
    create unique index polls_of_post on polls (post_id);
    create index polls_new_votes on polls (id) where has_new_votes;
    create index polls_closing on polls (closes_at, id) where not is_closing_told and closes_at is not null;

    create table poll_votes (
      -- A new one for each vote that takes the place of another.
      id bigint generated always as identity,
      poll_id bigint not null,
      user_id bigint not null,
      -- The numbers of options, in their order.
      options bigint[] not null,
      -- The text, where one is asked for.
      answer text,
      voted_at timestamptz(3) not null default date_trunc('milliseconds', clock_timestamp()),
      -- What an export is ordered by: it says nothing of the voter, nor of the time.
      place uuid not null default gen_random_uuid(),
      constraint poll_votes_pkey primary key (poll_id, user_id),
      constraint poll_votes_poll foreign key (poll_id) references polls (id) on delete cascade,
      constraint poll_votes_user foreign key (user_id) references users (id),
      constraint poll_votes_choice check ((cardinality(options) > 0) = (answer is null))
    );
    create index poll_votes_of_user on poll_votes (user_id);
    create index poll_votes_by_time on poll_votes (poll_id, id);
    create unique index poll_votes_by_place on poll_votes (poll_id, place);

    -- Counts what votes say, in the row of their poll, which whoever changes votes has locked.
    create function count_poll_votes() returns trigger language plpgsql as $$
      begin
        update polls p
           set voter_count = p.voter_count + (tg_op = 'INSERT')::integer - (tg_op = 'DELETE')::integer,
               option_counts = array(
                 select c.votes + (c.number = any (coalesce(new.options, '{}')))::integer
                                - (c.number = any (coalesce(old.options, '{}')))::integer
                   from unnest(p.option_counts) with ordinality as c (votes, number)
                  order by c.number),
               has_new_votes = true
         where p.id = coalesce(new.poll_id, old.poll_id);
        return null;
      end $$;
    create trigger poll_votes_counted after insert or update or delete on poll_votes for each row execute function count_poll_votes()`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    drop table poll_votes;
    drop table polls;
    drop function count_poll_votes()`);
}
