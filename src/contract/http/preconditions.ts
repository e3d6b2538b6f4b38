// Preconditions (RFC 9110, section 13): If-Match and If-None-Match, read in full, and what they permit. If-Match comes first.
// Nothing here has a Last-Modified, so that preconditions on a date are ignored, as section 13.1.4 asks.
import type { IncomingHttpHeaders } from "node:http";
import { ApiError } from "../../errors.js";

/** The tags of a header, or `*`: whatever exists. */
type Named = "*" | readonly { readonly isWeak: boolean; readonly value: string }[];

/** The versions that may be changed: those named, or all others. In SQL: `(version = any(named)) <> areExcluded`. */
export interface Versions {
  readonly named: readonly number[];
  readonly areExcluded: boolean;
}

/** What is known of a resource without asking for it. */
export interface KnownState {
  /** Whether it exists when the method succeeds; undefined where that is not known. */
  readonly exists: boolean | undefined;
  /** Whether a GET of it has a tag. */
  readonly isTagged: boolean;
}

/** In characters, of each of the two headers. */
const longest = 8192;

/** The preconditions of one request. */
export class Precondition {
  /** The one of a request without any. */
  static readonly none = new Precondition(undefined, undefined);

  private constructor(
    private readonly match: Named | undefined,
    private readonly noneMatch: Named | undefined,
  ) {}

  /** Throws MALFORMED_REQUEST when a header is neither `*` nor a list of entity tags, or has more than 8,192 characters. */
  static of(headers: IncomingHttpHeaders): Precondition {
    const { "if-match": match, "if-none-match": noneMatch } = headers;
    if (match === undefined && noneMatch === undefined) return Precondition.none;
    return new Precondition(readTags("If-Match", match), readTags("If-None-Match", noneMatch));
  }

  /** Whether the request has none, so that everything is permitted. */
  get isNone(): boolean {
    return this.match === undefined && this.noneMatch === undefined;
  }

  /** The versions of an existing resource that may be changed. A tag of another form than ours names no version. */
  get versions(): Versions {
    const { match, noneMatch } = this;
    if (noneMatch === "*") return { named: [], areExcluded: false };
    const excluded = versionsIn(noneMatch ?? []);
    if (match === undefined || match === "*") return { named: excluded, areExcluded: true };
    return { named: versionsIn(match).filter((version) => !excluded.includes(version)), areExcluded: false };
  }

  /** Whether an existing resource in this version may be changed. */
  permitsVersion(version: number): boolean {
    const { named, areExcluded } = this.versions;
    return named.includes(version) !== areExcluded;
  }

  /** Whether a resource with this tag may be changed; without one it does not exist. */
  permits(tag: string | undefined): boolean {
    return this.isMatched(tag) && !this.isNoneMatched(tag);
  }

  /** Whether the preconditions certainly hold, for a change by a method that does not evaluate them. */
  isProven({ exists, isTagged }: KnownState): boolean {
    const { match, noneMatch } = this;
    const isMatched = match === undefined || (match === "*" && exists === true);
    return isMatched && (noneMatch === undefined || (noneMatch === "*" ? exists === false : !isTagged));
  }

  /**
   * Whether the client has the answer to a read already, which is then 304. Without a tag it has not. Throws
   * PRECONDITION_FAILED when If-Match does not name the tag.
   */
  isNotModified(tag: string | undefined): boolean {
    const isMatched = tag === undefined ? this.match === undefined || this.match === "*" : this.isMatched(tag);
    if (!isMatched) throw new ApiError("PRECONDITION_FAILED", "If-Match does not name the tag of the answer");
    return tag !== undefined && this.isNoneMatched(tag);
  }

  /** Without If-Match, or by the strong comparison of RFC 9110, section 8.8.3.2. */
  private isMatched(tag: string | undefined): boolean {
    const { match } = this;
    if (match === undefined) return true;
    if (tag === undefined) return false;
    return match === "*" || match.some(({ isWeak, value }) => !isWeak && value === tag);
  }

  /** By the weak comparison. */
  private isNoneMatched(tag: string | undefined): boolean {
    const { noneMatch } = this;
    if (noneMatch === undefined || tag === undefined) return false;
    return noneMatch === "*" || noneMatch.some(({ value }) => value === tag);
  }
}

/** The versions in tags of the form `"<version>.<...>"`, each once. */
function versionsIn(tags: Exclude<Named, "*">): number[] {
  const found = tags.flatMap(({ value }) => {
    const version = Number(/^(\d{1,15})\./.exec(value)?.[1]);
    return Number.isSafeInteger(version) ? [version] : [];
  });
  return [...new Set(found)];
}

function readTags(name: string, header: string | undefined): Named | undefined {
  if (header === undefined) return undefined;
  if (header.length > longest) throw new ApiError("MALFORMED_REQUEST", `${name} has more than ${longest} characters`);
  if (header.trim() === "*") return "*";
  const tags: { isWeak: boolean; value: string }[] = [];
  const member = /[ \t]*(?:(W\/)?"([\x21\x23-\x7e\x80-\xff]*)"[ \t]*)?(?:,|$)/y;
  while (member.lastIndex < header.length) {
    const found = member.exec(header);
    if (!found) throw new ApiError("MALFORMED_REQUEST", `${name} is neither * nor a list of tags such as "3.abc-json"`);
    if (found[2] !== undefined) tags.push({ isWeak: found[1] !== undefined, value: found[2] });
  }
  return tags;
}
