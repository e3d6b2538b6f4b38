// Compares the audit with its chain: which events were changed, are missing, were moved or inserted. Reads batch by batch, so that
// its memory does not grow with the audit.
import type { AuditEvent } from "../../gen/lyceum/v1/audit.js";
import type { Database } from "../database/database.js";
import { type ChainKey, type Head, type Entry, noHead } from "./chain.js";
import { findPosition, type ChainedEvent, listEntries, listPlaces } from "./chain-store.js";

/** Something that is not as it was recorded. */
export interface AuditFault {
  readonly kind: "changed" | "missing" | "moved" | "inserted" | "unknown-key";
  /** The position in the chain; absent for an event that is not in it. */
  readonly position?: number;
  /** The last of several missing positions. */
  readonly until?: number;
  /** The id of the event; absent where nothing is left of it. */
  readonly eventId?: number;
}

/** What was found beside faults. */
export interface AuditSummary {
  /** The last entry; `noHead` of an empty chain. */
  head: Head;
  /** How many entries there are. */
  entries: number;
  /** How many events wait for their entry. */
  waiting: number;
  /** The position of the anchor; undefined when no whole entry has its hash, or none was given. */
  anchoredAt: number | undefined;
}

export interface VerifyOptions {
  /** All keys with which entries may have been made. */
  readonly keys: readonly ChainKey[];
  /** The hash of an earlier head. */
  readonly anchor?: Buffer;
  /** How many rows are read at once; 1,000 when absent. */
  readonly batch?: number;
}

/** For how many changed events it is looked up whether they stood elsewhere, which reads the whole chain. */
const mostLookups = 100;
const lookupMs = 60_000;

/** Yields each fault, the entries first, in the order of their positions; returns the summary. */
export async function* verifyAudit(
  database: Database,
  { keys, anchor, batch = 1_000 }: VerifyOptions,
): AsyncGenerator<AuditFault, AuditSummary> {
  const summary: AuditSummary = { head: noHead, entries: 0, waiting: 0, anchoredAt: undefined };
  const byId = new Map(keys.map((key) => [key.id, key]));
  let before: Pick<Entry, "position" | "event_id"> = { position: Number.MIN_SAFE_INTEGER, event_id: 0 };
  // The hash of the entry before; undefined when it has a fault of its own, which is not one of the next entry too.
  let previous: Buffer | undefined = noHead.hash;
  let lookups = 0;

  for (let full = true; full;) {
    const entries = await listEntries(database, before, batch);
    for (const entry of entries) {
      const { position, event_id: eventId } = entry;
      const next = summary.head.position + 1;
      if (position > next) yield missing(next, position - 1);
      const isRepeated = position < next;
      const fault: AuditFault | undefined = isRepeated
        ? { kind: "inserted", position, eventId }
        : faultOf(entry, byId.get(entry.key_id), position === next ? previous : undefined);
      if (fault?.kind === "changed" && lookups++ < mostLookups && (await stoodElsewhere(entry, byId)))
        yield { ...fault, kind: "moved" };
      else if (fault) yield fault;
      else if (anchor?.equals(entry.hash)) summary.anchoredAt = position;
      summary.entries += 1;
      if (isRepeated) continue;
      summary.head = { position, hash: entry.hash };
      previous = fault ? undefined : entry.hash;
    }
    full = entries.length === batch;
    before = entries.at(-1) ?? before;
  }

  for (let afterId = Number.MIN_SAFE_INTEGER, full = true; full;) {
    const places = await listPlaces(database, afterId, batch);
    for (const { id, is_chained, is_queued } of places) {
      if (!is_chained && is_queued) summary.waiting += 1;
      if (!is_chained && !is_queued) yield { kind: "inserted", eventId: id };
    }
    full = places.length === batch;
    afterId = places.at(-1)?.id ?? afterId;
  }
  return summary;

  /** Whether the event that stands at an entry was chained at another position. */
  async function stoodElsewhere(entry: ChainedEvent, known: ReadonlyMap<string, ChainKey>): Promise<boolean> {
    const event = eventOf(entry);
    const hash = event && known.get(entry.key_id)!.eventHash(event);
    const position =
      hash && (await database.transaction((queries) => findPosition(queries, hash), { timeoutMs: lookupMs }));
    return position !== undefined && position !== entry.position;
  }
}

function missing(position: number, until: number): AuditFault {
  return { kind: "missing", position, ...(until > position && { until }) };
}

/** The fault of an entry; `previous` is the hash of the entry before it, undefined when that is not known. */
function faultOf(entry: ChainedEvent, key: ChainKey | undefined, previous: Buffer | undefined): AuditFault | undefined {
  const { position, event_id: eventId } = entry;
  const event = eventOf(entry);
  if (!event) return { kind: "missing", position, eventId };
  if (!key) return { kind: "unknown-key", position, eventId };
  if (!key.eventHash(event).equals(entry.event_hash)) return { kind: "changed", position, eventId };
  const isInPlace = key.entryHash(entry).equals(entry.hash) && (previous?.equals(entry.previous_hash) ?? true);
  return isInPlace ? undefined : { kind: "moved", position, eventId };
}

function eventOf(entry: ChainedEvent): AuditEvent | undefined {
  return entry.id === undefined ? undefined : (entry as AuditEvent);
}
