// What a person types into the search of messages, cut into words and phrases. Postgres gets no operator of theirs: its parser
// of searches refuses some texts, and others cost more than any answer is worth.
import { ApiError } from "../../errors.js";

/** An excluded or a wanted phrase, which an unclosed quote continues to the end; or a word. */
const term = /(-?)"([^"]*)"?|([^\s"]+)/gu;
/** More than these, and a search cannot be meant. */
const mostTerms = 50;

/**
 * The search as the text of a tsquery: quoted terms, between which there are `&` and `!` alone. Empty when there is no word in
 * it, which finds nothing. Throws SEARCH_TOO_BROAD when it only excludes, or has more than 50 words and phrases.
 */
export function searchTerms(query: string): string {
  const wanted = new Set<string>();
  const excluded = new Set<string>();
  for (const [, minus, phrase, word = ""] of query.matchAll(term)) {
    // Two minuses and more are how programs write an option.
    const isExcluded = phrase === undefined ? /^-[^-]/.test(word) : minus === "-";
    const text = phrase ?? word;
    if (/[\p{L}\p{N}]/u.test(text))
      (isExcluded ? excluded : wanted).add(quoted(isExcluded && !phrase ? text.slice(1) : text));
  }
  if (wanted.size + excluded.size > mostTerms)
    throw new ApiError("SEARCH_TOO_BROAD", `A search has at most ${mostTerms} words and phrases`);
  if (wanted.size === 0 && excluded.size > 0)
    throw new ApiError("SEARCH_TOO_BROAD", "A search needs a word to find beside those that it excludes");
  return [...wanted, ...[...excluded].map((each) => `!${each}`)].join(" & ");
}

/** Within quotes everything is text, save a quote and a backslash, which are doubled. */
function quoted(text: string): string {
  return `'${text.replace(/['\\]/g, "$&$&")}'`;
}
