// Cross-origin access for the origins that the operator names (the Fetch standard, "CORS protocol"). Bearer tokens need
// no credentials mode, so none is allowed.
import type { IncomingHttpHeaders } from "node:http";

/** The headers of an answer to this request, as name, value, name, value; empty when its origin is not allowed. */
export type Cors = (request: IncomingHttpHeaders) => readonly string[];

export interface CrossOrigin {
  /** For every answer. */
  readonly headers: Cors;
  /** For a preflight; undefined when the request is none of an allowed origin. */
  readonly preflight: (method: string, request: IncomingHttpHeaders) => readonly string[] | undefined;
  /** What Vary says beside the rest. */
  readonly vary: string;
}

const exposed = "ETag, Location, X-Request-Id, X-Protobuf-Message, Retry-After, WWW-Authenticate, Allow";
const allowedHeaders = "Accept, Authorization, Content-Encoding, Content-Type, If-Match, If-None-Match, X-Request-Id";

/** Compiles the rules for a list of origins such as "https://school.example". */
export function crossOrigin(origins: readonly string[]): CrossOrigin {
  const answers = new Map<string, readonly string[]>(
    origins.map((origin) => [
      origin,
      ["Access-Control-Allow-Origin", origin, "Access-Control-Expose-Headers", exposed],
    ]),
  );
  const headers: Cors = ({ origin }) => (origin === undefined ? [] : (answers.get(origin) ?? []));
  return {
    headers,
    vary: origins.length > 0 ? ", Origin" : "",
    preflight: (method, request) => {
      if (method !== "OPTIONS" || request["access-control-request-method"] === undefined) return undefined;
      if (headers(request).length === 0) return undefined;
      return [
        "Access-Control-Allow-Methods",
        "GET, HEAD, POST, PUT, PATCH, DELETE",
        "Access-Control-Allow-Headers",
        allowedHeaders,
        "Access-Control-Max-Age",
        "600",
      ];
    },
  };
}
