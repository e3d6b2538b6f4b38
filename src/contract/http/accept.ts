// The Accept header as ranked media ranges (RFC 9110, section 12.5.1), and the choice among media types by these ranges.
import { parseMediaType, splitList, type MediaType } from "./media-type.js";

/** One member of Accept. */
export interface Range extends MediaType {
  /** From 0 to 1; 0 excludes. */
  readonly q: number;
}

/** What the ranges of Accept are compared with. */
export interface Offer {
  /** Whether the parameters of a range match a media type. */
  fits(params: ReadonlyMap<string, string>, type: string): boolean;
  /** The type of which `type` is another name; of a type that is no alias, the type itself. */
  mainType(type: string): string;
}

/** The limits of Accept: its length in UTF-16 units, and the number of its members. */
const limits = { length: 8192, members: 64 };

/** The parameters of media types that have a meaning here; others are ignored. */
const knownParams: readonly string[] = ["charset", "encoding", "version", "messagetype", "proto"];

/** The members of Accept. Empty when none can be read; undefined when Accept exceeds the limits. */
export function readAccept(accept: string | undefined): readonly Range[] | undefined {
  if (accept === undefined) return [];
  if (accept.length > limits.length) return undefined;
  const members = splitList(accept);
  if (members.length > limits.members) return undefined;
  return members.flatMap((member) => {
    const range = parseMediaType(/^\*(?!\/)/.test(member) ? `*/${member}` : member);
    return range ? [{ ...range, q: quality(range.params.get("q")) }] : [];
  });
}

/**
 * The type that a client wants most: by q, then by how specific its range is, then by the order in Accept, then by the
 * order of `types`. Undefined when the ranges exclude all of them.
 */
export function choose(ranges: readonly Range[], types: readonly string[], offer: Offer): string | undefined {
  let best: { type: string; match: Match } | undefined;
  for (const type of types) {
    const match = matchOf(ranges, type, offer);
    if (match && match.q > 0 && (!best || compare(match, best.match) < 0)) best = { type, match };
  }
  return best?.type;
}

/** What Accept says of a type: 2 when it is acceptable, 1 when no range matches it, 0 when it is excluded by q=0. */
export function standing(ranges: readonly Range[], type: string, offer: Offer): 0 | 1 | 2 {
  const match = matchOf(ranges, type, offer);
  return !match ? 1 : match.q > 0 ? 2 : 0;
}

/** The weight that a type has in Accept; 0 when no range matches it. */
export function weight(ranges: readonly Range[], type: string, offer: Offer): number {
  return matchOf(ranges, type, offer)?.q ?? 0;
}

interface Match {
  readonly q: number;
  readonly specificity: number;
  readonly order: number;
}

function compare(a: Match, b: Match): number {
  return b.q - a.q || b.specificity - a.specificity || a.order - b.order;
}

/**
 * The match of a type. An alias that is not named has the q of its main type: who excludes a type does not get it under
 * another name.
 */
function matchOf(ranges: readonly Range[], type: string, offer: Offer): Match | undefined {
  const match = ownMatch(ranges, type, offer);
  if (!match || match.specificity > wildcard) return match;
  const main = offer.mainType(type);
  return main === type ? match : { ...match, q: ownMatch(ranges, main, offer)?.q ?? match.q };
}

/** The most specific range for a type; of several equally specific ones, the one with the highest q. */
function ownMatch(ranges: readonly Range[], type: string, { fits }: Offer): Match | undefined {
  let best: Match | undefined;
  ranges.forEach((range, order) => {
    const specificity = specificityFor(range, type);
    if (specificity === 0 || !fits(range.params, type)) return;
    const isBetter = !best || specificity > best.specificity || (specificity === best.specificity && range.q > best.q);
    if (isBetter) best = { q: range.q, specificity, order };
  });
  return best;
}

// The specificity of `application/*`; that of a name is higher.
const wildcard = 2;

/** 0 when the range does not match the type. A parameter with a meaning makes a range more specific. */
function specificityFor(range: Range, type: string): number {
  if (range.type === type) return knownParams.some((name) => range.params.has(name)) ? 4 : 3;
  if (range.type === `${type.slice(0, type.indexOf("/"))}/*`) return wildcard;
  return range.type === "*/*" ? 1 : 0;
}

/** Reads a weight, clamped to 0..1; 1 when it cannot be read. */
export function quality(text: string | undefined): number {
  if (text === undefined || text === "" || /[^0-9.-]/.test(text)) return 1;
  const value = Number(text);
  return Number.isNaN(value) ? 1 : Math.min(Math.max(value, 0), 1);
}
