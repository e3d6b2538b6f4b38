// The header Range (RFC 9110, section 14): which bytes of a content are asked for. A client that asks for more parts than a reader
// needs gets the whole.

/** From `start` to `end`, both included. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** In parts, and in characters of the header. */
const most = { parts: 16, length: 1024 };

/**
 * The ranges of a content of `size` bytes, in the order of the content, those that touch or overlap as one; empty when there is none
 * of the bytes. Undefined where the header is to be ignored: it is malformed, of another unit, or of more than 16 parts.
 */
export function readRanges(header: string | undefined, size: number): readonly ByteRange[] | undefined {
  const list = header !== undefined && header.length <= most.length ? /^bytes=(.*)$/i.exec(header)?.[1] : undefined;
  if (list === undefined) return undefined;
  const members = list
    .split(",")
    .map((member) => member.trim())
    .filter((member) => member !== "");
  if (members.length === 0 || members.length > most.parts) return undefined;
  const ranges: ByteRange[] = [];
  for (const member of members) {
    const range = readRange(member, size);
    if (!range) return undefined;
    if (range.start <= range.end) ranges.push(range);
  }
  return merged(ranges);
}

/** One that is empty where it begins behind the end. Undefined for what is malformed. */
function readRange(text: string, size: number): ByteRange | undefined {
  const found = /^(\d*)-(\d*)$/.exec(text);
  if (!found || text === "-") return undefined;
  const [, first, last] = found;
  // More digits than a safe integer has are more bytes than any content has.
  if (first === "") return { start: Math.max(0, size - Number(last)), end: size - 1 };
  const start = Number(first);
  if (last === "") return { start, end: size - 1 };
  if (Number(last) < start) return undefined;
  return { start, end: Math.min(Number(last), size - 1) };
}

function merged(ranges: readonly ByteRange[]): ByteRange[] {
  const list: ByteRange[] = [];
  for (const range of ranges.toSorted((a, b) => a.start - b.start)) {
    const before = list.at(-1);
    if (before && range.start <= before.end + 1)
      list.splice(-1, 1, { start: before.start, end: Math.max(before.end, range.end) });
    else list.push(range);
  }
  return list;
}
