// The words of a search in names and titles.
import { ApiError } from "../errors.js";

/** More words than these no name and no title has. */
const mostWords = 20;

/** The different words of a search, each of which must occur. Throws SEARCH_TOO_BROAD when there are more than 20. */
export function searchWords(query: string | undefined): string[] {
  const words = [...new Set((query ?? "").split(/\s+/).filter(Boolean))];
  if (words.length > mostWords) throw new ApiError("SEARCH_TOO_BROAD", `A search has at most ${mostWords} words`);
  return words;
}
