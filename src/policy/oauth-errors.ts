// The errors of a form of OAuth 2.0 (RFC 6749, section 5.2): every refusal has an error code, and a wrong form or wrong credentials
// have status 400.
import { ApiError, type ProblemDetails, type Reason } from "../errors.js";

type Violations = NonNullable<ProblemDetails["violations"]>;

/** The reasons of methods that ask for credentials with 401, which OAuth does for those of a client alone. */
const ofGrants: ReadonlySet<Reason> = new Set<Reason>(["INVALID_CREDENTIALS", "INVALID_REFRESH_TOKEN"]);

/** The error as a client of OAuth reads it. `status` is that of its reason. */
export function oauthError({ reason, detail, more }: ApiError, status: number): ApiError {
  const { violations = [], headers = {} } = more;
  const { "WWW-Authenticate": _, ...others } = headers;
  const told = (error: string, description = detail): ProblemDetails => ({
    ...more,
    oauth: { error, description: asciiOf(description) },
    headers: others,
  });
  if (ofGrants.has(reason)) return new ApiError("INVALID_GRANT", detail, told("invalid_grant"));
  if (reason === "INVALID_FIELDS") {
    const description = violations.map(({ field, message }) => `${field} ${message}`).join("; ");
    return new ApiError("MALFORMED_REQUEST", detail, told(errorOf(violations), description));
  }
  return new ApiError(reason, detail, told(reason === "MFA_REQUIRED" ? "mfa_required" : generalError(status)));
}

/** A grant that is not served and a scope that is not to be had have codes of their own. */
function errorOf(violations: Violations): string {
  const isBroken = (name: string, ...rules: readonly string[]): boolean =>
    violations.some(({ field, rule }) => field === name && rules.includes(rule));
  const others = violations.filter(({ field }) => field !== "grant_type" && field !== "scope");
  if (others.length > 0 || isBroken("grant_type", "string.min_len")) return "invalid_request";
  return isBroken("grant_type", "string.in") ? "unsupported_grant_type" : "invalid_scope";
}

/** RFC 6749 has these two for the authorization endpoint; libraries know them everywhere. */
function generalError(status: number): string {
  if (status === 429 || status === 503) return "temporarily_unavailable";
  return status >= 500 ? "server_error" : "invalid_request";
}

/** The characters that an error_description may have. */
function asciiOf(text: string): string {
  return text.replace(/[^\x20\x21\x23-\x5b\x5d-\x7e]/g, "'");
}
