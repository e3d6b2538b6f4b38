// The ledger of points, whose sum is the rating; counters; and medals, which are awarded at thresholds of both.
import type { Knex } from "knex";

export async function up(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    create table points (
      id bigint generated always as identity,
      user_id bigint not null,
      amount bigint not null,
      -- The sum of the person's rows up to this one, which was the rating then.
      total bigint not null,
      reason text not null,
      -- What they are for, such as an achievement; null where there is no such thing.
      source_id bigint,
      note text not null default '',
      -- Null for the system.
      by_user_id bigint,
      created_at timestamptz(3) not null default date_trunc('milliseconds', clock_timestamp()),
      constraint points_pkey primary key (id),
      constraint points_user foreign key (user_id) references users (id),
      constraint points_by_user foreign key (by_user_id) references users (id),
      constraint points_amount check (amount <> 0),
      constraint points_reason check (reason in
        ('POINTS_REASON_BY_HAND', 'POINTS_REASON_ACHIEVEMENT', 'POINTS_REASON_RATING_SET', 'POINTS_REASON_OPENING'))
    );
    -- Nothing counts twice: a thing gives points once, and takes them back once.
    create unique index points_once on points (reason, source_id, (amount > 0));
    create index points_of_user on points (user_id, id);
    create index points_highest on points (user_id, total);

    -- What was earned before there was a ledger.
    insert into points (user_id, amount, total, reason, source_id)
    select id, rating, rating, 'POINTS_REASON_OPENING', id from users where rating <> 0 and deleted_at is null order by id;

    create table user_counters (
      user_id bigint not null,
      counter text not null,
      value bigint not null,
      -- The highest value that it has had.
      highest bigint not null,
      constraint user_counters_pkey primary key (user_id, counter),
      constraint user_counters_user foreign key (user_id) references users (id),
      constraint user_counters_counter check (counter in
        ('MEDAL_COUNTER_TASKS_SOLVED', 'MEDAL_COUNTER_DAY_CHALLENGES', 'MEDAL_COUNTER_MERGED_REQUESTS')),
      constraint user_counters_value check (value between 0 and highest)
    ) with (fillfactor = 80);

    -- The kinds of medals. One with a counter is awarded by itself to who reaches the threshold.
    create table medals (
      id bigint not null,
      grade text not null,
      counter text,
      threshold bigint,
      name_en text not null,
      name_ru text not null,
      description_en text not null,
      description_ru text not null,
      constraint medals_pkey primary key (id),
      constraint medals_grade check (grade in ('MEDAL_GRADE_BRONZE', 'MEDAL_GRADE_SILVER', 'MEDAL_GRADE_GOLD')),
      constraint medals_counter check (counter in ('MEDAL_COUNTER_POINTS', 'MEDAL_COUNTER_TASKS_SOLVED',
        'MEDAL_COUNTER_DAY_CHALLENGES', 'MEDAL_COUNTER_MERGED_REQUESTS')),
      constraint medals_threshold check (threshold > 0 and (threshold is null) = (counter is null))
    );
    insert into medals (id, grade, counter, threshold, name_en, name_ru, description_en, description_ru) values
      (1, 'MEDAL_GRADE_BRONZE', 'MEDAL_COUNTER_POINTS', 100,
       'First Hundred', 'Первая сотня', '100 points in the rating.', '100 баллов в рейтинге.'),
      (2, 'MEDAL_GRADE_GOLD', 'MEDAL_COUNTER_POINTS', 1000,
       'Thousand', 'Тысяча', '1,000 points in the rating.', '1000 баллов в рейтинге.'),
      (3, 'MEDAL_GRADE_SILVER', 'MEDAL_COUNTER_TASKS_SOLVED', 50,
       'Problem Solver', 'Решатель', '50 tasks solved.', 'Решено 50 задач.'),
      (4, 'MEDAL_GRADE_GOLD', 'MEDAL_COUNTER_TASKS_SOLVED', 100,
       'Master Solver', 'Мастер задач', '100 tasks solved.', 'Решено 100 задач.'),
      (5, 'MEDAL_GRADE_BRONZE', 'MEDAL_COUNTER_DAY_CHALLENGES', 1,
       'Challenge Accepted', 'Вызов принят', 'The first challenge of the day.', 'Первая задача дня.'),
      (6, 'MEDAL_GRADE_GOLD', 'MEDAL_COUNTER_DAY_CHALLENGES', 50,
       'Never a Day Off', 'Ни дня без задачи', '50 challenges of the day.', '50 задач дня.'),
      (7, 'MEDAL_GRADE_BRONZE', 'MEDAL_COUNTER_MERGED_REQUESTS', 1,
       'First Merge', 'Первое слияние', 'The first merged request.', 'Первый принятый запрос на слияние.'),
      (8, 'MEDAL_GRADE_GOLD', 'MEDAL_COUNTER_MERGED_REQUESTS', 20,
       'Maintainer', 'Соавтор', '20 merged requests.', '20 принятых запросов на слияние.'),
      (9, 'MEDAL_GRADE_BRONZE', null, null,
       'Helping Hand', 'Рука помощи', 'For help to others.', 'За помощь другим.'),
      (10, 'MEDAL_GRADE_SILVER', null, null,
       'From the Teachers', 'От учителей', 'For what the teachers remember.', 'За то, что запомнили учителя.'),
      (11, 'MEDAL_GRADE_GOLD', null, null,
       'Pride of the School', 'Гордость школы', 'For honour brought to the school.', 'За честь школы.');

    create table user_medals (
      id bigint generated always as identity,
      user_id bigint not null,
      medal_id bigint not null,
      -- Null for one that was awarded by itself.
      awarded_by_id bigint,
      reason text not null default '',
      awarded_at timestamptz(3) not null default date_trunc('milliseconds', clock_timestamp()),
      -- Of one that was awarded by itself: the row keeps it from coming back.
      revoked_at timestamptz(3),
      constraint user_medals_pkey primary key (id),
      constraint user_medals_once unique (user_id, medal_id),
      constraint user_medals_user foreign key (user_id) references users (id),
      constraint user_medals_medal foreign key (medal_id) references medals (id),
      constraint user_medals_awarded_by foreign key (awarded_by_id) references users (id)
    );
    create index user_medals_holders on user_medals (medal_id, id) where revoked_at is null;

    -- Nobody is told of what they earned long ago.
    insert into user_medals (user_id, medal_id)
    select p.user_id, m.id from points p join medals m on m.counter = 'MEDAL_COUNTER_POINTS' and m.threshold <= p.total
     order by p.user_id, m.id`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.raw("drop table user_medals; drop table medals; drop table user_counters; drop table points");
}
