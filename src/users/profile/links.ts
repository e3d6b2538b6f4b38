// The one spelling of the links of a profile. The patterns in user.proto have refused what is none of the service.
import type { ProfileLinks } from "../../gen/lyceum/v1/user.js";

/** The links that name one person: what their one spelling begins with, before the person's name there. */
const services = {
  telegram: "https://t.me/",
  github: "https://github.com/",
  stepik: "https://stepik.org/users/",
  kaggle: "https://www.kaggle.com/",
} as const;

/** Tops of names that are nobody's in the public DNS (RFC 6761, RFC 8375, RFC 9476 and what routers use). */
const privateTops = new Set(
  "alt arpa corp home internal intranet invalid lan local localhost localdomain onion test".split(" "),
);

/**
 * Links in their one spelling; what is absent or empty stays so. A website that not everybody can open, or whose spelling is longer
 * than 500 characters, is undefined in `website`, and `isRefused` is true.
 */
export function normalizeLinks(links: ProfileLinks): { readonly links: ProfileLinks; readonly isRefused: boolean } {
  const named = Object.entries(services).map(([field, start]) => {
    const text = links[field as keyof typeof services];
    return [field, text ? start + nameIn(text) : text];
  });
  const website = links.website ? normalizeWebsite(links.website) : links.website;
  return {
    links: { ...(Object.fromEntries(named) as ProfileLinks), website },
    isRefused: website === undefined && links.website !== undefined,
  };
}

/** The name in a text of a form that a pattern of user.proto has: the last part of the path. */
function nameIn(text: string): string {
  const path = text.replace(/[?#].*$/s, "").replace(/(?:(?<=\d)\/profile)?\/?$/, "");
  return path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("@")) + 1);
}

function normalizeWebsite(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (url.hostname.endsWith(".")) url.hostname = url.hostname.slice(0, -1);
  const labels = url.hostname.split(".");
  const top = labels.at(-1)!;
  // Only an address has a top that begins with a digit, or brackets.
  const isPublic = labels.length > 1 && !labels.includes("") && /^[a-z]/.test(top) && !privateTops.has(top);
  return isPublic && url.href.length <= 500 ? url.href : undefined;
}
