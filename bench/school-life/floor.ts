// The floor of notifications, posts, votes and decisions: bare node:http and stock pg, with simple SQL on the tables of Lyceum that leaves
// the same rows, an HMAC check of the same token, and JSON.stringify. No roles, no retries, no refusals, no tags.
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import pg from "pg";
import { answer, callerOf, types } from "../floor-parts.js";

const { url, key: keyText } = JSON.parse(process.env["FLOOR"] ?? "{}") as { url: string; key: string };
const key = Buffer.from(keyText, "base64");

const parsers: Readonly<Record<number, (text: string) => unknown>> = {
  16: (text) => text === "t",
  1016: (text) => text.slice(1, -1).split(",").filter(Boolean).map(Number),
  3802: JSON.parse,
};

// As many connections as Lyceum has: four that read, six that write, ten for transactions.
const clients = await Promise.all(
  Array.from({ length: 20 }, async () => {
    const client = new pg.Client({
      connectionString: url,
      types: { getTypeParser: (oid: number) => parsers[oid] ?? types.getTypeParser(oid) },
      pipeline: true,
    } as pg.ClientConfig);
    await client.connect();
    await client.query("set timezone to 'UTC'");
    return client;
  }),
);
const [readers, writers, idle] = [clients.slice(0, 4), clients.slice(4, 10), clients.slice(10)];
const waiting: ((client: pg.Client) => void)[] = [];
let turn = 0;

type Row = Record<string, unknown>;

async function rowsOf(client: pg.Client, name: string, text: string, values: unknown[]): Promise<Row[]> {
  const { rows } = await client.query<Row>({ name, text, values });
  // What is null in a row is absent in an answer.
  for (const row of rows) for (const column in row) row[column] ??= undefined;
  return rows;
}

const one = (lane: readonly pg.Client[]): pg.Client => lane[++turn % lane.length]!;

/** Runs work on a connection that nobody else has meanwhile. */
async function alone<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = idle.pop() ?? (await new Promise<pg.Client>((resolve) => waiting.push(resolve)));
  try {
    return await work(client);
  } finally {
    const next = waiting.shift();
    if (next) next(client);
    else idle.push(client);
  }
}

/** A page of rows, of which one more was read than is shown. */
function pageOf(name: string, rows: Row[], limit: number, key: string): object {
  const hasMore = rows.length > limit;
  const shown = rows.slice(0, limit);
  return { [name]: shown, next_page_token: hasMore ? String(shown.at(-1)![key]) : "" };
}

const notificationSql = (condition: string): string => `
  select n.id, n.type, n.payload, n.actor_id, n.created_at, n.read_at, n.announcement_id, a.text as announced
    from notifications n left join announcements a on a.id = n.announcement_id
   where n.user_id = $1 ${condition} order by n.id desc limit $2`;

interface Payload {
  readonly mention?: { readonly title: string };
  readonly event_added?: { readonly name: string };
}

/** The sentence of a row and what it is made of, for the types that the measurement has. */
function told({ announcement_id, announced, payload, ...row }: Row): Row {
  if (announced !== undefined) return { ...row, text: announced, info: { text: announced, announcement_id } };
  const { mention, event_added: event } = payload as Payload;
  const text = mention ? `You were mentioned in the post “${mention.title}”` : `New event: “${event!.name}”`;
  return { ...row, text, ...(payload as Payload) };
}

async function notifications(query: URLSearchParams, userId: number): Promise<object> {
  const limit = Number(query.get("limit"));
  const isUnread = query.get("unread") === "true";
  const sql = notificationSql(isUnread ? "and n.read_at is null" : "");
  const rows = await rowsOf(one(readers), isUnread ? "unread" : "all", sql, [userId, limit + 1]);
  return pageOf("notifications", rows.map(told), limit, "id");
}

const isForMe = `(p.is_for_all or p.author_id = $1
  or exists (select from post_groups g join users u on u.group_id = g.group_id where u.id = $1 and g.post_id = p.id))`;

const postSql = (order: string): string => `
  select p.id, p.author_id, t.title, left(t.text, 1000) as text, length(t.text) > 1000 as is_text_cut,
         'POST_STATE_PUBLISHED' as state, p.is_for_all,
         array(select g.group_id from post_groups g where g.post_id = p.id order by g.group_id) as group_ids,
         p.is_pinned, p.created_at, p.published_at, p.edited_at, p.vote_count,
         exists (select from post_votes v where v.post_id = p.id and v.user_id = $1) as is_voted, p.comment_count, p.version
    from posts p join post_texts t on t.post_id = p.id and t.is_current
   where p.published_at is not null and p.removed_at is null and ${isForMe}
   order by p.is_pinned desc, p.${order} desc, p.id desc limit $2`;

async function posts(query: URLSearchParams, userId: number): Promise<object> {
  const limit = Number(query.get("limit"));
  const order = query.get("sort") === "votes" ? "vote_count" : "published_ms";
  return pageOf("posts", await rowsOf(one(readers), order, postSql(order), [userId, limit + 1]), limit, "id");
}

