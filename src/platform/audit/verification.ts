// Compares the audit with its chain: which events were changed, are missing, were moved or inserted. Reads batch by batch, so that
// its memory does not grow with the audit.
import type { AuditEvent } from "../../gen/lyceum/v1/audit.js";
import type { Database } from "../database/database.js";
import { type ChainKey, type Head, type Link, noHead } from "./chain.js";
import { findPosition, type LinkedEvent, listLinks, listPlaces } from "./chain-store.js";

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
  /** The last link; `noHead` of an empty chain. */
  head: Head;
  /** How many links there are. */
  links: number;
  /** How many events wait for their link. */
  waiting: number;
  /** The position of the anchor; undefined when no whole link has its hash, or none was given. */
  anchoredAt: number | undefined;
}

export interface VerifyOptions {
  /** All keys with which links may have been made. */
  readonly keys: readonly ChainKey[];
  /** The hash of an earlier head. */
  readonly anchor?: Buffer;
  /** How many rows are read at once; 1,000 when absent. */
  readonly batch?: number;
}

/** For how many changed events it is looked up whether they stood elsewhere, which reads the whole chain. */
const mostLookups = 100;
const lookupMs = 60_000;

/** Yields each fault, the links first, in the order of their positions; returns the summary. */
export async function* verifyAudit(
  database: Database,
  { keys, anchor, batch = 1_000 }: VerifyOptions,
): AsyncGenerator<AuditFault, AuditSummary> {
  const summary: AuditSummary = { head: noHead, links: 0, waiting: 0, anchoredAt: undefined };
  const byId = new Map(keys.map((key) => [key.id, key]));
  let before: Pick<Link, "position" | "event_id"> = { position: Number.MIN_SAFE_INTEGER, event_id: 0 };
  // The hash of the link before; undefined when it has a fault of its own, which is not one of the next link too.
  let previous: Buffer | undefined = noHead.hash;
  let lookups = 0;

  for (let full = true; full;) {
    const links = await listLinks(database, before, batch);
    for (const link of links) {
      const { position, event_id: eventId } = link;
      const next = summary.head.position + 1;
      if (position > next) yield missing(next, position - 1);
      const isRepeated = position < next;
      const fault: AuditFault | undefined = isRepeated
        ? { kind: "inserted", position, eventId }
        : faultOf(link, byId.get(link.key_id), position === next ? previous : undefined);
      if (fault?.kind === "changed" && lookups++ < mostLookups && (await stoodElsewhere(link, byId)))
        yield { ...fault, kind: "moved" };
      else if (fault) yield fault;
      else if (anchor?.equals(link.hash)) summary.anchoredAt = position;
      summary.links += 1;
      if (isRepeated) continue;
      summary.head = { position, hash: link.hash };
      previous = fault ? undefined : link.hash;
    }
    full = links.length === batch;
    before = links.at(-1) ?? before;
  }

  for (let afterId = Number.MIN_SAFE_INTEGER, full = true; full;) {
    const places = await listPlaces(database, afterId, batch);
    for (const { id, is_linked, is_queued } of places) {
      if (!is_linked && is_queued) summary.waiting += 1;
      if (!is_linked && !is_queued) yield { kind: "inserted", eventId: id };
    }
    full = places.length === batch;
    afterId = places.at(-1)?.id ?? afterId;
  }
  return summary;

  /** Whether the event that stands at a link was chained at another position. */
  async function stoodElsewhere(link: LinkedEvent, known: ReadonlyMap<string, ChainKey>): Promise<boolean> {
    const event = eventOf(link);
    const hash = event && known.get(link.key_id)!.eventHash(event);
    const position =
      hash && (await database.transaction((queries) => findPosition(queries, hash), { timeoutMs: lookupMs }));
    return position !== undefined && position !== link.position;
  }
}

function missing(position: number, until: number): AuditFault {
  return { kind: "missing", position, ...(until > position && { until }) };
}

/** The fault of a link; `previous` is the hash of the link before it, undefined when that is not known. */
function faultOf(link: LinkedEvent, key: ChainKey | undefined, previous: Buffer | undefined): AuditFault | undefined {
  const { position, event_id: eventId } = link;
  const event = eventOf(link);
  if (!event) return { kind: "missing", position, eventId };
  if (!key) return { kind: "unknown-key", position, eventId };
  if (!key.eventHash(event).equals(link.event_hash)) return { kind: "changed", position, eventId };
  const isInPlace = key.linkHash(link).equals(link.hash) && (previous?.equals(link.previous_hash) ?? true);
  return isInPlace ? undefined : { kind: "moved", position, eventId };
}

function eventOf(link: LinkedEvent): AuditEvent | undefined {
  return link.id === undefined ? undefined : (link as AuditEvent);
}
