// Posts, their comments and votes, what they said before, and reports of them (docs/adr/0061-posts-are-read-by-their-audience.md).
import type { Knex } from "knex";

/** Which posts are in lists. The store has the same condition, or the indexes would not serve it. */
const isListed = "published_at is not null and removed_at is null";

export async function up(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    -- Without title and text: a vote makes a new version of the row, and would index the whole text again.
    create table posts (
      id bigint generated always as identity,
      author_id bigint not null,
      is_for_all boolean not null,
      created_at timestamptz(3) not null default date_trunc('milliseconds', clock_timestamp()),
      -- Null for a draft.
      published_at timestamptz(3),
      -- In milliseconds, what lists are ordered by.
      published_ms bigint generated always as ((extract(epoch from published_at at time zone 'UTC') * 1000)::bigint) stored,
      -- When the title or the text was last changed after the publication.
      edited_at timestamptz(3),
      removed_at timestamptz(3),
      removed_by_id bigint,
      is_pinned boolean not null default false,
      vote_count integer not null default 0,
      comment_count integer not null default 0,
      -- Whether votes have come or gone that no update tells of yet.
      has_new_votes boolean not null default false,
      version bigint not null default 1,
      constraint posts_pkey primary key (id),
      constraint posts_author foreign key (author_id) references users (id),
      constraint posts_removed_by foreign key (removed_by_id) references users (id),
      constraint posts_counts check (vote_count >= 0 and comment_count >= 0),
      constraint posts_drafts_alone check (published_at is not null
        or (removed_at is null and edited_at is null and not is_pinned and vote_count = 0 and comment_count = 0))
    ) with (fillfactor = 80);
    create index posts_by_time on posts (is_pinned, published_ms, id) where ${isListed};
    create index posts_by_votes on posts (is_pinned, vote_count, id) where ${isListed};
    create index posts_of_author on posts (author_id, is_pinned, published_ms, id) where ${isListed};
    create index posts_drafts on posts (author_id, id) where published_at is null;
    create index posts_new_votes on posts (id) where has_new_votes;

    create table post_groups (
      post_id bigint not null,
      group_id bigint not null,
      constraint post_groups_pkey primary key (post_id, group_id),
      constraint post_groups_post foreign key (post_id) references posts (id) on delete cascade,
      constraint post_groups_group foreign key (group_id) references groups (id) on delete cascade
    );
    create index post_groups_of_group on post_groups (group_id, post_id);

    -- What a post says, and what it said before: 1, 2, 3 ..., of which the last is current.
    create table post_texts (
      post_id bigint not null,
      number integer not null,
      title text not null,
      text text not null,
      written_at timestamptz(3) not null default date_trunc('milliseconds', clock_timestamp()),
      is_current boolean not null,
      -- What a search looks at.
      words text not null generated always as (name_part(title || ' ' || text)) stored,
      constraint post_texts_pkey primary key (post_id, number),
      constraint post_texts_post foreign key (post_id) references posts (id) on delete cascade,
      constraint post_texts_number check (number > 0)
    );
    create unique index post_texts_current on post_texts (post_id) where is_current;
    create index post_texts_search on post_texts using gin (words gin_trgm_ops) where is_current;

    create table post_votes (
      post_id bigint not null,
      user_id bigint not null,
      voted_at timestamptz(3) not null default now(),
      constraint post_votes_pkey primary key (post_id, user_id),
      constraint post_votes_post foreign key (post_id) references posts (id) on delete cascade,
      constraint post_votes_user foreign key (user_id) references users (id)
    );
    create index post_votes_of_user on post_votes (user_id);

    -- What posts were ordered by, for lists that were begun before.
    create table post_former_keys (
      id bigint generated always as identity,
      post_id bigint not null,
      is_pinned boolean not null,
      vote_count integer not null,
      replaced_in xid8 not null default pg_current_xact_id(),
      replaced_at timestamptz(3) not null default now(),
      constraint post_former_keys_pkey primary key (id),
      constraint post_former_keys_post foreign key (post_id) references posts (id) on delete cascade
    );
    create index post_former_keys_of_post on post_former_keys (post_id, id);
    create index post_former_keys_transaction on post_former_keys (replaced_in);

    -- Keeps what a post was ordered by whenever it is replaced: those of a day, and of one post the last thousand at least. The rows of a
    -- post are looked through once in a hundred changes, since a post may get many votes.
    create function keep_former_post_keys() returns trigger language plpgsql as $$
      declare
        kept bigint;
      begin
        insert into post_former_keys (post_id, is_pinned, vote_count) values (old.id, old.is_pinned, old.vote_count)
        returning id into kept;
        if kept % 100 = 0 then
          delete from post_former_keys f
           where f.post_id = old.id
             and f.id <= (select k.id from post_former_keys k where k.post_id = old.id order by k.id desc offset 1000 limit 1);
        end if;
        delete from post_former_keys f
         where f.id in (
                 select o.id
                   from (select * from post_former_keys order by id limit 10 for update skip locked) o
                  where o.replaced_at < now() - interval '1 day');
        return null;
      end $$;
    create trigger posts_former_keys after update of is_pinned, vote_count on posts for each row
      when ((old.is_pinned, old.vote_count) is distinct from (new.is_pinned, new.vote_count))
      execute function keep_former_post_keys();

    create table comments (
      id bigint generated always as identity,
      post_id bigint not null,
      author_id bigint not null,
      -- Of a reply the comment that its thread begins with; null for that one.
      root_id bigint,
      thread_id bigint not null generated always as (coalesce(root_id, id)) stored,
      -- The comment that was answered: the root, or another reply to it.
      reply_to_id bigint,
      text text not null,
      created_at timestamptz(3) not null default date_trunc('milliseconds', clock_timestamp()),
      edited_at timestamptz(3),
      removed_at timestamptz(3),
      removed_by_id bigint,
      -- The replies that are not removed; of a reply always 0.
      reply_count integer not null default 0,
      version bigint not null default 1,
      constraint comments_pkey primary key (id),
      constraint comments_post foreign key (post_id) references posts (id) on delete cascade,
      constraint comments_author foreign key (author_id) references users (id),
      constraint comments_removed_by foreign key (removed_by_id) references users (id),
      constraint comments_root foreign key (root_id) references comments (id) on delete cascade,
      constraint comments_reply_to foreign key (reply_to_id) references comments (id) on delete cascade,
      constraint comments_replies check (reply_count >= 0 and (root_id is null or reply_count = 0)),
      constraint comments_reply check ((root_id is null) = (reply_to_id is null))
    ) with (fillfactor = 90);
    create index comments_by_thread on comments (post_id, thread_id, id);
    create index comments_of_root on comments (root_id) where root_id is not null;
    create index comments_replies_to on comments (reply_to_id) where reply_to_id is not null;

    -- What a comment said before: 1, 2, 3 ...
    create table comment_texts (
      comment_id bigint not null,
      number integer not null,
      text text not null,
      written_at timestamptz(3) not null,
      constraint comment_texts_pkey primary key (comment_id, number),
      constraint comment_texts_comment foreign key (comment_id) references comments (id) on delete cascade
    );

    -- What people hold against posts and comments.
    create table post_reports (
      id bigint generated always as identity,
      post_id bigint not null,
      -- Null for the post itself.
      comment_id bigint,
      -- Of the post or the comment.
      author_id bigint not null,
      reporter_id bigint not null,
      reason text not null,
      state text not null default 'REPORT_STATE_OPEN',
      created_at timestamptz(3) not null default date_trunc('milliseconds', clock_timestamp()),
      resolved_at timestamptz(3),
      resolved_by_id bigint,
      note text not null default '',
      constraint post_reports_pkey primary key (id),
      constraint post_reports_post foreign key (post_id) references posts (id) on delete cascade,
      constraint post_reports_comment foreign key (comment_id) references comments (id) on delete cascade,
      constraint post_reports_author foreign key (author_id) references users (id),
      constraint post_reports_reporter foreign key (reporter_id) references users (id),
      constraint post_reports_resolved_by foreign key (resolved_by_id) references users (id),
      constraint post_reports_state check (state in ('REPORT_STATE_OPEN', 'REPORT_STATE_DISMISSED', 'REPORT_STATE_REMOVED')),
      constraint post_reports_resolved check ((state = 'REPORT_STATE_OPEN') = (resolved_at is null))
    );
    -- One open report for each person and thing.
    create unique index post_reports_open on post_reports (post_id, coalesce(comment_id, 0), reporter_id)
      where state = 'REPORT_STATE_OPEN';
    -- With the author, so that open reports are counted in the index alone.
    create index post_reports_state_order on post_reports (state, id) include (author_id);
    create index post_reports_of_author on post_reports (author_id, id);
    create index post_reports_of_post on post_reports (post_id, id)`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    drop table post_reports;
    drop table comment_texts;
    drop table comments;
    drop table post_votes;
    drop table post_texts;
    drop table post_groups;
    drop table post_former_keys;
    drop table posts;
    drop function keep_former_post_keys()`);
}
