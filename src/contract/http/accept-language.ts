// The Accept-Language header (RFC 9110, section 12.5.4), and the choice among languages by it. It does not know the languages.
import { quality } from "./accept.js";
import { splitList } from "./media-type.js";

/** The limits of Accept-Language: its length in UTF-16 units, and the number of its members. What is beyond is not read. */
const limits = { length: 1024, members: 64 };

/**
 * The language that a client wants most, of those that there are, the first of which is for clients that say nothing. A range such as
 * ru-RU asks for ru as well (RFC 4647, section 3.4). An excluded language (q=0) is chosen when all others are excluded too: no
 * request is refused over its language.
 */
export function preferredLanguage<Language extends string>(
  header: string | undefined,
  languages: readonly [Language, ...Language[]],
): Language {
  const ranges = readRanges(header ?? "");
  const wanted = languages.map((language) => ({ language, ...wantedBy(ranges, language) }));
  // The sort is stable: of equals the first of the languages.
  return wanted.toSorted((a, b) => b.q - a.q || a.order - b.order)[0]!.language;
}

interface Range {
  /** In lower case: `ru`, `ru-ru`, `*`. */
  readonly tag: string;
  readonly q: number;
  readonly order: number;
}

function readRanges(header: string): Range[] {
  return splitList(header.slice(0, limits.length))
    .slice(0, limits.members)
    .flatMap((member, order) => {
      const [tag, ...params] = member.split(";").map((part) => part.trim().toLowerCase());
      if (!/^(?:\*|[a-z]{1,8}(?:-[a-z0-9]{1,8})*)$/.test(tag!)) return [];
      const weight = params.find((param) => /^q\s*=/.test(param));
      return [{ tag: tag!, q: quality(weight?.replace(/^q\s*=\s*/, "")), order }];
    });
}

/** What the ranges say of a language: those that name it, else `*`, else that it is not excluded. */
function wantedBy(ranges: readonly Range[], language: string): Pick<Range, "q" | "order"> {
  const own = ranges.find(({ tag }) => tag === language);
  if (own?.q === 0) return own;
  const named = ranges.filter(({ tag, q }) => q > 0 && tag.split("-")[0] === language);
  const [best] = named.toSorted((a, b) => b.q - a.q);
  // Below every q that can be written, and above 0.
  return best ?? ranges.find(({ tag }) => tag === "*") ?? { q: 0.0001, order: ranges.length };
}
