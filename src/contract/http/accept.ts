// The Accept header as ranked media ranges (RFC 9110, section 12.5.1), and the choice among media types by these ranges.
import { parseMediaType, splitList, type MediaType } from "./media-type.js";

/** One member of Accept. */
interface Range extends MediaType {
  /** From 0 to 1; 0 excludes. */
  readonly q: number;
}

/** Whether the parameters of a range match a media type. */
export type Fits = (params: ReadonlyMap<string, string>, type: string) => boolean;

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
export function choose(ranges: readonly Range[], types: readonly string[], fits: Fits): string | undefined {
  let best: { type: string; match: Match } | undefined;
  for (const type of types) {
    const match = matchOf(ranges, type, fits);
    if (match && match.q > 0 && (!best || compare(match, best.match) < 0)) best = { type, match };
  }
  return best?.type;
}

/** Whether a range with the exact name of the type, not a wildcard, accepts it. */
export function isNamed(ranges: readonly Range[], type: string, fits: Fits): boolean {
  return ranges.some((range) => range.type === type && range.q > 0 && fits(range.params, type));
}

interface Match {
  readonly q: number;
  readonly specificity: number;
  readonly order: number;
}

function compare(a: Match, b: Match): number {
  return b.q - a.q || b.specificity - a.specificity || a.order - b.order;
}

/** The most specific range for a type; of several equally specific ones, the one with the highest q. */
function matchOf(ranges: readonly Range[], type: string, fits: Fits): Match | undefined {
  let best: Match | undefined;
  ranges.forEach((range, order) => {
    const specificity = specificityFor(range, type);
    if (specificity === 0 || !fits(range.params, type)) return;
    const isBetter = !best || specificity > best.specificity || (specificity === best.specificity && range.q > best.q);
    if (isBetter) best = { q: range.q, specificity, order };
  });
  return best;
}

/** 0 when the range does not match the type. A parameter with a meaning makes a range more specific. */
function specificityFor(range: Range, type: string): number {
  if (range.type === type) return knownParams.some((name) => range.params.has(name)) ? 4 : 3;
  if (range.type === `${type.slice(0, type.indexOf("/"))}/*`) return 2;
  return range.type === "*/*" ? 1 : 0;
}

/** Reads a weight, clamped to 0..1; 1 when it cannot be read. */
function quality(text: string | undefined): number {
  if (text === undefined || text === "" || /[^0-9.-]/.test(text)) return 1;
  const value = Number(text);
  return Number.isNaN(value) ? 1 : Math.min(Math.max(value, 0), 1);
}
