// The sender of a server: with the client that reaches public addresses alone, and the writers of the contract.
import type { Contract } from "../contract/model/load.js";
import { outboundClient } from "../platform/outbound/outbound-client.js";
import { eventWriter } from "./attempt.js";
import type { WebhookDeps } from "./handlers.js";
import { WebhookSecrets } from "./secret.js";
import { type Sender, type SenderOptions, webhookSender } from "./sender.js";

/** Opens a sender. It sends nothing before it is asked to. */
export function openSender(
  contract: Pick<Contract, "root">,
  { webhookKey, policy, database, log }: WebhookDeps & Pick<SenderOptions, "database" | "log">,
): Sender {
  return webhookSender({
    database,
    log,
    client: outboundClient(policy),
    secrets: new WebhookSecrets(webhookKey),
    write: eventWriter(contract),
  });
}
