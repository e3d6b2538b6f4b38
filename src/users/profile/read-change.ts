// What to change of a person, read from a request that keeps the rules of the contract: links and lists in their one spelling.
import { ApiError } from "../../errors.js";
import type { UpdateUserRequest } from "../../gen/lyceum/v1/account.js";
import type { FieldViolation } from "../../gen/lyceum/v1/problem.js";
import type { UserChange } from "./change-store.js";
import { normalizeLinks } from "./links.js";
import { isReservedNick } from "./nick.js";

/**
 * The change that a request asks for. Throws INVALID_FIELDS, with all violations, for a reserved nick (nick.reserved) and for a website
 * that is no address on the public internet (link.website).
 */
export function readChange(
  request: Omit<UpdateUserRequest, "user_id" | "group_id" | "rating">,
  routeWords: ReadonlySet<string>,
): UserChange {
  const { profile: { about, links: sent = {}, tech_stack } = {}, ...plain } = request;
  const { links, isRefused } = normalizeLinks(sent);
  const violations: FieldViolation[] = [];
  if (plain.nick && isReservedNick(plain.nick, routeWords))
    violations.push(broken("nick", "nick.reserved", "is a word of a path, or could be taken for one"));
  if (isRefused)
    violations.push(broken("profile.links.website", "link.website", "must be an https URL that everybody can open"));
  const [first] = violations;
  if (first) throw new ApiError("INVALID_FIELDS", `${first.field} ${first.message}`, { violations });
  return { ...plain, about, ...links, tech_stack: tech_stack && distinct(tech_stack.words) };
}

function broken(field: string, rule: string, message: string): FieldViolation {
  return { field, pointer: `/${field.replaceAll(".", "/")}`, rule, message };
}

/** The words without those that differ from an earlier one in case alone. */
function distinct(words: readonly string[]): string[] {
  const firsts = new Map<string, string>();
  for (const word of words) {
    const key = word.normalize("NFC").toLowerCase();
    if (!firsts.has(key)) firsts.set(key, word);
  }
  return [...firsts.values()];
}
