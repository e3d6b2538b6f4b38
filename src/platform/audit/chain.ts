// The chain of the audit: an entry for each event, whose hash depends on the event, its position and the entry before it. The hashes
// are keyed (HMAC), so that only who knows the server's secret key can make an entry.
import { createHash, createHmac } from "node:crypto";
import type { AuditEvent } from "../../gen/lyceum/v1/audit.js";
import { deriveKey } from "../secrets/derived-key.js";

/** An entry. */
export interface Entry {
  /** 1, 2, 3 ... without a gap. */
  readonly position: number;
  readonly event_id: number;
  /** The id of the key of the hashes. */
  readonly key_id: string;
  /** The hash of the entry before; 32 zeros for the first. */
  readonly previous_hash: Buffer;
  /** Of all columns of the event but its id. */
  readonly event_hash: Buffer;
  /** Of everything above. */
  readonly hash: Buffer;
}

/** The end of a chain. */
export type Head = Pick<Entry, "position" | "hash">;

/** The head of an empty chain. */
export const noHead: Head = { position: 0, hash: Buffer.alloc(32) };

/** A key of the chain. */
export interface ChainKey {
  /** Eight letters, which tell one key from another. */
  readonly id: string;
  eventHash(event: AuditEvent): Buffer;
  entryHash(entry: Omit<Entry, "hash">): Buffer;
}

/** The key of the chain that belongs to a SECRET_KEY. */
export function chainKey(secretKey: string | Uint8Array): ChainKey {
  const key = deriveKey(secretKey, "audit chain");
  const sign = (values: readonly unknown[]): Buffer =>
    createHmac("sha256", key).update(JSON.stringify(values)).digest();
  return {
    id: createHash("sha256").update("lyceum audit key").update(key).digest("hex").slice(0, 8),
    eventHash: ({ created_at, actor_id, means, action, target_type, target_id, outcome, count, address, request_id }) =>
      sign([
        "event",
        created_at,
        actor_id ?? null,
        means,
        action,
        target_type,
        target_id,
        outcome,
        count,
        address,
        request_id,
      ]),
    entryHash: ({ position, event_id, key_id, previous_hash, event_hash }) =>
      sign(["entry", position, event_id, key_id, previous_hash.toString("hex"), event_hash.toString("hex")]),
  };
}

/** The entries of events behind a head, in their order. */
export function entriesOf(events: readonly AuditEvent[], head: Head, key: ChainKey): Entry[] {
  const entries: Entry[] = [];
  for (const event of events) {
    const { position, hash: previous_hash } = entries.at(-1) ?? head;
    const entry = {
      position: position + 1,
      event_id: event.id,
      key_id: key.id,
      previous_hash,
      event_hash: key.eventHash(event),
    };
    entries.push({ ...entry, hash: key.entryHash(entry) });
  }
  return entries;
}
