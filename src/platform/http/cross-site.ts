// Which requests a page of another origin may have sent (Fetch Metadata; RFC 6454; OWASP, "Cross-Site Request Forgery Prevention").
// A browser sends the cookies of a session with them, so that a change is refused.
import type { IncomingMessage } from "node:http";

export interface OwnPages {
  /** The origin of the server for people: https://lyceum.school.example. */
  readonly publicUrl: string;
  /** Further origins whose pages may call everything. */
  readonly corsOrigins: readonly string[];
}

type Request = Pick<IncomingMessage, "headers" | "method">;

/** The media types that a page of any origin can send without asking first (the Fetch standard, "CORS-safelisted request-header"). */
const simpleTypes: ReadonlySet<string> = new Set([
  "application/x-www-form-urlencoded",
  "multipart/form-data",
  "text/plain",
]);

/**
 * Makes a function that tells whether a page of another origin may have sent a request. Origin must be one of the own ones, exactly, or
 * with Sec-Fetch-Site "same-origin" that of the address itself. A request without both headers is no page's when no page could send it
 * without the CORS protocol's permission: by its verb, or by its Content-Type.
 */
export function crossSite({ publicUrl, corsOrigins }: OwnPages): (request: Request) => boolean {
  const own = new Set([publicUrl, ...corsOrigins]);
  return ({ method, headers }) => {
    const { origin, host, "sec-fetch-site": site, "content-type": type } = headers;
    if (origin !== undefined && !own.has(origin) && !(site === "same-origin" && hostOf(origin) === host?.toLowerCase()))
      return true;
    if (site !== undefined) {
      const isOwn = site === "same-origin" || site === "none" || (site === "same-site" && origin !== undefined);
      return !isOwn;
    }
    return origin === undefined && method === "POST" && isSimple(type);
  };
}

/** The host of an origin; undefined for "null" and for what is none. A proxy may have ended TLS, so that the scheme tells nothing. */
function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}

function isSimple(contentType: string | undefined): boolean {
  const essence = (contentType ?? "").split(";")[0]!.trim().toLowerCase();
  return !/^[\w.+-]+\/[\w.+-]+$/.test(essence) || simpleTypes.has(essence);
}
