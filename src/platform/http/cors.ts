// Cross-origin access (the Fetch standard, "CORS protocol"): for the origins that the operator names, and for every origin
// at public documents. Pages of named origins may send cookies, which browsers send within one site (SameSite=Lax).
import type { IncomingHttpHeaders } from "node:http";

export interface CorsOptions {
  /** Origins such as "https://school.example", whose pages may call everything. */
  readonly origins: readonly string[];
  /** Whether pages of every origin may read what is at a path: documents that hold nothing of a person. */
  readonly isPublic: (path: string) => boolean;
  /** Called with each origin that is refused, once for each origin. */
  readonly onRefused: (origin: string) => void;
}

export interface CrossOrigin {
  /** Headers of the answer to a request, as name, value, name, value; none where its origin is not allowed. */
  readonly headers: (path: string, request: IncomingHttpHeaders) => readonly string[];
  /** Further headers of the answer to a preflight; undefined for every other request, and where its origin is refused. */
  readonly preflight: (method: string, path: string, request: IncomingHttpHeaders) => readonly string[] | undefined;
  /** What Vary names beside the rest. */
  readonly vary: string;
}

const exposed = [
  "Access-Control-Expose-Headers",
  "ETag, Idempotency-Replayed, Location, X-Request-Id, X-Protobuf-Message, RateLimit, RateLimit-Policy, Retry-After, WWW-Authenticate, Allow",
] as const;

/** Headers of what the pages of every origin may read. */
export const anyOrigin = ["Access-Control-Allow-Origin", "*", ...exposed] as const;

const preflightHeaders = [
  "Access-Control-Allow-Methods",
  "GET, HEAD, POST, PUT, PATCH, DELETE",
  "Access-Control-Allow-Headers",
  // traceparent, tracestate and baggage: W3C Trace Context and Baggage, which browser instrumentation sends.
  "Accept, Authorization, baggage, Content-Encoding, Content-Type, Idempotency-Key, If-Match, If-None-Match, traceparent, tracestate, X-API-Key, X-Request-Id",
  "Access-Control-Max-Age",
  "600",
] as const;

/** So many refused origins are remembered; beyond that none is reported any more. */
const rememberedOrigins = 1000;

/** Compiles the rules of cross-origin access. */
export function crossOrigin({ origins, isPublic, onRefused }: CorsOptions): CrossOrigin {
  const allowed = new Map(
    origins.map((origin) => [
      origin,
      ["Access-Control-Allow-Origin", origin, "Access-Control-Allow-Credentials", "true", ...exposed],
    ]),
  );
  const refused = new Set<string>();

  const report = (origin: string, host: string | undefined): void => {
    if (refused.has(origin) || refused.size >= rememberedOrigins || isSameHost(origin, host)) return;
    refused.add(origin);
    onRefused(origin);
  };
  const headers: CrossOrigin["headers"] = (path, { origin, host }) => {
    // Whatever the origin, also where none is named: a cache may give one page's answer to another.
    if (isPublic(path)) return anyOrigin;
    if (origin === undefined) return [];
    const known = allowed.get(origin);
    if (!known) report(origin, host);
    return known ?? [];
  };
  return {
    headers,
    vary: origins.length > 0 ? ", Origin" : "",
    preflight: (method, path, request) => {
      if (method !== "OPTIONS" || request["access-control-request-method"] === undefined) return undefined;
      return headers(path, request).length > 0 ? preflightHeaders : undefined;
    },
  };
}

/** A page of this server names its own origin on changes. The scheme is not compared: a proxy may have ended TLS. */
function isSameHost(origin: string, host: string | undefined): boolean {
  return URL.canParse(origin) && new URL(origin).host === host?.toLowerCase();
}
