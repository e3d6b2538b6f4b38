// Access tokens: JWTs that say who is calling and from which session (RFC 7519, RFC 9068's type, RFC 8725's advice).
// Knows nothing of requests, sessions that ended, or the database.
import { randomUUID } from "node:crypto";
import type { JWTPayload } from "jose";
import { SignJWT } from "jose/jwt/sign";
import { jwtVerify } from "jose/jwt/verify";
import type { Caller } from "../../call.js";
import { Role } from "../../gen/lyceum/v1/user.js";
import { deriveKey } from "./keys.js";

/** A token that was found good. */
export interface VerifiedToken {
  readonly caller: Caller;
  /** In milliseconds since 1970: from then on it is no longer good. */
  readonly expiresAt: number;
}

export interface AccessTokens {
  /** For how many seconds a token is good. */
  readonly seconds: number;
  /** A new token for this caller. */
  issue(caller: Caller): Promise<string>;
  /** Who the token speaks for; undefined when it is malformed, forged, expired or meant for something else. */
  verify(token: string): Promise<VerifiedToken | undefined>;
}

export interface AccessTokenOptions {
  readonly secretKey: string;
  readonly minutes: number;
  /** Milliseconds since 1970; Date.now when absent. */
  readonly now?: () => number;
}

const algorithm = "HS256";
const issuer = "lyceum";
const audience = "lyceum";
const type = "at+jwt";
/** How far the clocks of two of our servers may be apart. */
const leewaySeconds = 5;

// Ours have about 350 characters. A signature of 32 bytes has 43, and of the last one only four bits count: the pattern
// lets one spelling of it through.
const longest = 1024;
const shape = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/;
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Makes and verifies access tokens; the key is imported once, which halves the cost of each verification. */
export async function createAccessTokens(options: AccessTokenOptions): Promise<AccessTokens> {
  const now = options.now ?? Date.now;
  const seconds = options.minutes * 60;
  const key = await crypto.subtle.importKey(
    "raw",
    deriveKey(options.secretKey, "access token"),
    { name: "HMAC", hash: "SHA-256" },
    false,
    ["sign", "verify"],
  );
  return {
    seconds,
    issue(caller) {
      const issuedAt = Math.floor(now() / 1000);
      return new SignJWT({ sid: caller.sessionId, role: caller.role })
        .setProtectedHeader({ alg: algorithm, typ: type })
        .setIssuer(issuer)
        .setAudience(audience)
        .setSubject(String(caller.id))
        .setJti(randomUUID())
        .setIssuedAt(issuedAt)
        .setExpirationTime(issuedAt + seconds)
        .sign(key);
    },
    async verify(token) {
      if (token.length > longest || !shape.test(token)) return undefined;
      try {
        const { payload } = await jwtVerify(token, key, {
          algorithms: [algorithm],
          issuer,
          audience,
          typ: type,
          requiredClaims: ["exp", "iat", "sub", "jti", "sid", "role"],
          // Also refuses what claims to have been issued in the future.
          maxTokenAge: seconds,
          clockTolerance: leewaySeconds,
          currentDate: new Date(now()),
        });
        return read(payload);
      } catch {
        // Whatever is wrong with it, the client is told one thing: the token is not good.
        return undefined;
      }
    },
  };
}

function read({ sub, sid, role, jti, exp = 0 }: JWTPayload): VerifiedToken | undefined {
  const id = typeof sub === "string" && /^[1-9]\d{0,15}$/.test(sub) ? Number(sub) : Number.NaN;
  if (!Number.isSafeInteger(id)) return undefined;
  if (typeof sid !== "string" || !uuid.test(sid)) return undefined;
  if (typeof jti !== "string" || jti === "") return undefined;
  if (typeof role !== "string" || !Object.hasOwn(Role, role)) return undefined;
  const caller = Object.freeze({ id, role: role as Role, sessionId: sid });
  return { caller, expiresAt: (exp + leewaySeconds) * 1000 };
}
