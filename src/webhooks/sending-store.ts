// The SQL of sending: which process sends to an endpoint, what is due, and what has come of it.
import type { WebhookFailure, WebhookSerialization } from "../gen/lyceum/v1/webhook.js";
import type { Queries } from "../platform/database/database.js";
import { statement } from "../platform/database/statement.js";
import { mayHave, mayHear } from "./may-see-store.js";

/** How long a lease lasts that is not renewed, in seconds. A process that was killed holds an endpoint for so long. */
export const leaseSeconds = 3;

/** After how many failures, one after the other, an endpoint is tried with one request at a time, later and later. */
const calmFailures = 5;

const takeLeaseRow = statement<object>(
  "write",
  "lease-webhook",
  `update webhooks set leased_by = $2, leased_until = clock_timestamp() + interval '${leaseSeconds} seconds'
    where id = $1 and (leased_by = $2 or leased_until is null or leased_until < clock_timestamp())
   returning id`,
);

/** Takes or prolongs the lease of an endpoint; false when another has it, or there is no such endpoint. */
export async function takeLease(queries: Queries, webhookId: number, holder: string): Promise<boolean> {
  return (await queries.one(takeLeaseRow, [webhookId, holder])) !== undefined;
}

const releaseLeaseRow = statement<object>(
  "write",
  "release-webhook",
  "update webhooks set leased_by = null, leased_until = null where id = $1 and leased_by = $2",
);

/** Gives a lease back. */
export async function releaseLease(queries: Queries, webhookId: number, holder: string): Promise<void> {
  await queries.one(releaseLeaseRow, [webhookId, holder]);
}

/** A delivery that is due, and all that its request needs. */
export interface DueDelivery {
  readonly id: number;
  readonly event_id: string;
  /** Absent of a test. */
  readonly update_id?: number;
  readonly topic: string;
  readonly pts: number;
  readonly kind: string;
  readonly subject_id: number;
  readonly actor_id?: number;
  readonly happened_at: string;
  readonly attempts: number;
  /** Whether the owner may hear of it at this moment. */
  readonly is_heard: boolean;
  readonly webhook_id: number;
  readonly serialization: WebhookSerialization;
  /** Encrypted, as the secrets are. */
  readonly url: Buffer;
  readonly secret: Buffer;
  /** Absent unless it is still good. */
  readonly former_secret?: Buffer;
}

/** SQL for whether a delivery `d` of an endpoint `w` need not wait for one before it in its topic. */
const isFirst = `(not w.is_ordered or d.update_id is null or not exists (
         select from webhook_deliveries e
          where e.webhook_id = d.webhook_id and e.topic = d.topic and e.next_attempt_at is not null and e.pts < d.pts))`;

const dueRow = statement<DueDelivery>(
  "read",
  "find-due-webhook-delivery",
  `select d.id, d.event_id, d.update_id, d.topic, d.pts, d.kind, d.subject_id, d.actor_id, d.happened_at, d.attempts,
          case when d.update_id is null then ${mayHave("o")} else ${mayHear("o", "d.topic")} end as is_heard,
          w.id as webhook_id, w.serialization, w.url, w.secret,
          case when w.former_secret_until > now() then w.former_secret end as former_secret
     from webhooks w join users o on o.id = w.user_id join webhook_deliveries d on d.webhook_id = w.id
    where w.id = $1 and w.is_enabled and w.leased_by = $2 and (w.waits_until is null or w.waits_until <= now())
      and (w.failures < ${calmFailures} or cardinality($3::bigint[]) = 0)
      and d.next_attempt_at <= now() and d.id <> all ($3) and ${isFirst}
    order by d.next_attempt_at, d.id limit 1`,
);

/** The delivery of a leased endpoint that is sent next, beside those that are being sent; undefined when none is due. */
export async function findDue(
  queries: Queries,
  webhookId: number,
  holder: string,
  sending: readonly number[],
): Promise<DueDelivery | undefined> {
  return queries.one(dueRow, [webhookId, holder, sending]);
}

const nextRow = statement<{ at?: string; is_due: boolean }>(
  "read",
  "find-next-webhook-attempt",
  `select min(greatest(d.next_attempt_at, w.waits_until)) as at,
          coalesce(min(greatest(d.next_attempt_at, w.waits_until)) <= now(), false) as is_due
     from webhooks w join webhook_deliveries d on d.webhook_id = w.id
    where w.id = $1 and w.is_enabled and d.next_attempt_at is not null and ${isFirst}`,
);

/** When something is to be sent to an endpoint, and whether that is now; no time when nothing waits. */
export async function findNext(queries: Queries, webhookId: number): Promise<{ at?: string; is_due: boolean }> {
  return (await queries.one(nextRow, [webhookId]))!;
}

