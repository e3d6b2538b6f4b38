// The regular expression of the whole numbers in a range, as text: ProtoJSON has 64-bit integers as strings, for which JSON
// Schema has no other bounds.

/**
 * Matches the decimal form, without zeros in front, of each whole number from `min` to `max` and nothing else; both are safe
 * integers. A range without numbers matches nothing.
 */
export function integerPattern(min: number, max: number): string {
  // Up to this number, each is there with either sign.
  const both = Math.max(0, Math.min(-min, max));
  const all = [
    ...(min <= 0 && max >= 0 ? ["0"] : []),
    ...(both > 0 ? [`-?${either(naturals(1, both))}`] : []),
    ...naturals(Math.max(both + 1, -max), -min).map((text) => `-${text}`),
    ...naturals(Math.max(both + 1, min), max),
  ];
  return all.length === 0 ? "^(?!)" : `^${either(all)}$`;
}

/** From `min` to `max`, both above zero. */
function naturals(min: number, max: number): string[] {
  const found: string[] = [];
  for (let low = min; low <= max;) {
    const { length } = String(low);
    if (low === 10 ** (length - 1) && 10 ** length - 1 <= max) {
      const longest = String(max + 1).length - 1;
      found.push(`[1-9]${digits(length - 1, longest - 1)}`);
      low = 10 ** longest;
    } else {
      const high = Math.min(max, 10 ** length - 1);
      found.push(...ofOneLength(String(low), String(high)));
      low = high + 1;
    }
  }
  return found;
}

/** From `low` to `high`, which have as many digits. */
function ofOneLength(low: string, high: string): string[] {
  if (low === "" || low === high) return [low];
  if (/^0+$/.test(low) && /^9+$/.test(high)) return [digits(low.length, low.length)];
  const [first, last] = [Number(low[0]), Number(high[0])];
  const rest = low.length - 1;
  const [lows, highs] = [low.slice(1), high.slice(1)];
  if (first === last) return [first + either(ofOneLength(lows, highs))];
  // The first digits behind which any digits may follow.
  const from = /^0*$/.test(lows) ? first : first + 1;
  const to = /^9*$/.test(highs) ? last : last - 1;
  return [
    ...(from === first ? [] : [first + either(ofOneLength(lows, "9".repeat(rest)))]),
    ...(from > to ? [] : [(from === to ? String(from) : `[${from}-${to}]`) + digits(rest, rest)]),
    ...(to === last ? [] : [last + either(ofOneLength("0".repeat(rest), highs))]),
  ];
}

function digits(least: number, most: number): string {
  if (most === 0) return "";
  if (most === 1 && least === 1) return "[0-9]";
  return least === most ? `[0-9]{${least}}` : `[0-9]{${least},${most}}`;
}

function either(patterns: readonly string[]): string {
  return patterns.length === 1 ? patterns[0]! : `(?:${patterns.join("|")})`;
}
