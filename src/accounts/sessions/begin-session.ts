// The beginning of a session, however a person has shown who they are, and the tokens of a session.
import type { Call, Caller } from "../../call.js";
import type { Tokens } from "../../gen/lyceum/v1/auth.js";
import { recordAudit } from "../../platform/audit/audit.js";
import type { AccessTokens } from "./access-tokens.js";
import type { RefreshTokens } from "./refresh-tokens.js";
import { insertSession } from "./store.js";

export interface SessionDeps {
  readonly accessTokens: AccessTokens;
  readonly refreshTokens: RefreshTokens;
  readonly refreshTokenDays: number;
}

/** Who begins a session, and on what. */
export interface Beginning {
  readonly userId: number;
  /** How the person has shown who they are, for the audit: `password`, `passkey`. */
  readonly by: string;
  /** The name that the client gives its device; absent or empty for none. */
  readonly deviceName?: string | undefined;
}

/** Begins a session and returns its tokens; undefined when the account has ended, or may not begin one. */
export async function beginSession(
  deps: SessionDeps,
  call: Call,
  { userId: id, by, deviceName = "" }: Beginning,
): Promise<Tokens | undefined> {
  const { address, userAgent } = call.client;
  const session = await call.database.transaction(async (queries) => {
    const begun = await insertSession(queries, id, deps.refreshTokenDays, { deviceName, userAgent, address });
    if (begun)
      await recordAudit(queries, call, {
        action: `session.begin_with_${by}`,
        actorId: id,
        target: ["session", begun.number],
      });
    return begun;
  });
  return session && tokensOf(deps, { id, role: session.role, sessionId: session.id, means: "bearer" }, 1);
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
