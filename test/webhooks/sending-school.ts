// A school whose webhooks are sent to a receiver on loopback: the consumer, the jobs and the sender of a server, in the process of the test.
import { setTimeout as delay } from "node:timers/promises";
import { protoDirectory } from "../../src/config.js";
import { loadContract } from "../../src/contract/model/load.js";
import type {
  CreateWebhookRequest,
  Webhook,
  WebhookDelivery,
  WebhookService,
} from "../../src/gen/lyceum/v1/webhook.js";
import type { Handlers } from "../../src/call.js";
import { startWorking } from "../../src/platform/jobs/working.js";
import { outboundClient } from "../../src/platform/outbound/outbound-client.js";
import { startConsuming } from "../../src/platform/updates/consuming.js";
import { eventWriter } from "../../src/webhooks/attempt.js";
import { webhooks } from "../../src/webhooks/consumer.js";
import { WebhookSecrets } from "../../src/webhooks/secret.js";
import { type Sender, webhookSender } from "../../src/webhooks/sender.js";
import { webhookTask } from "../../src/webhooks/task.js";
import { type Account, log, openSchool, type School } from "../support/call-as.js";
import { type Receiver, startReceiver } from "./receiver.js";

export interface SendingSchool {
  readonly school: School;
  readonly receiver: Receiver;
  readonly handlers: Handlers<WebhookService>;
  readonly sender: Sender;
  /** Makes an endpoint at a path that no other has; by a new super admin unless somebody is named. */
  endpoint(draft?: Partial<CreateWebhookRequest>, owner?: Account): Promise<Endpoint>;
  /** The deliveries of an endpoint, the oldest first. */
  deliveries(endpoint: Endpoint): Promise<WebhookDelivery[]>;
  /** Makes everything that waits for an endpoint due, and has it sent. */
  hurry(endpoint: Endpoint): Promise<void>;
  close(): Promise<void>;
}

export interface Endpoint {
  readonly owner: Account;
  readonly webhook: Webhook;
  readonly path: string;
  /** Of the key of `webhook.secret`. */
  readonly key: Buffer;
}

/** Waits until something holds. */
export async function until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (let left = 1_500; !(await holds()); left--) {
    if (left === 0) throw new Error(`it has not come: ${what}`);
    await delay(20);
  }
}

/** Opens one. A request may take 300 ms. */
export async function openSendingSchool(): Promise<SendingSchool> {
  const school = await openSchool();
  const receiver = await startReceiver();
  const { url, database } = school;
  const handlers = school.services["lyceum.v1.WebhookService"];
  const sender = webhookSender({
    database,
    log,
    client: outboundClient({ isPrivateAllowed: true, isHttpAllowed: true, timeoutMs: 300 }),
    secrets: new WebhookSecrets(Buffer.alloc(32, 1)),
    write: eventWriter(loadContract(protoDirectory)),
  });
  const working = startWorking({ url, database, log, tasks: [webhookTask(sender)], concurrency: 4, pollMs: 100 });
  const consuming = startConsuming({ database, log, consumers: [webhooks], everyMs: 20 });
  let made = 0;
  return {
    school,
    receiver,
    handlers,
    sender,
    async endpoint(draft = {}, owner) {
      const path = `/${++made}`;
      const by = owner ?? (await school.account("ROLE_SUPER_ADMIN"));
      const webhook = await handlers.createWebhook(
        {
          url: receiver.at(path),
          kinds: ["*"],
          serialization: "WEBHOOK_SERIALIZATION_JSON",
          is_ordered: false,
          ...draft,
        },
        by.call,
      );
      return { owner: by, webhook, path, key: Buffer.from(webhook.secret!.replace("whsec_", ""), "base64") };
    },
    async deliveries({ owner, webhook }) {
      const request = { webhook_id: webhook.id, state: undefined, limit: 100, skip: undefined, page_token: undefined };
      return (await handlers.listWebhookDeliveries(request, owner.call)).deliveries.toReversed();
    },
    async hurry({ webhook }) {
      await school.sql("update webhooks set waits_until = null where id = $1", [webhook.id]);
      await school.sql(
        "update webhook_deliveries set next_attempt_at = now() where webhook_id = $1 and next_attempt_at is not null",
        [webhook.id],
      );
      await sender.send(webhook.id);
    },
    async close() {
      await consuming.close();
      await working.close();
      await sender.close();
      await receiver.close();
      await school.close();
    },
  };
}
