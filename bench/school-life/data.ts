// The data of the bench of school life: people who log in, their notifications, posts with votes, and achievements that wait.
import pg from "pg";
import type { Subject } from "../servers.js";

/** Somebody who asks. */
export interface Person {
  readonly id: number;
  readonly token: string;
}

export interface SchoolLife {
  /** Of one group, each with 1,000 notifications. */
  readonly students: readonly Person[];
  readonly teachers: readonly Person[];
  /** The posts that are for all. */
  readonly posts: readonly number[];
  /** The achievements that wait. */
  readonly achievements: readonly number[];
}

/** How many people do nothing but own things. */
const others = 2_000;
const email = (at: number): string => `bench${at}@example.org`;
const password = "correct horse";

async function post<T>({ port }: Subject, path: string, body: object): Promise<T> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}

/** Everybody after the first one, who was registered: `count` students, as many teachers, and the others. */
async function insertPeople(client: pg.Client, count: number): Promise<void> {
  await client.query("insert into groups (name, colour) select 'Group ' || n, '#336699' from generate_series(1, 10) n");
  await client.query(
    `with person as (
       insert into users (email, first_name, last_name, role, group_id, rating)
       select 'bench' || n || '@example.org', 'Мария', 'Иванова', case when n <= $1 or n > 2 * $1 then 'ROLE_STUDENT' else 'ROLE_TEACHER' end,
              case when n <= $1 then (select min(id) from groups) end, 0
         from generate_series(1, 2 * $1 + $2) n order by n
       returning id
     )
     insert into credentials (user_id, password_hash)
     select person.id, c.password_hash from person cross join (select password_hash from credentials limit 1) c`,
    [count, others],
  );
}

/** Of every 50 notifications one is an announcement, and of every 7 one is not read. */
const notificationsSql = `
  with announcement as (
    insert into announcements (type, text, sender_id, recipient_count)
    select 'NOTIFICATION_TYPE_INFO', 'В понедельник уроки начинаются в 9:00. Monday ' || n, $2, cardinality($1::bigint[])
      from generate_series(1, 20) n
    returning id
  ), numbered as (
    select id, row_number() over (order by id) as number from announcement
  )
  insert into notifications (user_id, type, payload, announcement_id, actor_id, cause, created_at, read_at, is_told)
  select u.id,
         case when a.id is not null then 'NOTIFICATION_TYPE_INFO' when n % 2 = 0 then 'NOTIFICATION_TYPE_MENTION'
              else 'NOTIFICATION_TYPE_EVENT_ADDED' end,
         case when a.id is not null then null
              when n % 2 = 0 then jsonb_build_object('mention', jsonb_build_object('post_id', n, 'title', 'Поход в субботу ' || n))
              else jsonb_build_object('event_added', jsonb_build_object('event_id', n, 'name', 'День открытых дверей ' || n)) end,
         a.id, $2, 'bench:' || n, now() - make_interval(mins => 2000 - n::integer), case when n % 7 > 0 then now() end, true
    from generate_series(1, 1000) n
   cross join unnest($1::bigint[]) u (id)
    left join numbered a on n % 50 = 0 and a.number = n / 50
   order by n, u.id`;

/** A third is for all, the others for one of the groups each; the authors are the teachers. */
const postsSql = `
  insert into posts (author_id, is_for_all, created_at, published_at, is_pinned, vote_count)
  select $1::bigint + n % $2::bigint, n % 3 = 0, at, at, n % 6000 = 0, n::bigint * 7919 % 20
    from generate_series(1, 30000) n, lateral (select now() - make_interval(mins => 40000 - n::integer) as at) moment
   order by n`;

const textsSql = `
  insert into post_texts (post_id, number, title, text, is_current)
  select id, 1, 'Поход в субботу ' || id,
         repeat('Встречаемся **в 9:00** у школы, bring water and something to eat. ', 2 + (id % 5)::integer), true from posts`;

const postGroupsSql = `
  insert into post_groups (post_id, group_id)
  select p.id, g.id from posts p join (select id, row_number() over (order by id) as number from groups) g on g.number = 1 + p.id % 10
   where not p.is_for_all`;

/** As many as the posts say, by the people after $1. */
const votesSql =
  "insert into post_votes (post_id, user_id) select p.id, $1 + n from posts p, generate_series(1, p.vote_count) n";

const achievementsSql = `
  with file as (
    insert into files (owner_id, purpose, name, media_type, claimed_at)
    select $1::bigint + n % $2::bigint, 'FILE_PURPOSE_DIPLOMA', 'diploma.pdf', 'application/pdf', now() from generate_series(1, $3::bigint) n
    returning id, owner_id
  ), content as (
    insert into file_contents (file_id, side, sha256, size) select file.id, 0, blob.sha256, 1000 from file, blobs blob
  )
  insert into achievements (user_id, kind, title, description, file_id)
  select owner_id, 'ACHIEVEMENT_KIND_OLYMPIAD', 'Олимпиада по информатике', 'Second place in the city.', id from file order by id`;

/** Makes everything on an empty database of a server: `count` students and as many teachers, who log in. */
export async function makeSchoolLife(
  subject: Subject,
  url: string,
  { count, achievements }: { readonly count: number; readonly achievements: number },
): Promise<SchoolLife> {
  await post(subject, "/v1/auth/register", { email: email(0), password, first_name: "Мария", last_name: "Иванова" });
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const idsOf = async (sql: string, values: unknown[] = []): Promise<number[]> =>
    (await client.query<{ id: string }>(sql, values)).rows.map(({ id }) => Number(id));
  try {
    await insertPeople(client, count);
    const people = await idsOf("select id from users where email <> $1 order by id", [email(0)]);
    const [student, teacher, other] = [people[0]!, people[count]!, people[2 * count]!];
    await client.query(notificationsSql, [people.slice(0, count), teacher]);
    // Without the checks of references, and without the row that a post keeps of what it was ordered by.
    await client.query("set session_replication_role = replica");
    await client.query(postsSql, [teacher, count]);
    await client.query(textsSql);
    await client.query(postGroupsSql);
    await client.query(votesSql, [other]);
    await client.query("insert into blobs (sha256) values (sha256('diploma'))");
    await client.query(achievementsSql, [other, others, achievements]);
    await client.query("set session_replication_role = default");
    await client.query("vacuum analyze");
    const token = async (at: number): Promise<string> =>
      (await post<{ access_token: string }>(subject, "/v1/auth/login", { email: email(at), password })).access_token;
    const persons: Person[] = [];
    for (let at = 0; at < 2 * count; at++) persons.push({ id: student + at, token: await token(at + 1) });
    return {
      students: persons.slice(0, count),
      teachers: persons.slice(count),
      posts: await idsOf("select id from posts where is_for_all order by id"),
      achievements: await idsOf("select id from achievements order by id"),
    };
  } finally {
    await client.end();
  }
}
