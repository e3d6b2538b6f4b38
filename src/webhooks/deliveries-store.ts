// The SQL of deliveries as the owners of endpoints see them, how they are made of updates, and made again.
import type { WebhookDelivery, WebhookDeliveryState } from "../gen/lyceum/v1/webhook.js";
import type { Queries } from "../platform/database/database.js";
import { statement } from "../platform/database/statement.js";
import type { KeysetPage } from "../platform/page.js";
import type { StoredUpdate } from "../platform/updates/consumer.js";
import { mayHear, wants } from "./may-see-store.js";

const columns = `id, event_id, kind, update_id, topic, state, attempts, status, failure, duration_ms, created_at, last_attempt_at,
  next_attempt_at`;
const ofUpdate = "update_id, topic, pts, kind, subject_id, actor_id, happened_at";

const insertDeliveryRows = statement<{ webhook_id: number }>(
  "pool",
  "insert-webhook-deliveries",
  // What happened before an endpoint was made is not for it.
  `with made as (
     insert into webhook_deliveries (webhook_id, ${ofUpdate})
     select w.id, u.id, u.topic, u.pts, u.kind, u.subject_id, u.actor_id, u.created_at
       from unnest($1::bigint[], $2::text[], $3::bigint[], $4::text[], $5::bigint[], $6::bigint[], $7::timestamptz[])
              as u (id, topic, pts, kind, subject_id, actor_id, created_at)
       join webhooks w on w.is_enabled and ${wants("w", "u.kind")} and u.created_at >= w.created_at
       join users o on o.id = w.user_id
      where ${mayHear("o", "u.topic")}
      order by w.id, u.id
     on conflict on constraint webhook_deliveries_once do nothing
     returning webhook_id
   )
   select distinct webhook_id from made`,
);

/** Inserts a delivery for each endpoint that an update is for, once however often it comes; returns the ids of the endpoints. */
export async function insertDeliveries(queries: Queries, updates: readonly StoredUpdate[]): Promise<number[]> {
  const rows = await queries.many(insertDeliveryRows, [
    updates.map(({ id }) => id),
    updates.map(({ topic }) => topic),
    updates.map(({ pts }) => pts),
    updates.map(({ kind }) => kind),
    updates.map(({ subject_id }) => subject_id),
    updates.map(({ actor_id }) => actor_id ?? null),
    updates.map(({ created_at }) => created_at),
  ]);
  return rows.map(({ webhook_id }) => webhook_id);
}

const insertPingRow = statement<WebhookDelivery>(
  "pool",
  "insert-webhook-ping",
  // A test is made at once, also while the endpoint waits after failures.
  `with woken as (update webhooks set waits_until = null where id = $1)
   insert into webhook_deliveries (webhook_id, topic, pts, kind, subject_id, happened_at)
   values ($1, '', 0, 'ping', 0, date_trunc('milliseconds', now()))
   returning ${columns}`,
);

/** Inserts a test of an endpoint. */
export async function insertPing(queries: Queries, webhookId: number): Promise<WebhookDelivery> {
  return (await queries.one(insertPingRow, [webhookId]))!;
}

const listDeliveryRows = statement<WebhookDelivery>(
  "read",
  "list-webhook-deliveries",
  `select ${columns} from webhook_deliveries where webhook_id = $1 and id < $2 order by id desc limit $3 offset $4`,
);
const listDeliveryRowsInState = statement<WebhookDelivery>(
  "read",
  "list-webhook-deliveries-in-state",
  `select ${columns} from webhook_deliveries where webhook_id = $1 and state = $5 and id < $2 order by id desc limit $3 offset $4`,
);