const votesSql = {
  PUT: `
    with vote as (
      insert into post_votes (post_id, user_id)
      select p.id, $1 from posts p
       where p.id = $2 and p.author_id <> $1 and p.published_at is not null and p.removed_at is null and ${isForMe}
      on conflict do nothing returning post_id
    )
    update posts set vote_count = vote_count + 1, has_new_votes = true from vote where id = vote.post_id
    returning id as post_id, vote_count, true as is_voted`,
  DELETE: `
    with vote as (delete from post_votes where user_id = $1 and post_id = $2 returning post_id)
    update posts set vote_count = vote_count - 1, has_new_votes = true from vote where id = vote.post_id
    returning id as post_id, vote_count, false as is_voted`,
};

async function vote(method: "PUT" | "DELETE", postId: number, userId: number): Promise<object> {
  return (await rowsOf(one(writers), method, votesSql[method], [userId, postId]))[0]!;
}

const acceptSql = `
  with a as (
    update achievements
       set state = 'ACHIEVEMENT_STATE_ACCEPTED', points = $3, moderator_id = $2, moderated_at = now(), version = version + 1
     where id = $1 and state = 'ACHIEVEMENT_STATE_PENDING' and user_id <> $2 returning *
  ), u as (
    update users set rating = rating + a.points, version = users.version + 1 from a where users.id = a.user_id
    returning users.rating
  )
  select a.id, a.user_id, a.kind, a.title, a.description, a.state, a.points, a.reason, a.moderator_id, a.moderated_at,
         a.revoked_by_id, a.revoked_at, a.created_at, a.version, u.rating, f.id as file_id, f.name, f.media_type, c.size,
         encode(c.sha256, 'hex') as sha256, f.purpose, f.created_at as file_created_at, f.claimed_at
    from a, u, files f join file_contents c on c.file_id = f.id and c.side = 0
   where f.id = a.file_id`;

const recordSql = `
  with entry as (
    insert into points (user_id, amount, total, reason, source_id, by_user_id)
    values ($3, $4, $5, 'POINTS_REASON_ACHIEVEMENT', $1::bigint, $2::bigint) returning id
  ), audit as (
    insert into audit_events (actor_id, means, action, target_type, target_id, outcome, address)
    values ($2, 'AUDIT_MEANS_BEARER', 'achievement.accept', 'achievement', $1::bigint::text, 'AUDIT_OUTCOME_SUCCESS', $6)
  ), places as (
    insert into update_topics as t (topic, pts) values ('staff', 1), ('user:' || $3::bigint, 2)
    on conflict (topic) do update set pts = t.pts + excluded.pts returning topic, pts
  )
  insert into updates (topic, pts, kind, subject_id, actor_id)
  select p.topic, p.pts - case n.kind when 'points.changed' then 1 else 0 end, n.kind, n.subject_id, $2
    from places p
    join (select topic, 'achievement.accepted' as kind, $1::bigint as subject_id from places
           union all select 'user:' || $3::bigint, 'points.changed', id from entry) n on n.topic = p.topic
   order by p.topic, p.pts, n.kind desc`;

async function accept(request: IncomingMessage, id: number, userId: number): Promise<object> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const { points } = JSON.parse(Buffer.concat(chunks).toString()) as { points: number };
  const decided = await alone(async (client) => {
    void client.query("begin");
    const [{ rating, ...row }] = (await rowsOf(client, "accept", acceptSql, [id, userId, points])) as [Row];
    const values = [id, userId, row["user_id"], points, rating, request.socket.remoteAddress];
    await Promise.all([rowsOf(client, "record", recordSql, values), client.query("commit")]);
    return row;
  });
  const { file_id, name, media_type, size, sha256, purpose, file_created_at, claimed_at, ...achievement } = decided;
  const file = { id: file_id, name, media_type, size, sha256, purpose, created_at: file_created_at, claimed_at };
  return { ...achievement, file };
}

function work(request: IncomingMessage, userId: number): Promise<object> {
  const { pathname, searchParams } = new URL(request.url!, "http://localhost");
  const id = Number(pathname.split("/")[3]);
  if (pathname === "/v1/notifications") return notifications(searchParams, userId);
  if (pathname === "/v1/posts") return posts(searchParams, userId);
  if (pathname.endsWith("/accept")) return accept(request, id, userId);
  return vote(request.method as "PUT" | "DELETE", id, userId);
}

const server = createServer((request, response) => {
  const userId = callerOf(request, key);
  if (userId === 0) return answer(response, 401, "application/json", "{}");
  work(request, userId).then(
    (body) => answer(response, 200, "application/json; charset=utf-8", JSON.stringify(body)),
    (error: unknown) => {
      console.error(error);
      answer(response, 500, "application/json", "{}");
    },
  );
});
server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port));
