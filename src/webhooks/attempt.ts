// One attempt to send a delivery: its request, and what is to be done after its answer.
import { codecs } from "../contract/codecs/codec.js";
import type { Contract } from "../contract/model/load.js";
import type { WebhookEvent, WebhookFailure, WebhookSerialization } from "../gen/lyceum/v1/webhook.js";
import {
  type OutboundAnswer,
  type OutboundClient,
  OutboundError,
  type OutboundFailure,
} from "../platform/outbound/outbound-client.js";
import { signatures, type WebhookSecrets } from "./secret.js";
import type { DueDelivery, FailedAttempt } from "./sending-store.js";

/** The seconds from an attempt to the next: ten attempts in three days. */
const waits = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];
/** What an endpoint asks for with Retry-After is heeded so far, in seconds. */
const longestPause = 86_400;

/** How long to wait after so many attempts, in seconds, with up to a tenth more by chance; undefined when there is none after. */
export function waitAfter(attempts: number): number | undefined {
  const seconds = waits[attempts - 1];
  return seconds === undefined ? undefined : seconds * (1 + Math.random() / 10);
}

/** The seconds of a Retry-After header, a number or a date; 0 without one. */
export function pauseOf(retryAfter: string | undefined, now = Date.now()): number {
  if (retryAfter === undefined) return 0;
  const seconds = /^\d{1,10}$/.test(retryAfter) ? Number(retryAfter) : (Date.parse(retryAfter) - now) / 1_000;
  return Number.isFinite(seconds) ? Math.min(Math.max(seconds, 0), longestPause) : 0;
}

/** Writes the body of a request. */
export type WriteEvent = (event: WebhookEvent, serialization: WebhookSerialization) => Buffer;

const mediaTypes: Readonly<Record<WebhookSerialization, string>> = {
  WEBHOOK_SERIALIZATION_JSON: "application/json",
  WEBHOOK_SERIALIZATION_PROTOBUF: "application/protobuf",
};

/** Prepares the writers of events. */
export function eventWriter({ root }: Pick<Contract, "root">): WriteEvent {
  const type = root.lookupType("lyceum.v1.WebhookEvent");
  const [json, protobuf] = [codecs.json.writer(type), codecs.protobuf.writer(type)];
  return (event, serialization) => (serialization === "WEBHOOK_SERIALIZATION_PROTOBUF" ? protobuf : json)(event);
}

/** What has come of an attempt: it has arrived, has failed, or was stopped, of which nothing is recorded. */
export type Outcome =
  | { readonly result: "delivered"; readonly status: number; readonly durationMs: number }
  | ({ readonly result: "failed"; readonly isGone: boolean } & FailedAttempt)
  | { readonly result: "stopped" };

export interface AttemptDeps {
  readonly client: OutboundClient;
  readonly secrets: WebhookSecrets;
  readonly write: WriteEvent;
}

/** Sends a delivery once. */
export async function attempt(
  { client, secrets, write }: AttemptDeps,
  delivery: DueDelivery,
  signal: AbortSignal,
): Promise<Outcome> {
  const url = secrets.decrypt(delivery.url);
  const keys = [delivery.secret, delivery.former_secret].flatMap((key) => (key && secrets.decrypt(key)) ?? []);
  const begun = performance.now();
  const passed = (): number => Math.round(performance.now() - begun);
  const retrySeconds = waitAfter(delivery.attempts + 1);
  const failed = (failure: WebhookFailure, changed: Partial<FailedAttempt> = {}): Outcome => ({
    result: "failed",
    isGone: changed.status === 410,
    status: undefined,
    failure,
    durationMs: passed(),
    retrySeconds,
    pauseSeconds: 0,
    ...changed,
  });
  if (!url || keys.length === 0) return failed("WEBHOOK_FAILURE_SECRET");
  const body = write(eventOf(delivery), delivery.serialization);
  const timestamp = Math.floor(Date.now() / 1_000);
  const headers = {
    "Content-Type": mediaTypes[delivery.serialization],
    "User-Agent": "Lyceum webhooks",
    "webhook-id": delivery.event_id,
    "webhook-timestamp": String(timestamp),
    "webhook-signature": signatures(keys, delivery.event_id, timestamp, body),
  };
  let answer: OutboundAnswer;
  try {
    answer = await client.post({ url: url.toString(), headers, body, signal });
  } catch (error) {
    if (!(error instanceof OutboundError)) throw error;
    return error.failure === "stopped" ? { result: "stopped" } : failed(failures[error.failure]);
  }
  const { status } = answer;
  if (status >= 200 && status < 300) return { result: "delivered", status, durationMs: passed() };
  const pause = pauseOf(answer.headers["retry-after"]);
  return failed("WEBHOOK_FAILURE_STATUS", {
    status,
    retrySeconds: status === 410 || retrySeconds === undefined ? undefined : Math.max(retrySeconds, pause),
    // With these an endpoint speaks of itself, with others of this event.
    pauseSeconds: status === 429 || status === 503 ? pause : 0,
  });
}

const failures: Readonly<Record<Exclude<OutboundFailure, "stopped">, WebhookFailure>> = {
  address_refused: "WEBHOOK_FAILURE_ADDRESS_REFUSED",
  name_not_found: "WEBHOOK_FAILURE_NAME_NOT_FOUND",
  connection: "WEBHOOK_FAILURE_CONNECTION",
  tls: "WEBHOOK_FAILURE_TLS",
  timeout: "WEBHOOK_FAILURE_TIMEOUT",
};

function eventOf({ update_id, topic, pts, kind, subject_id, actor_id, happened_at }: DueDelivery): WebhookEvent {
  const happened = { topic, pts, kind, subject_id, actor_id, happened_at, message: undefined };
  const data = update_id === undefined ? undefined : { id: update_id, ...happened };
  return { type: kind, timestamp: happened_at, data };
}
