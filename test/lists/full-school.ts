// A school of 100,000 people, and more than 10,000 rows of whatever else a list reads.
import { Client } from "pg";
import type { School } from "../support/call-as.js";

/** More rows than a list may read in sequence. */
export const mostInSequence = 10_000;

/** The super admin who calls every list, and a chat of theirs with many members and messages. */
export const [caller, chat] = [7, 1];

const first = ["Иван", "Мария", "Пётр", "Анна", "Алексей", "Ольга", "John", "Emma"];
const last =
  "Иванов Петров Сидоров Кузнецов Смирнов Лебедев Козлов Новиков Морозов Волков Зайцев Павлов Smith Miller".split(" ");
const text = (words: readonly string[]): string => `(array['${words.join("','")}'])`;

/**
 * By table. A list that reads a table which is not here fails the law: add rows of it, or, when it can never have many, its name to
 * `small`.
 */
const rows: Readonly<Record<string, string>> = {
  groups: "insert into groups (name, colour) select 'Group ' || n, '#00aa00' from generate_series(1, 400) n",
  users: `insert into users (email, first_name, last_name, role, rating, school_class, group_id, suspended_at)
    select n || '@example.org', ${text(first)}[1 + n % 8], ${text(last)}[1 + n / 8 % 14] || chr(1072 + n / 200 % 30),
           case when n = ${caller} then 'ROLE_SUPER_ADMIN' when n % 50 = 0 then 'ROLE_TEACHER' else 'ROLE_STUDENT' end,
           n * 7919 % 1000, 1 + n % 11, 1 + n % 400, case when n % 500 = 0 then now() end
      from generate_series(1, 100000) n`,
  user_former_names: `insert into user_former_names (user_id, first_name, last_name, rating)
    select 1 + n % 9000, 'Former', 'Name', n from generate_series(1, 12000) n`,
  chats: "insert into chats (title) select 'Chat ' || n from generate_series(1, 60000) n",
  chat_sequences: `insert into chat_sequences (chat_id, last_seq, message_count, last_message_at)
    select id, case when id = ${chat} then 12000 else 1 end, 1, now() from chats`,
  chat_members: `insert into chat_members (chat_id, user_id, role)
    select ${chat}, n, case when n % 100 = 0 then 'CHAT_ROLE_OWNER' else 'CHAT_ROLE_MEMBER' end from generate_series(1, 1500) n
     union all select 1 + n, case when n < 40 then ${caller} else n end, 'CHAT_ROLE_OWNER' from generate_series(1, 11900) n`,
  chat_former_keys: `insert into chat_former_keys (chat_id, user_id, former)
    select 1 + n % 9000, 0, 'Former' from generate_series(1, 12000) n`,
  messages: `insert into messages (chat_id, seq, sender_id, text, created_at)
    select case when n > 12000 then n - 11999 else ${chat} end, case when n > 12000 then 1 else n end, 1 + n % 1500,
           'контрольная ' || n, timestamptz '2026-01-01T00:00:00Z' + n * interval '1 second'
      from generate_series(1, 23900) n`,
  sessions: `insert into sessions (user_id, expires_at)
    select case when n % 40 = 0 then ${caller} else n end, now() + interval '1 day' from generate_series(1, 12000) n`,
  api_keys: `insert into api_keys (user_id, name, prefix, key_hash, scopes, expires_at)
    select case when n % 40 = 0 then ${caller} else n end, 'Key', 'lyc_', sha256(n::text::bytea), '{SCOPE_USERS_READ}',
           now() + interval '1 day' from generate_series(1, 12000) n`,
  audit_events: `insert into audit_events (actor_id, means, action, target_type, target_id, outcome, request_id, created_at)
    select n % 900, 'AUDIT_MEANS_BEARER', 'user.suspend', 'user', n % 700, 'AUDIT_OUTCOME_SUCCESS', n, now() - n * interval '1 second'
      from generate_series(1, 12000) n`,
  imports: `insert into imports (user_id, means, address, request_id, dry_run, mode, state, rows_total, ended_at)
    select 1 + n % 900, 'bearer', '', n, true, 'IMPORT_MODE_GOOD_ROWS', 'IMPORT_STATE_DONE', 10, now() from generate_series(1, 12000) n`,
  events: `insert into events (author_id, title, text, place, starts_at, ends_at, time_zone, is_for_all, registered_count)
    select 1 + n % 900, 'Вечер ' || n, repeat('Приходите. ', 90), 'Зал ' || n % 40, now() + (n - 6000) * interval '1 hour', now() + (n - 5999) * interval '1 hour',
           'Europe/Moscow', n % 3 = 0, 1 from generate_series(1, 12000) n`,
  event_groups: `insert into event_groups (event_id, group_id) select n, 1 + n % 400 from generate_series(1, 12000) n`,
  event_registrations: `insert into event_registrations (event_id, user_id, state)
    select case when n > 9000 then 33 else n end, case when n % 400 = 0 then ${caller} else n end, 'REGISTRATION_STATE_REGISTERED'
      from generate_series(1, 12000) n where n % 400 > 0 or n <= 9000`,
  event_former_starts: `insert into event_former_starts (event_id, sort_key)
    select 1 + n % 9000, n from generate_series(1, 12000) n`,
  announcements: `insert into announcements (type, text, sender_id, recipient_count)
    select 'NOTIFICATION_TYPE_INFO', 'Hello', 50, 10 from generate_series(1, 12000) n`,
  notifications: `insert into notifications (user_id, type, announcement_id, payload, cause, read_at, is_told)
    select case when n % 3 = 0 then ${caller} else n end, case when n % 2 = 0 then 'NOTIFICATION_TYPE_INFO' else 'NOTIFICATION_TYPE_MENTION' end,
           case when n % 2 = 0 then 1 + n % 12000 end, case when n % 2 = 1 then '{"mention": {"title": "Tea"}}'::jsonb end,
           'test:' || n, case when n % 5 > 0 then now() end, true from generate_series(1, 24000) n`,
  banners: `insert into banners (level, text, active_until, is_shown)
    select 'BANNER_LEVEL_INFO', 'Hello', case when n % 400 > 0 then now() end, n % 400 = 0 from generate_series(1, 12000) n`,
  import_errors: `insert into import_errors (import_id, line, "column", rule, message)
    select case when n > 2000 then n - 2000 else 33 end, 1 + n % 2000, 'email', 'string.email', 'is no address' from generate_series(1, 12000) n`,
  points: `insert into points (user_id, amount, total, reason)
    select case when n % 40 = 0 then ${caller} else n end, 1, n, 'POINTS_REASON_BY_HAND' from generate_series(1, 12000) n`,
  user_medals: `insert into user_medals (user_id, medal_id) select n, 1 + n % 3 from generate_series(1, 12000) n`,
  files: `insert into files (owner_id, purpose, name, media_type, claimed_at)
    select 1 + n % 900, 'FILE_PURPOSE_DIPLOMA', 'diploma.pdf', 'application/pdf', now() from generate_series(1, 24000) n`,
  file_contents:
    "insert into file_contents (file_id, side, sha256, size) select id, 0, sha256(id::text::bytea), 1000 from files",
  achievements: `insert into achievements (user_id, kind, title, description, file_id, state, points, moderator_id, moderated_at, created_at)
    select f.owner_id, case when f.id % 3 = 0 then 'ACHIEVEMENT_KIND_EVENT' else 'ACHIEVEMENT_KIND_OLYMPIAD' end, 'Олимпиада ' || f.id, '',
           f.id, 'ACHIEVEMENT_STATE_' || case when f.id % 20 = 0 then 'PENDING' else 'ACCEPTED' end,
           case when f.id % 20 > 0 then 10 end, case when f.id % 20 > 0 then 950 end, case when f.id % 20 > 0 then now() end,
           timestamptz '2026-01-01T00:00:00Z' + f.id * interval '1 second'
      from files f`,
  posts: `insert into posts (author_id, is_for_all, published_at, is_pinned, vote_count)
    select case when n % 9 = 0 then ${caller} else 1 + n % 900 end, n % 3 = 0,
           case when n % 20 > 0 then timestamptz '2026-01-01T00:00:00Z' + n * interval '1 second' end, n % 20000 = 1, case when n % 20 > 0 then n * 7919 % 100 else 0 end
      from generate_series(1, 30000) n`,
  post_groups:
    "insert into post_groups (post_id, group_id) select n, 1 + n % 400 from generate_series(1, 30000) n where n % 3 > 0",
  post_texts: `insert into post_texts (post_id, number, title, text, is_current)
    select case when n > 30000 then 33 else n end, case when n > 30000 then n - 30000 else 200 end, 'Поход ' || n, 'в горы ' || n,
           n <= 30000 from generate_series(1, 30150) n`,
  post_votes: "insert into post_votes (post_id, user_id) select n, 1 + n % 900 from generate_series(1, 12000) n",
  post_former_keys: `insert into post_former_keys (post_id, is_pinned, vote_count)
    select 1 + n % 9000, false, n % 7 from generate_series(1, 12000) n`,
  polls: `insert into polls (post_id, author_id, question, kind, options, min_choices, max_choices, results, is_anonymous, option_counts)
    select n, 1, 'Why?', 'POLL_KIND_OPEN', '{}', 0, 0, 'POLL_RESULTS_ALWAYS', false, '{}' from generate_series(1, 12000) n`,
  poll_votes: `insert into poll_votes (poll_id, user_id, options, answer)
    select case when n > 15000 then n - 15000 else 33 end, 1 + n, '{}', 'words ' || n from generate_series(1, 25000) n`,
  comments: `insert into comments (post_id, author_id, root_id, reply_to_id, text, reply_count)
    select case when n > 9000 then n - 9000 else 33 end, 1 + n % 900, case when n % 3 = 0 and n <= 9000 then 1 end,
           case when n % 3 = 0 and n <= 9000 then 1 end, 'words', 0 from generate_series(1, 15000) n`,
  comment_texts: `insert into comment_texts (comment_id, number, text, written_at)
    select case when n > 200 then n - 200 else 33 end, case when n > 200 then 1000 else n end, 'words', now()
      from generate_series(1, 12000) n`,
  post_reports: `insert into post_reports (post_id, comment_id, author_id, reporter_id, reason, state, resolved_at)
    select 1 + n % 5000, case when n % 2 = 0 then 1 + n % 9000 end, 1 + n % 900, 1 + n % 7000, 'rude',
           case when n % 3 = 0 then 'REPORT_STATE_OPEN' else 'REPORT_STATE_DISMISSED' end, case when n % 3 > 0 then now() end
      from generate_series(1, 15000) n`,
  webhooks: `insert into webhooks (user_id, url, kinds, serialization, is_ordered, secret, is_enabled)
    select case when n < 40 then ${caller} else n end, '', '{*}', 'WEBHOOK_SERIALIZATION_JSON', false, '', false from generate_series(1, 12000) n`,
  webhook_deliveries: `insert into webhook_deliveries (webhook_id, update_id, topic, pts, kind, subject_id, happened_at, state, next_attempt_at)
    select case when n % 40 = 0 then 33 else 40 + n % 9000 end, n, 'school', n, 'user.changed', 1, now(),
           'WEBHOOK_DELIVERY_STATE_DELIVERED', null from generate_series(1, 24000) n`,
};

/** Tables with few rows in every school. */
export const small: readonly string[] = ["groups", "group_former_names", "medals"];

/** The tables that a list may read. */
export const known: ReadonlySet<string> = new Set([...Object.keys(rows), ...small]);

/** Makes the people and the rest, in a few seconds. */
export async function fill({ url }: School): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  // Neither triggers nor foreign keys: the rows are as they would be. And the indexes at once, behind the rows.
  await client.query("set session_replication_role = replica");
  const { rows: indexes } = await client.query<{ name: string; sql: string }>(
    `select indexname as name, indexdef as sql from pg_indexes
      where tablename in ('users', 'posts', 'post_texts') and indexname not in (select conname from pg_constraint)`,
  );
  for (const { name } of indexes) await client.query(`drop index ${name}`);
  for (const insert of Object.values(rows)) await client.query(insert);
  for (const { sql } of indexes) await client.query(sql);
  await client.query("vacuum analyze");
  await client.end();
}
