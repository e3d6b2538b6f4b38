// The sender of a server: with the client that reaches public addresses alone, and the writers of the contract.
import type { Contract } from "../contract/model/load.js";
import { type NameLookup, outboundClient } from "../platform/outbound/outbound-client.js";
import { eventWriter } from "./attempt.js";
import type { WebhookDeps } from "./handlers.js";
import { WebhookSecrets } from "./secret.js";
import { type Sender, type SenderOptions, webhookSender } from "./sender.js";

/** Every name leads to this machine. */
const loopback: NameLookup = (_, callback) => callback(null, [{ address: "127.0.0.1", family: 4 }]);

export interface SenderDeps extends WebhookDeps, Pick<SenderOptions, "database" | "log"> {
  /** Of a server under test: it asks no name server, and reaches nothing outside. */
  readonly isTest: boolean;
}

/** Opens a sender. It sends nothing before it is asked to. */
export function openSender(
  contract: Pick<Contract, "root">,
  { webhookKey, policy, database, log, isTest }: SenderDeps,
): Sender {
  return webhookSender({
    database,
    log,
    client: outboundClient({ ...policy, ...(isTest && { lookup: loopback }) }),
    secrets: new WebhookSecrets(webhookKey),
    write: eventWriter(contract),
  });
}