/** The deliveries of an endpoint, the newest first. `page.after` is an id. */
export async function listDeliveries(
  queries: Queries,
  webhookId: number,
  state: WebhookDeliveryState | undefined,
  { after, limit, skip }: KeysetPage,
): Promise<WebhookDelivery[]> {
  const values = [webhookId, after?.[0] ?? Number.MAX_SAFE_INTEGER, limit, skip];
  return state === undefined
    ? queries.many(listDeliveryRows, values)
    : queries.many(listDeliveryRowsInState, [...values, state]);
}

/** SQL for the columns of a delivery that is to be sent as if it had not been. */
const asNew = `state = 'WEBHOOK_DELIVERY_STATE_PENDING', attempts = 0, first_attempt_at = null,
          next_attempt_at = date_trunc('milliseconds', clock_timestamp())`;

const resetDeliveryRow = statement<WebhookDelivery>(
  "pool",
  "redeliver-webhook-delivery",
  `with woken as (update webhooks set waits_until = null where id = $1)
   update webhook_deliveries set ${asNew} where webhook_id = $1 and id = $2 returning ${columns}`,
);

/** Has a delivery of an endpoint sent again; undefined when there is no such one. */
export async function resetDelivery(
  queries: Queries,
  webhookId: number,
  id: number,
): Promise<WebhookDelivery | undefined> {
  return queries.one(resetDeliveryRow, [webhookId, id]);
}

const replayRows = statement<{ count: number; last_id?: number }>(
  "pool",
  "replay-webhook",
  `with woken as (update webhooks set waits_until = null where id = $1), picked as (
     select u.id, u.topic, u.pts, u.kind, u.subject_id, u.actor_id, u.created_at
       from webhooks w join users o on o.id = w.user_id
       join updates u on u.id > $2 and u.id <= $3 and u.created_at >= $4 and ${wants("w", "u.kind")}
      where w.id = $1 and ${mayHear("o", "u.topic")}
      order by u.id limit $5
   ), made as (
     insert into webhook_deliveries (webhook_id, ${ofUpdate})
     select $1, id, topic, pts, kind, subject_id, actor_id, created_at from picked order by id
     on conflict on constraint webhook_deliveries_once do update set ${asNew}
     returning update_id
   )
   select count(*)::integer as count, max(update_id) as last_id from made`,
);

/** Part of the updates by their ids. */
export interface UpdateSpan {
  readonly after: number;
  readonly upTo: number;
}

/**
 * Has up to `most` updates of a span sent to an endpoint, those of a time and later that it hears of; returns how many, and the id of the
 * last.
 */
export async function replay(
  queries: Queries,
  webhookId: number,
  { after, upTo }: UpdateSpan,
  since: string,
  most: number,
): Promise<{ count: number; last_id?: number }> {
  return (await queries.one(replayRows, [webhookId, after, upTo, since, most]))!;
}

const boundsRow = statement<{ first: number; last: number }>(
  "read",
  "find-update-bounds",
  "select coalesce(min(id), 0) as first, coalesce(max(id), 0) as last from updates",
);

/** The first and the last id of all updates; 0 when there are none. */
export async function findBounds(queries: Queries): Promise<{ first: number; last: number }> {
  return (await queries.one(boundsRow, []))!;
}

const timeRow = statement<{ created_at: string }>(
  "read",
  "find-update-time",
  "select created_at from updates where id >= $1 order by id limit 1",
);

/** The time of the first update with an id from this one on; undefined when there is none. */
export async function findTime(queries: Queries, id: number): Promise<string | undefined> {
  return (await queries.one(timeRow, [id]))?.created_at;
}

const deleteOldRows = statement<object>(
  "pool",
  "delete-old-webhook-deliveries",
  `delete from webhook_deliveries
    where id = any (array(
      select id from webhook_deliveries where created_at < now() - interval '30 days' order by created_at limit $1 for update skip locked))
   returning id`,
);

/** Deletes up to `limit` deliveries that were made 30 days ago or earlier; returns how many. */
export async function deleteOld(queries: Queries, limit: number): Promise<number> {
  return (await queries.many(deleteOldRows, [limit])).length;
}
