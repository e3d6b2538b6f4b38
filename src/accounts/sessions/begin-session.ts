// The beginning of a session, however a person has shown who they are, and the tokens of a session.
import type { Call, Caller } from "../../call.js";
import { ApiError } from "../../errors.js";
import type { Tokens } from "../../gen/lyceum/v1/auth.js";
import type { User } from "../../gen/lyceum/v1/user.js";
import { recordAudit } from "../../platform/audit/audit.js";
import type { Queries } from "../../platform/database/database.js";
import type { AccessTokens } from "./access-tokens.js";
import type { RefreshTokens } from "./refresh-tokens.js";
import { crossSiteRequest } from "../challenge.js";
import { holdCredential } from "../store.js";
import type { SessionCookie } from "./session-cookie.js";
import { insertSession, isSuspended, type SessionLifetime } from "./store.js";

export interface SessionDeps extends SessionLifetime {
  readonly accessTokens: AccessTokens;
  readonly refreshTokens: RefreshTokens;
  readonly cookie: SessionCookie;
  readonly mfaPolicy: {
    /** Whether there is a role that needs a second factor. */
    readonly isOn: boolean;
    /** Whether a session of this user can do nothing but set up a second factor. Throws MFA_REQUIRED when the time for that is over. */
    mustEnrol(queries: Queries, user: Pick<User, "id" | "role">): Promise<boolean>;
  };
}

/** What a client asks of the session that it begins. */
export interface SessionWishes {
  /** The name that the client gives its device; absent or empty for none. */
  readonly deviceName?: string | undefined;
  /** Whether the tokens go into the cookie of a browser, and not into the answer. */
  readonly cookie?: boolean | undefined;
}

/** Who begins a session, and on what. */
export interface Beginning extends SessionWishes {
  readonly userId: number;
  /** How the person has shown who they are, for the audit: `password`, `passkey`. */
  readonly by: string;
  /** The generation of the password that was right; a later one begins no session. Absent where no password was asked for. */
  readonly passwordGeneration?: number;
  /** Whether the session may begin, by statements of its transaction, which is committed in either case. */
  readonly permits?: (queries: Queries) => Promise<boolean>;
}

/**
 * Throws CROSS_SITE_REQUEST where a page of another origin may have asked for a cookie: it would log its visitor in as somebody else.
 */
export function requireOwnPage({ client }: Pick<Call, "client">, { cookie = false }: SessionWishes): void {
  if (cookie && client.isCrossSite) throw crossSiteRequest();
}

/**
 * Begins a session and returns its tokens, or for a cookie only their lifetime; undefined when the account has ended, or may not begin
 * one. Throws ACCOUNT_SUSPENDED for a person who is suspended, whose proof was right, MFA_REQUIRED when a second factor was due, and
 * CROSS_SITE_REQUEST as `requireOwnPage`.
 */
export async function beginSession(
  deps: SessionDeps,
  call: Call,
  { userId: id, by, deviceName = "", cookie = false, passwordGeneration, permits }: Beginning,
): Promise<Tokens | undefined> {
  requireOwnPage(call, { cookie });
  const { address, userAgent } = call.client;
  const session = await call.database.transaction(async (queries) => {
    await holdCredential(queries, id);
    if (permits && !(await permits(queries))) return undefined;
    const device = { deviceName, userAgent, address };
    const days = Math.min(deps.refreshTokenDays, deps.sessionDays);
    const begun = await insertSession(queries, id, days, device, passwordGeneration);
    const act = { action: `session.begin_with_${by}`, actorId: id } as const;
    if (begun) {
      await recordAudit(queries, call, { ...act, target: ["session", begun.number] });
      return { ...begun, mustEnrol: await deps.mfaPolicy.mustEnrol(queries, { id, role: begun.role }) };
    }
    if (!(await isSuspended(queries, id))) return undefined;
    await recordAudit(queries, call, { ...act, outcome: "failure" });
    return "suspended";
  });
  if (session === "suspended")
    throw new ApiError("ACCOUNT_SUSPENDED", "The account is suspended; ask those who run the school");
  if (!session) return undefined;
  const { role, id: sessionId, mustEnrol } = session;
  const tokens = await tokensOf(deps, { id, role, sessionId, means: "bearer", mustEnrol }, 1);
  if (!cookie) return tokens;
  deps.cookie.set(call.headers, tokens);
  return { expires_in: deps.accessTokens.seconds };
}

/** The tokens of a session at a generation. */
export async function tokensOf(deps: SessionDeps, caller: Caller, generation: number): Promise<Tokens> {
  return {
    access_token: await deps.accessTokens.issue(caller),
    refresh_token: deps.refreshTokens.write({ sessionId: caller.sessionId, generation }),
    token_type: "bearer",
    expires_in: deps.accessTokens.seconds,
  };
}
