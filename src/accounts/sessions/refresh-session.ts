// The exchange of a refresh token for the next one, whoever sends it: a client, a cookie or an OAuth form.
import type { Call, Caller } from "../../call.js";
import type { Tokens } from "../../gen/lyceum/v1/auth.js";
import { invalidRefreshToken } from "../challenge.js";
import type { Queries } from "../../platform/database/database.js";
import { type SessionDeps, tokensOf } from "./begin-session.js";
import type { RefreshTokenPlace } from "./refresh-tokens.js";
import type { Revocations } from "./revocations.js";
import { rotateSession } from "./store.js";

export interface RefreshDeps extends SessionDeps {
  readonly revocations: Pick<Revocations, "add">;
}

/** A session that goes on. */
export interface RefreshedSession {
  readonly caller: Caller;
  readonly tokens: Tokens;
}

/** The part of a call that a refresh needs. */
export type RefreshCall = Pick<Call, "database" | "log" | "client" | "user" | "requestId">;

/**
 * Exchanges a refresh token. The same one within 30 seconds, while the next is unused, gives the same next one; any other second use
 * ends the session, and is logged. Throws INVALID_REFRESH_TOKEN, and MFA_REQUIRED when a second factor was due.
 */
export async function refreshSession(
  deps: RefreshDeps,
  call: RefreshCall,
  refreshToken: string,
): Promise<RefreshedSession> {
  const place = await deps.refreshTokens.read(refreshToken);
  const rotation = place && (await rotate(deps, call, place));
  if (!place || !rotation) throw invalidRefreshToken();
  const { user_id: id, role, generation, is_revoked, mustEnrol } = rotation;
  if (is_revoked) {
    deps.revocations.add(place.sessionId);
    const { address, userAgent } = call.client;
    call.log.warn(
      { user_id: id, address, user_agent: userAgent },
      "A refresh token was used twice; its session has ended",
    );
    throw invalidRefreshToken();
  }
  const caller: Caller = { id, role, sessionId: place.sessionId, means: "bearer", mustEnrol };
  return { caller, tokens: await tokensOf(deps, caller, generation) };
}

/** Where a second factor may be due, the token is used up only when it is not. */
function rotate(deps: RefreshDeps, call: RefreshCall, place: RefreshTokenPlace) {
  const within = async (queries: Queries) => {
    const rotation = await rotateSession(queries, place, deps, call);
    if (!rotation || rotation.is_revoked) return rotation && { ...rotation, mustEnrol: false };
    const user = { id: rotation.user_id, role: rotation.role };
    return { ...rotation, mustEnrol: await deps.mfaPolicy.mustEnrol(queries, user) };
  };
  return deps.mfaPolicy.isOn ? call.database.transaction(within) : within(call.database);
}
