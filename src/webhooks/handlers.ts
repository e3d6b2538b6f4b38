// The endpoints of a super admin: making, changing and testing them, and what was sent to them.
import { lockCaller } from "../accounts/above.js";
import type { Call, Handlers } from "../call.js";
import { ApiError } from "../errors.js";
import type { Webhook, WebhookService } from "../gen/lyceum/v1/webhook.js";
import { recordAudit } from "../platform/audit/audit.js";
import type { Queries } from "../platform/database/database.js";
import { readOutboundUrl, type UrlPolicy } from "../platform/outbound/outbound-url.js";
import { pageOf, readPage } from "../platform/page.js";
import { insertPing, listDeliveries, resetDelivery } from "./deliveries-store.js";
import { sendSoon } from "./jobs.js";
import { replayPart } from "./replay.js";
import { newSecret, secretText, WebhookSecrets } from "./secret.js";
import * as store from "./store.js";

export interface WebhookDeps {
  /** The key of what is secret of endpoints. */
  readonly webhookKey: Uint8Array;
  /** Where endpoints may be. */
  readonly policy: UrlPolicy;
}

/** The most endpoints of a person. */
const mostWebhooks = 20;
/** How long the secret before is good, in hours. */
const rotationHours = 24;
/** Thousands of deliveries may go with an endpoint. */
const deletion = { timeoutMs: 10_000 };

/** The handlers of WebhookService. */
export function webhookHandlers({ webhookKey, policy }: WebhookDeps): Handlers<WebhookService> {
  const secrets = new WebhookSecrets(webhookKey);
  /** An endpoint as its owner sees it, with its secret where that is new. */
  const shown = ({ url, ...webhook }: store.StoredWebhook, secret?: Buffer): Webhook => ({
    ...webhook,
    url: secrets.decrypt(url)?.toString() ?? "",
    ...(secret && { secret: secretText(secret) }),
  });
  const encryptedUrl = (text: string): Buffer => {
    const url = readOutboundUrl(text, policy);
    if (typeof url === "string") throw new ApiError("WEBHOOK_URL_REFUSED", `The address ${url}`);
    return secrets.encrypt(url.href);
  };

  return {
    async createWebhook({ url, ...draft }, call) {
      const secret = newSecret();
      const encrypted = { ...draft, url: encryptedUrl(url), secret: secrets.encrypt(secret) };
      const made = await call.database.transaction(async (queries) => {
        await lockCaller(queries, call.user);
        const webhook = await store.insertWebhook(queries, call.user.id, encrypted, mostWebhooks);
        if (!webhook)
          throw new ApiError("TOO_MANY_WEBHOOKS", `A person has at most ${mostWebhooks} webhooks: delete one first`);
        await recordAudit(queries, call, { action: "webhook.create", target: ["webhook", webhook.id] });
        return webhook;
      });
      return shown(made, secret);
    },

    async listWebhooks(_request, { user, database }) {
      return { webhooks: (await store.listWebhooks(database, user.id)).map((webhook) => shown(webhook)) };
    },

    async getWebhook({ webhook_id }, call) {
      return shown(await find(call, webhook_id));
    },

    async updateWebhook({ webhook_id, url, kinds, is_enabled, serialization, is_ordered }, call) {
      const change = { kinds, is_enabled, serialization, is_ordered };
      const encrypted = url === undefined ? undefined : encryptedUrl(url);
      return call.database.transaction(async (queries) => {
        await lock(queries, call, webhook_id);
        const webhook = await store.updateWebhook(queries, webhook_id, { ...change, url: encrypted });
        await recordAudit(queries, call, { action: "webhook.update", target: ["webhook", webhook_id] });
        if (webhook.is_enabled) await sendSoon(queries, [webhook_id]);
        return shown(webhook);
      });
    },

    async deleteWebhook({ webhook_id }, call) {
      await call.database.transaction(async (queries) => {
        if (!(await store.deleteWebhook(queries, call.user.id, webhook_id))) throw notFound(webhook_id);
        await recordAudit(queries, call, { action: "webhook.delete", target: ["webhook", webhook_id] });
      }, deletion);
      return {};
    },

    async rotateWebhookSecret({ webhook_id }, call) {
      const secret = newSecret();
      const rotated = await call.database.transaction(async (queries) => {
        await lock(queries, call, webhook_id);
        await recordAudit(queries, call, { action: "webhook.rotate_secret", target: ["webhook", webhook_id] });
        return store.updateSecret(queries, webhook_id, secrets.encrypt(secret), rotationHours);
      });
      return shown(rotated, secret);
    },

    async testWebhook({ webhook_id }, call) {
      return call.database.transaction(async (queries) => {
        await lockEnabled(queries, call, webhook_id);
        const delivery = await insertPing(queries, webhook_id);
        await sendSoon(queries, [webhook_id]);
        return delivery;
      });
    },

    async listWebhookDeliveries({ webhook_id, state, ...request }, call) {
      await find(call, webhook_id);
      const scope = ["webhook deliveries", webhook_id, state ?? ""];
      const page = readPage(request, { scope, key: [0], isOldestFirst: false });
      const found = await listDeliveries(call.database, webhook_id, state, page);
      const { rows: deliveries, next_page_token } = pageOf(found, page, ({ id }) => [id]);
      return { deliveries, next_page_token };
    },

    async redeliverWebhookDelivery({ webhook_id, delivery_id }, call) {
      return call.database.transaction(async (queries) => {
        await lockEnabled(queries, call, webhook_id);
        const delivery = await resetDelivery(queries, webhook_id, delivery_id);
        if (!delivery)
          throw new ApiError("WEBHOOK_DELIVERY_NOT_FOUND", `The webhook has no delivery with id=${delivery_id}`);
        await sendSoon(queries, [webhook_id]);
        return delivery;
      });
    },

    async replayWebhook({ webhook_id, since, after_update_id }, call) {
      requireEnabled(await find(call, webhook_id));
      return replayPart(call.database, webhook_id, since!, after_update_id);
    },
  };
}

async function find({ database, user }: Call, id: number): Promise<store.StoredWebhook> {
  const webhook = await store.findWebhook(database, user.id, id);
  if (!webhook) throw notFound(id);
  return webhook;
}

async function lock(queries: Queries, { user }: Call, id: number): Promise<store.StoredWebhook> {
  const webhook = await store.lockWebhook(queries, user.id, id);
  if (!webhook) throw notFound(id);
  return webhook;
}

async function lockEnabled(queries: Queries, call: Call, id: number): Promise<void> {
  requireEnabled(await lock(queries, call, id));
}

function requireEnabled({ is_enabled }: store.StoredWebhook): void {
  if (!is_enabled) throw new ApiError("WEBHOOK_DISABLED", "The webhook is switched off: switch it on first");
}

function notFound(id: number): ApiError {
  return new ApiError("WEBHOOK_NOT_FOUND", `You have no webhook with id=${id}`);
}
