// The SQL of endpoints: what their owners see and change of them.
import type { Webhook } from "../gen/lyceum/v1/webhook.js";
import type { Queries } from "../platform/database/database.js";
import { statement } from "../platform/database/statement.js";
import { mayHave } from "./may-see-store.js";

/** An endpoint as it is stored. */
export type StoredWebhook = Omit<Webhook, "url" | "secret"> & { readonly url: Buffer };

const columns = `id, url, kinds, is_enabled, serialization, is_ordered, disabled_reason, created_at, failing_since,
  case when former_secret_until > now() then former_secret_until end as former_secret_until`;

/** An endpoint that is not inserted yet; address and secret are encrypted. */
export type NewWebhook = Pick<Webhook, "kinds" | "serialization" | "is_ordered"> & {
  readonly url: Buffer;
  readonly secret: Buffer;
};

const insertWebhookRow = statement<StoredWebhook>(
  "pool",
  "insert-webhook",
  `insert into webhooks (user_id, url, kinds, serialization, is_ordered, secret)
   select $1, $2, $3, $4, $5, $6 where (select count(*) from webhooks where user_id = $1) < $7
   returning ${columns}`,
);

/** Inserts an endpoint of an owner who is locked; undefined when they have `most`. */
export async function insertWebhook(
  queries: Queries,
  userId: number,
  { url, kinds, serialization, is_ordered, secret }: NewWebhook,
  most: number,
): Promise<StoredWebhook | undefined> {
  return queries.one(insertWebhookRow, [userId, url, kinds, serialization, is_ordered, secret, most]);
}

const webhookRows = statement<StoredWebhook>(
  "read",
  "list-webhooks",
  `select ${columns} from webhooks where user_id = $1 order by id`,
);

/** The endpoints of a user, the oldest first. */
export async function listWebhooks(queries: Queries, userId: number): Promise<StoredWebhook[]> {
  return queries.many(webhookRows, [userId]);
}

const findWebhookRow = statement<StoredWebhook>(
  "read",
  "find-webhook",
  `select ${columns} from webhooks where user_id = $1 and id = $2`,
);

/** An endpoint of a user; undefined when they have no such one. */
export async function findWebhook(queries: Queries, userId: number, id: number): Promise<StoredWebhook | undefined> {
  return queries.one(findWebhookRow, [userId, id]);
}

const lockWebhookRow = statement<StoredWebhook>(
  "pool",
  "lock-webhook",
  `select ${columns} from webhooks where user_id = $1 and id = $2 for no key update`,
);

/** Locks an endpoint of a user until the transaction ends; undefined when they have no such one. */
export async function lockWebhook(queries: Queries, userId: number, id: number): Promise<StoredWebhook | undefined> {
  return queries.one(lockWebhookRow, [userId, id]);
}

/** What can be changed of an endpoint; what is undefined stays as it is. */
export interface WebhookChange {
  /** Encrypted. */
  readonly url: Buffer | undefined;
  /** Empty for no change. */
  readonly kinds: readonly string[];
  readonly is_enabled: boolean | undefined;
  readonly serialization: Webhook["serialization"] | undefined;
  readonly is_ordered: boolean | undefined;
}

const updateWebhookRow = statement<StoredWebhook>(
  "pool",
  "update-webhook",
  // Whoever switches it on, or gives it another address, has mended it.
  `update webhooks
      set url = coalesce($2, url), kinds = case when cardinality($3::text[]) > 0 then $3 else kinds end,
          is_enabled = coalesce($4, is_enabled), serialization = coalesce($5, serialization), is_ordered = coalesce($6, is_ordered),
          disabled_reason = case when $4 then 'WEBHOOK_DISABLED_REASON_UNSPECIFIED' else disabled_reason end,
          failures = case when $4 or $2::bytea is not null then 0 else failures end,
          failing_since = case when $4 or $2::bytea is not null then null else failing_since end,
          waits_until = case when $4 or $2::bytea is not null then null else waits_until end
    where id = $1
   returning ${columns}`,
);

/** Changes an endpoint that is locked. */
export async function updateWebhook(queries: Queries, id: number, change: WebhookChange): Promise<StoredWebhook> {
  const { url, kinds, is_enabled, serialization, is_ordered } = change;
  return (await queries.one(updateWebhookRow, [id, url, kinds, is_enabled, serialization, is_ordered]))!;
}

const updateSecretRow = statement<StoredWebhook>(
  "pool",
  "rotate-webhook-secret",
  `update webhooks
      set secret = $2, former_secret = secret, former_secret_until = date_trunc('milliseconds', now()) + make_interval(hours => $3)
    where id = $1
   returning ${columns}`,
);

/** Gives an endpoint that is locked another secret, encrypted; the one before is good for so many hours. */
export async function updateSecret(
  queries: Queries,
  id: number,
  secret: Buffer,
  hours: number,
): Promise<StoredWebhook> {
  return (await queries.one(updateSecretRow, [id, secret, hours]))!;
}

const deleteWebhookRow = statement<{ id: number }>(
  "pool",
  "delete-webhook",
  "delete from webhooks where user_id = $1 and id = $2 returning id",
);

/** Deletes an endpoint of a user, and its deliveries; false when they have no such one. */
export async function deleteWebhook(queries: Queries, userId: number, id: number): Promise<boolean> {
  return (await queries.one(deleteWebhookRow, [userId, id])) !== undefined;
}

const deleteWebhookRows = statement<object>("pool", "delete-webhooks", "delete from webhooks where user_id = $1");

/** Deletes all endpoints of a user. */
export async function deleteWebhooks(queries: Queries, userId: number): Promise<void> {
  await queries.one(deleteWebhookRows, [userId]);
}

/** An endpoint that was switched off, and its owner. */
export interface SwitchedOff {
  readonly id: number;
  readonly user_id: number;
}

const switchOffRow = statement<SwitchedOff>(
  "pool",
  "switch-off-webhook",
  "update webhooks set is_enabled = false, disabled_reason = $2 where id = $1 and is_enabled returning id, user_id",
);

/** Switches an endpoint off; undefined when it is off already. */
export async function switchOff(
  queries: Queries,
  id: number,
  reason: Webhook["disabled_reason"],
): Promise<SwitchedOff | undefined> {
  return queries.one(switchOffRow, [id, reason]);
}

const switchOffRows = statement<SwitchedOff>(
  "pool",
  "switch-off-webhooks-of-others",
  // Who is suspended may come back, and is sent nothing meanwhile.
  `update webhooks w set is_enabled = false, disabled_reason = 'WEBHOOK_DISABLED_REASON_OWNER'
     from users o
    where o.id = w.user_id and w.is_enabled and o.role <> 'ROLE_SUPER_ADMIN'
   returning w.id, w.user_id`,
);

/** Switches the endpoints off of those who are no super admins any more. */
export async function switchOffOthers(queries: Queries): Promise<SwitchedOff[]> {
  return queries.many(switchOffRows, []);
}

const anyEnabledRow = statement<object>(
  "read",
  "find-any-webhook",
  `select from webhooks w join users o on o.id = w.user_id where w.is_enabled and ${mayHave("o")} limit 1`,
);

/** Whether anybody hears of anything. */
export async function isAnyEnabled(queries: Queries): Promise<boolean> {
  return (await queries.one(anyEnabledRow, [])) !== undefined;
}
