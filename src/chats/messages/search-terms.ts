// What a person types into the search of messages, cut into words and phrases. Postgres gets no operator of theirs: its parser
// of searches refuses some texts, and others cost more than any answer is worth.
import { ApiError } from "../../errors.js";

/** An excluded or a wanted phrase, which an unclosed quote continues to the end; or a word. U+FEFF is no white space to Postgres. */
const term = /(-?)"([^"]*)"?|((?:[^\s"]|\ufeff)+)/gu;
/** More than these, and a search cannot be meant. */
const mostTerms = 50;

export interface SearchTerms {
  /** Words and phrases, all of which must occur. */
  readonly wanted: readonly string[];
  /** Words and phrases, none of which may occur. */
  readonly excluded: readonly string[];
  /** Whether it excludes, and says nothing of what it wants. */
  readonly onlyExcludes: boolean;
}

/** The words and phrases of a search. Throws SEARCH_TOO_BROAD when it has more than 50. */
export function searchTerms(query: string): SearchTerms {
  const wanted = new Set<string>();
  const excluded = new Set<string>();
  for (const [, minus, phrase, word = ""] of query.matchAll(term)) {
    // Two minuses and more are how programs write an option; a minus before other signs is one of them.
    const isExcluded = phrase === undefined ? /^-[^-]/u.test(word) && says(word) : minus === "-" && says(phrase);
    const text = phrase ?? word;
    (isExcluded ? excluded : wanted).add(isExcluded && phrase === undefined ? text.slice(1) : text);
  }
  if (wanted.size + excluded.size > mostTerms)
    throw new ApiError("SEARCH_TOO_BROAD", `A search has at most ${mostTerms} words and phrases`);
  // Nothing but quotes is a text as well.
  if (wanted.size + excluded.size === 1 && wanted.has(""))
    return { wanted: [query], excluded: [], onlyExcludes: false };
  return { wanted: [...wanted], excluded: [...excluded], onlyExcludes: excluded.size > 0 && ![...wanted].some(says) };
}

function says(text: string): boolean {
  return /[\p{L}\p{N}\p{Extended_Pictographic}]/u.test(text);
}
