// Access tokens: JWTs with the caller and the session (RFC 7519; type of RFC 9068; rules of RFC 8725). Knows no
// request, no revocation and no database.
import { randomUUID } from "node:crypto";
import type { JWTPayload } from "jose";
import { SignJWT } from "jose/jwt/sign";
import { jwtVerify } from "jose/jwt/verify";
import type { Caller } from "../../call.js";
import { Role } from "../../gen/lyceum/v1/user.js";
import type { SigningKey, SigningKeys } from "../signing-keys/signing-keys.js";

/** A valid token. */
export interface VerifiedToken {
  readonly caller: Caller;
  /** The number of the key that has signed it. */
  readonly keyId: number;
  /** The moment from which on it is no longer valid, in milliseconds since 1970. */
  readonly expiresAt: number;
}

export interface AccessTokens {
  /** Whether tokens of the key with this number are valid. */
  hasKey(keyId: number): boolean;
  /** The lifetime of a token in seconds. */
  readonly seconds: number;
  /** A new token for this caller. */
  issue(caller: Caller): Promise<string>;
  /** The caller of the token; undefined when it is malformed, forged, expired or made for another purpose. */
  verify(token: string): Promise<VerifiedToken | undefined>;
}

export interface AccessTokenOptions {
  readonly keys: SigningKeys;
  readonly minutes: number;
  /** Milliseconds since 1970; Date.now when absent. */
  readonly now?: () => number;
}

const algorithm = "HS256";
const issuer = "lyceum";
const audience = "lyceum";
const type = "at+jwt";
/** The greatest difference between the clocks of two servers of one installation. */
const leewaySeconds = 5;

// A token has about 350 characters. The 43rd character of a signature of 32 bytes encodes four bits and two unused
// ones: the pattern accepts only the encoding with zeros in the unused bits.
const longest = 1024;
const shape = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/;
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Issues and verifies access tokens. */
export function createAccessTokens(options: AccessTokenOptions): AccessTokens {
  const now = options.now ?? Date.now;
  const seconds = options.minutes * 60;
  const { keys } = options;
  return {
    seconds,
    hasKey: (keyId) => keys.has(keyId),
    issue(caller) {
      const key = keys.newest();
      const issuedAt = Math.floor(now() / 1000);
      return new SignJWT({ sid: caller.sessionId, role: caller.role, ...(caller.mustEnrol && { enrol: true }) })
        .setProtectedHeader({ alg: algorithm, typ: type, ...kidOf(key) })
        .setIssuer(issuer)
        .setAudience(audience)
        .setSubject(String(caller.id))
        .setJti(randomUUID())
        .setIssuedAt(issuedAt)
        .setExpirationTime(issuedAt + seconds)
        .sign(key.access);
    },
    async verify(token) {
      if (token.length > longest || !shape.test(token)) return undefined;
      try {
        const { payload, protectedHeader } = await jwtVerify(token, ({ kid }) => keyNamed(kid, keys), {
          algorithms: [algorithm],
          issuer,
          audience,
          typ: type,
          requiredClaims: ["exp", "iat", "sub", "jti", "sid", "role"],
          // Also rejects a token that was issued in the future.
          maxTokenAge: seconds,
          clockTolerance: leewaySeconds,
          currentDate: new Date(now()),
        });
        return read(payload, Number(protectedHeader.kid ?? 0), seconds);
      } catch {
        // The client does not learn what is wrong with the token.
        return undefined;
      }
    },
  };
}

/** The header parameter that names a key (RFC 7515, section 4.1.4). */
function kidOf({ id }: SigningKey): { kid?: string } {
  return id === 0 ? {} : { kid: String(id) };
}

async function keyNamed(kid: unknown, keys: SigningKeys): Promise<SigningKey["access"]> {
  const isNumber = typeof kid === "string" && /^[1-9]\d{0,14}$/.test(kid);
  if (kid !== undefined && !isNumber) throw new Error("the header names no key");
  const key = await keys.find(Number(kid ?? 0));
  if (!key) throw new Error("there is no such key");
  return key.access;
}

/** What the claims say; undefined when one of them is nothing that `issue` writes, such as an exp of 1e999. */
function read(
  { sub, sid, role, enrol, jti, iat, exp, nbf }: JWTPayload,
  keyId: number,
  seconds: number,
): VerifiedToken | undefined {
  const id = typeof sub === "string" && /^[1-9]\d{0,15}$/.test(sub) ? Number(sub) : Number.NaN;
  if (!Number.isSafeInteger(id)) return undefined;
  if (typeof sid !== "string" || !uuid.test(sid)) return undefined;
  if (typeof jti !== "string" || jti === "") return undefined;
  if (typeof role !== "string" || !Object.hasOwn(Role, role)) return undefined;
  if (enrol !== undefined && enrol !== true) return undefined;
  if (!isMoment(iat) || !isMoment(exp) || exp <= iat || (nbf !== undefined && !isMoment(nbf))) return undefined;
  const mustEnrol = enrol === true && { mustEnrol: true };
  const caller: Caller = Object.freeze({ id, role: role as Role, sessionId: sid, means: "bearer", ...mustEnrol });
  // A token that was issued with a longer lifetime than that of today ends with the latter.
  return { caller, keyId, expiresAt: (Math.min(exp, iat + seconds) + leewaySeconds) * 1000 };
}

/** Whether a NumericDate is a whole second of the years 1970 to 9999. */
function isMoment(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) < 253_402_300_800;
}
