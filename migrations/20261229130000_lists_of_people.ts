// Lists of people: by role, class, group and suspension, by rating, and by names with a slip of one letter. Former ratings are kept
// beside former names, by the database itself (docs/adr/0050-a-slip-is-a-pattern-and-a-board-is-of-one-moment.md).
import type { Knex } from "knex";

/** Who is on the leaderboard. The store has the same condition, or the indexes would not serve it. */
const onBoard = "role = 'ROLE_STUDENT' and deleted_at is null and suspended_at is null and invited_at is null";

export async function up(knex: Knex): Promise<void> {
  await knex.schema.raw(String.raw`
    -- What a search looks at; with a space at both ends, so that a pattern can ask for the beginning and the end of a word.
    alter table users add column names text not null generated always as
      (' ' || name_part(last_name || ' ' || first_name || ' ' || patronymic_name || ' ' || coalesce(nick, '')) || ' ') stored;
    drop index users_search;
    create index users_search on users using gin (names gin_trgm_ops);

    -- The patterns of the names that have a word in them, or begin with it save for one letter: a wrong one, a missing one, one too
    -- many, or two that are swapped. What is left with less than four letters must be a whole word. A word of less than four or more than 32
    -- letters has the first pattern alone.
    create function name_slips(word text) returns text[]
      language sql immutable strict parallel safe
      return (
        select name_pattern(word)
            || array_agg(distinct '% ' || s.slip || case when s.letters < 4 then ' %' else '%' end)
                 filter (where s.letters is not null)
          from (select array(select regexp_replace(letter, '([\\%_])', '\\\1')
                               from regexp_split_to_table(name_part(word), '') as letter) as l) k
         cross join lateral (select cardinality(k.l) as n) c
          left join lateral (
                 select v.slip, v.letters
                   from generate_series(1, c.n) as i
                  cross join lateral (values
                    (array_to_string(k.l[:i - 1] || '_'::text || k.l[i + 1:], ''), c.n),
                    (array_to_string(k.l[:i - 1] || '_'::text || k.l[i:], ''), c.n + 1),
                    (array_to_string(k.l[:i - 1] || k.l[i + 1:], ''), c.n - 1),
                    (array_to_string(k.l[:i - 1] || k.l[i + 1] || k.l[i] || k.l[i + 2:], ''), c.n)) as v (slip, letters)
                  where c.n between 4 and 32) s on true);

    create index users_class on users (school_class, sort_key, id) where school_class is not null;
    drop index users_group;
    create index users_group on users (group_id, sort_key, id) where group_id is not null;
    create index users_role on users (role, sort_key, id) where deleted_at is null;
    create index users_suspended on users (sort_key, id) where suspended_at is not null;

    -- With the rating itself, so that those before a place are counted in the index alone.
    create index users_board on users ((-rating), sort_key, id) include (rating) where ${onBoard};
    create index users_board_of_class on users (school_class, (-rating), sort_key, id) include (rating)
      where ${onBoard} and school_class is not null;
    create index users_board_of_group on users (group_id, (-rating), sort_key, id) include (rating)
      where ${onBoard} and group_id is not null;

    -- Null in rows of before.
    alter table user_former_names add column rating bigint;
    create index user_former_names_transaction on user_former_names (replaced_in);

    -- Keeps what a person was ordered by whenever it is replaced. Of a person the last hundred stay, and of everybody those of a day.
    create function keep_former_names() returns trigger language plpgsql as $$
      begin
        insert into user_former_names (user_id, first_name, last_name, rating)
        values (old.id, old.first_name, old.last_name, old.rating);
        delete from user_former_names f
         where f.user_id = old.id
           and f.id <= (select k.id from user_former_names k where k.user_id = old.id order by k.id desc offset 100 limit 1);
        delete from user_former_names f
         where (f.user_id, f.id) in (
                 select o.user_id, o.id
                   from (select * from user_former_names order by id limit 10 for update skip locked) o
                  where o.replaced_at < now() - interval '1 day');
        return null;
      end $$;
    create trigger users_former_names after update of first_name, last_name, rating on users for each row
      when ((old.first_name, old.last_name, old.rating) is distinct from (new.first_name, new.last_name, new.rating)
            and new.deleted_at is null)
      execute function keep_former_names()`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    drop trigger users_former_names on users;
    drop function keep_former_names();
    drop index user_former_names_transaction;
    alter table user_former_names drop column rating;
    drop index users_board_of_group;
    drop index users_board_of_class;
    drop index users_board;
    drop index users_suspended;
    drop index users_role;
    drop index users_group;
    create index users_group on users (group_id) where group_id is not null;
    drop index users_class;
    drop function name_slips(text);
    drop index users_search;
    alter table users drop column names;
    create index users_search on users using gin (name_part(last_name || ' ' || first_name) gin_trgm_ops)`);
}