/** SQL for the time of an attempt, which is stored in whole milliseconds. */
const now = "date_trunc('milliseconds', now())";

const deliveredRow = statement<object>(
  "write",
  "record-webhook-success",
  // The endpoint is locked first, as everywhere.
  `with failing as (
     select id from webhooks where id = $4 and failures > 0 for no key update
   ), d as (
     update webhook_deliveries
        set state = 'WEBHOOK_DELIVERY_STATE_DELIVERED', attempts = attempts + 1, status = $2, failure = 'WEBHOOK_FAILURE_UNSPECIFIED',
            duration_ms = $3, last_attempt_at = ${now}, first_attempt_at = coalesce(first_attempt_at, ${now}), next_attempt_at = null
      where id = $1 and (select count(*) from failing) >= 0
     returning webhook_id
   )
   update webhooks w set failures = 0, failing_since = null, waits_until = null from d where w.id = d.webhook_id and w.failures > 0`,
);

/** Records that a delivery has arrived. */
export async function recordSuccess(
  queries: Queries,
  { id, webhook_id }: Pick<DueDelivery, "id" | "webhook_id">,
  status: number,
  durationMs: number,
): Promise<void> {
  await queries.one(deliveredRow, [id, status, durationMs, webhook_id]);
}

/** An attempt that has failed. */
export interface FailedAttempt {
  readonly status: number | undefined;
  readonly failure: WebhookFailure;
  readonly durationMs: number;
  /** In how many seconds it is tried again; undefined for never. */
  readonly retrySeconds: number | undefined;
  /** How many seconds the endpoint wants nothing at all. */
  readonly pauseSeconds: number;
}

const failedRow = statement<{ is_given_up: boolean }>(
  "write",
  "record-webhook-failure",
  `with failing as (
     select id from webhooks where id = $7 for no key update
   ), d as (
     update webhook_deliveries
        set state = case when $5::double precision is null then 'WEBHOOK_DELIVERY_STATE_FAILED' else 'WEBHOOK_DELIVERY_STATE_PENDING' end,
            attempts = attempts + 1, status = $2, failure = $3, duration_ms = $4, last_attempt_at = ${now},
            first_attempt_at = coalesce(first_attempt_at, ${now}),
            next_attempt_at = ${now} + make_interval(secs => $5)
      where id = $1 and (select count(*) from failing) >= 0
     returning webhook_id, state, first_attempt_at
   )
   update webhooks w
      set failures = failures + 1, failing_since = coalesce(failing_since, ${now}),
          waits_until = greatest(waits_until, case when $6 > 0 then ${now} + make_interval(secs => $6) end,
            case when failures + 1 >= ${calmFailures}
                 then ${now} + make_interval(secs => least(300, 5 * power(2, least(failures + 1 - ${calmFailures}, 10)))) end)
     from d where w.id = d.webhook_id
   returning w.failing_since <= ${now} - interval '5 days'
          or (d.state = 'WEBHOOK_DELIVERY_STATE_FAILED' and w.failing_since <= d.first_attempt_at) as is_given_up`,
);

/**
 * Records a failure; returns whether the endpoint is to be given up: nothing has arrived there since the first attempt of a delivery whose
 * attempts are over, or for five days.
 */
export async function recordFailure(
  queries: Queries,
  { id, webhook_id }: Pick<DueDelivery, "id" | "webhook_id">,
  failed: FailedAttempt,
): Promise<boolean> {
  const { status, failure, durationMs, retrySeconds, pauseSeconds } = failed;
  const values = [id, status ?? null, failure, durationMs, retrySeconds ?? null, pauseSeconds, webhook_id];
  return (await queries.one(failedRow, values))?.is_given_up ?? false;
}

const withheldRow = statement<object>(
  "write",
  "withhold-webhook-delivery",
  `update webhook_deliveries set state = 'WEBHOOK_DELIVERY_STATE_WITHHELD', next_attempt_at = null where id = $1 and next_attempt_at is not null`,
);

/** Records that a delivery is not sent: the owner may not hear of it any more. */
export async function recordWithheld(queries: Queries, id: number): Promise<void> {
  await queries.one(withheldRow, [id]);
}

const forgottenRows = statement<{ id: number }>(
  "pool",
  "list-forgotten-webhooks",
  `select w.id from webhooks w
    where w.is_enabled and (w.waits_until is null or w.waits_until < now()) and (w.leased_until is null or w.leased_until < now())
      and exists (select from webhook_deliveries d where d.webhook_id = w.id and d.next_attempt_at < now() - interval '1 minute')`,
);

/** The endpoints with something that has been due for a minute while nobody sends: their jobs are lost. */
export async function listForgotten(queries: Queries): Promise<number[]> {
  return (await queries.many(forgottenRows, [])).map(({ id }) => id);
}
